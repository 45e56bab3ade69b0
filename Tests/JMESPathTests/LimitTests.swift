import JMESPath
import Testing

@Suite("Limits", .timeLimit(.minutes(1)))
struct LimitTests {
    /// How many steps an evaluation takes.
    private func cost(_ expression: String, _ value: Value) throws -> Int {
        var steps = 100_000_000
        _ = try Expression(expression).evaluate(value, steps: &steps)
        return 100_000_000 - steps
    }

    @Test(
        "small expressions that build huge values run out of steps",
        arguments: [
            "|[@,@]", "|[[@,@],[@,@]]", "|{a:@,b:@}", "|[@,@][]", "|[@,@]|to_string(@)", "|[to_string(@),to_string(@)]|join('',@)",
            "|[@,@]|[@==@,@]|[1]", "|map(&[@,@],[@,@])", "|merge({a:@},{b:@})", "|[*].[@,@,@]",
        ])
    func explosions(stage: String) throws {
        // Each starts with an array, and each stage at least doubles what the result is as JSON.
        let text = "[`\"some text\"`, `[1]`]" + String(repeating: stage, count: 40)
        let limits = Expression.Limits(steps: 200_000)
        let error = try #require(throws: JMESPathError.self) { try Expression(text, limits: limits).evaluate([:]) }
        #expect(error.code == .tooComplex)
    }

    @Test("comparing, searching and serialising shared values counts what is looked at, not what is in memory")
    func shared() throws {
        let doubled = "`[1,2]`" + String(repeating: "|[@,@]", count: 30)
        for end in ["|[0]==[1]|[@]", "|to_string(@)|length(@)", "|contains(@,[0])", "|length(to_string(@))", "|[@!=@]"] {
            let error = try #require(throws: JMESPathError.self) { try Expression(doubled + end, limits: .init(steps: 100_000)).evaluate([:]) }
            #expect(error.code == .tooComplex, "\(end)")
        }
        #expect(try Expression(doubled + "|type(@)").evaluate([:]) == "array")
    }

