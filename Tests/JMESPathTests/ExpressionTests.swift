import JMESPath
import Testing

@Suite("Expressions", .timeLimit(.minutes(1)))
struct ExpressionTests {
    @Test(
        "references are the top-level fields that are read, or nil for the whole value",
        arguments: [
            ("a", ["a"]), ("a.b.c", ["a"]), ("@.a.b", ["a"]), ("a || b.c && !d", ["a", "b", "d"]), ("a[?b == 'c'].d", ["a"]), ("a | b", ["a"]),
            ("[a, {x: b}]", ["a", "b"]), ("length(a)", ["a"]), ("sort_by(a, &b)", ["a"]), ("map(&@, a)", ["a"]), ("a > b", ["a", "b"]),
            ("`1`", []), ("'a'", []), ("`{\"a\": 1}`.a", []), ("@", nil), ("*", nil), ("[0]", nil), ("[]", nil), ("[*].a", nil),
            ("[?a]", nil), ("a || @", nil), ("length(@)", nil), ("keys(@)[0]", nil), ("map(&a, @)", nil), ("(a.b)[0]", ["a"]), ("a[*].[b, @]", ["a"]),
            ("\"x y\".b", ["x y"]), ("a == @", nil), ("{a: @}", nil), ("[:1]", nil),
        ] as [(String, Set<String>?)])
    func references(text: String, names: Set<String>?) throws {
        #expect(try Expression(text).references == names)
    }

    @Test("an object without the other fields gives the same result")
    func referencesSuffice() throws {
        let whole: Value = ["a": [["b": 1, "c": 2], ["b": 3]], "d": "x", "e": ["f": 1], "g": 9]
        for text in ["a[?b > `1`]", "[d, e.f]", "a[].b | sum(@)", "not_null(x, d)", "{k: a[0].c, l: g}", "e == `{\"f\": 1}` && g"] {
            let expression = try Expression(text)
            let names = try #require(expression.references)
            guard case .object(let fields) = whole else { return }
            let part = Value.object(Value.Object(fields.filter { names.contains($0.name) }.map { ($0.name, $0.value) }))
            #expect(try expression.evaluate(part) == expression.evaluate(whole))
        }
    }

    @Test("expressions are equal by text and limits, and can be used from many tasks")
    func sharing() async throws {
        let expression = try Expression("[?@ > `2`] | length(@)")
        #expect(try expression == Expression("[?@ > `2`] | length(@)"))
        #expect(try expression != Expression("[?@ > `2`]|length(@)"))
        #expect(try expression != Expression("[?@ > `2`] | length(@)", limits: .init(steps: 5)))
        #expect(try Set([expression, Expression("a"), expression]).count == 2)
        #expect(expression.description == expression.text)
        let results = try await withThrowingTaskGroup { group in
            for count in 0..<20 { group.addTask { try expression.evaluate(.array((0..<count).map { .integer(Int64($0)) })) } }
            return try await group.reduce(into: [Value]()) { $0.append($1) }
        }
        #expect(results.count == 20)
        #expect(Set(results) == Set((0...16).map { Value.integer($0) }))
    }
}