    @Test("what a result repeats counts by its size as JSON")
    func repeatedText() throws {
        let text = Value.string(String(repeating: "x", count: 80_000))
        let items = Value.array(Array(repeating: 1, count: 1000))
        let input: Value = ["text": text, "items": items]
        #expect(throws: JMESPathError.self) { try Expression("{r: items, t: [text, text, text]}", limits: .init(steps: 30_000)).evaluate(input) }
        #expect(throws: JMESPathError.self) {
            try Expression("items[].not_null('\(String(repeating: "y", count: 8000))')", limits: .init(steps: 100_000)).evaluate(input)
        }
        #expect(try Expression("text", limits: .init(steps: 30_000)).evaluate(input) == text)
    }

    @Test("steps shared by evaluations are taken from one budget")
    func sharedBudget() throws {
        let expression = try Expression("[*].a")
        let input = Value.array(Array(repeating: ["a": 1], count: 10))
        var steps = 1000
        _ = try expression.evaluate(input, steps: &steps)
        let cost = 1000 - steps
        #expect(cost >= 10 && cost < 100)
        while steps >= cost { _ = try expression.evaluate(input, steps: &steps) }
        let error = try #require(throws: JMESPathError.self) { try expression.evaluate(input, steps: &steps) }
        #expect(error.code == .tooComplex && steps == 0)
        for extreme in [0, -1, Int.min] {
            var steps = extreme
            #expect(throws: JMESPathError.self) { try expression.evaluate(input, steps: &steps) }
        }
    }

    @Test(
        "the cost is in proportion to the input",
        arguments: [
            "[*]", "[*].a", "[?a].a", "[].b[]", "*", "length(@)", "reverse(@)", "[::-1]", "map(&a, @)", "sum([*].a)", "to_string(@)", "@ == @",
            "contains(@, `7`)", "max_by(@, &a)", "join(',', [*].c)", "[*].{x: a, y: c}", "[?contains(c, 'x')]", "[?c == 'x'] | [0]", "[*].to_number(c)",
        ])
    func linear(expression: String) throws {
        let input = { (count: Int) in
            Value.array((0..<count).map { ["a": .integer(Int64($0)), "b": [1, 2], "c": .string("text \($0 % 10)")] })
        }
        let (small, large) = (try cost(expression, input(1000)), try cost(expression, input(4000)))
        #expect(large <= 4 * small + 100 && large <= 4000 * 40, "\(small) \(large)")
    }

    @Test("sorting costs n log n")
    func sorting() throws {
        var generator = SeededGenerator(seed: 3)
        let input = Value.array((0..<4096).map { _ in .integer(.random(in: 0..<1_000_000, using: &generator)) })
        #expect(try cost("sort(@)", input) <= 4096 * 16)
    }

    @Test("long texts are searched in time proportional to their length")
    func searching() throws {
        let text = String(repeating: "a", count: 200_000)
        let input: Value = ["text": .string(text), "part": .string(text.dropLast(100_000) + "b")]
        #expect(try Expression("contains(text, part)").evaluate(input) == false)
        #expect(try cost("contains(text, part)", input) < 100_000)
    }

    @Test(
        "nesting is limited, in every form",
        arguments: [
            ("(", "a", ")"), ("[", "a", "]"), ("{a:", "a", "}"), ("!", "a", ""), ("not_null(", "a", ")"), ("to_array(", "a", ")"), ("[?", "a", "]"),
            ("map(&", "a", ",@)"), ("a||(", "a", ")"), ("a.[", "a", "]"), ("a.{b:", "c", "}"), ("[*]", "", ""), ("*.", "*", ""), ("a==", "a", ""),
            ("sort_by(", "a", ",&b)"), ("a&&", "a", ""), ("a|", "a", ""), ("a[0].", "a", ""), ("[]", "", ""), ("[0]", "", ""), ("[?a]", "", ""),
        ])
    func nesting(open: String, middle: String, close: String) throws {
        let limits = Expression.Limits(length: 10_000_000)
        for count in [60, 128, 256, 257, 1000, 100_000] {
            let text = String(repeating: open, count: count) + middle + String(repeating: close, count: count)
            do throws(JMESPathError) {
                _ = try Expression(text, limits: limits).evaluate(["a": 1])
            } catch {
                #expect(error.code == .invalidType || ([.syntax, .tooComplex].contains(error.code) && count > 60), "\(error.message) \(count)")
            }
        }
    }

    @Test("rows of operators aren't nesting")
    func rows() throws {
        for (operation, expected) in [("||", "1"), ("&&", "1"), (".", "null"), ("|", "null")] {
            let text = Array(repeating: "a", count: 5000).joined(separator: operation)
            #expect(try search(text, #"{"a":1}"#).description == expected)
        }
        #expect(try search("@" + String(repeating: "[0]", count: 5000), "[[1]]") == nil)
    }

    @Test("wrapping is limited, so that results can be read again")
    func wrapping() throws {
        let deep = { (levels: Int) in "a" + String(repeating: "|[@]", count: levels) }
        #expect(failure(deep(300))?.code == .tooComplex)
        #expect(failure("a" + String(repeating: "|to_array([@])", count: 200))?.code == .tooComplex)
        let input = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        let document = #"{"a":"# + input + "}"
        #expect(failure(deep(100), document)?.code == .tooComplex)
        let result = try search(deep(50), document)
        #expect(try Value(json: result.json) == result)
        // Levels that are taken off again don't count for the result.
        #expect(try search("a" + String(repeating: "|[@]", count: 100) + String(repeating: "|[0]", count: 100), document) == Value(json: input))
    }

    @Test("the text's length is limited")
    func length() throws {
        #expect(failure(String(repeating: "a", count: 65_537))?.code == .tooComplex)
        #expect(try Expression(String(repeating: "a", count: 65_536)).text.utf8.count == 65_536)
        #expect(throws: JMESPathError.self) { try Expression("abc", limits: .init(length: 2)) }
    }
}
