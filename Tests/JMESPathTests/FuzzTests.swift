import JMESPath
import Testing

@Suite("Random input", .timeLimit(.minutes(1)))
struct FuzzTests {
    private static let expressions = [
        "people[?age >= `18` && !(name == 'x')].{n: name, first: tags[0]} | sort_by(@, &n)[::-1]",
        "*.[a, \"b c\", `{\"x\": [1, 2.5e3]}`][] | join(', ', map(&to_string(@), @))",
        "not_null(a.b[-1], [1:5:2], @) == merge({a: a}, `{}`) || max_by(c, &d.e) != 'it\\'s'",
        "a[*].b[?c][0].d.*.e[] | contains(keys(@), \"\\u00e9\") && reverse(values(@)) < sum(`[1]`)",
    ]
    private static let document =
        #"{"people":[{"name":"é","age":18,"tags":["t"]},{"name":"x","age":1e2}],"a":{"b":[1,-2.5,null],"b c":"\ud834\udd1e"},"c":[{"d":{"e":1}}]}"#

    /// A text with some of its bytes changed, removed, repeated, or taken from elsewhere.
    private func mutated(_ text: String, _ generator: inout SeededGenerator) -> [UInt8] {
        let interesting = Array("[]{}()*?|&!=<>@`'\"\\,:.-09aeu \n\u{0}\u{e9}".utf8) + [0xFF, 0x80]
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = interesting.randomElement(using: &generator) ?? 0
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(interesting.randomElement(using: &generator) ?? 0, at: place)
            case 3: bytes.removeSubrange(place..<min(place + Int.random(in: 1...20, using: &generator), bytes.count))
            default: bytes.insert(contentsOf: bytes[place..<min(place + 10, bytes.count)], at: Int.random(in: 0...bytes.count, using: &generator))
            }
        }
        return bytes
    }

    @Test("mutated expressions either work or give an error with a code and a place in the text", arguments: 0..<4)
    func expressions(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let document = try Value(json: Self.document)
        var compiled = 0
        for _ in 0..<3000 {
            let text = String(decoding: mutated(Self.expressions[seed], &generator), as: UTF8.self)
            do throws(JMESPathError) {
                let expression = try Expression(text, limits: .init(steps: 50_000))
                compiled += 1
                let result = try expression.evaluate(document)
                #expect((try? Value(json: result.json)) == result)
            } catch {
                #expect(!error.description.isEmpty && error.text == text)
                if let offset = error.offset { #expect((0...text.utf8.count).contains(offset)) }
            }
        }
        #expect(compiled > 30)
    }

    @Test("mutated documents are either read, and then written and read the same, or refused with a place", arguments: 0..<4)
    func documents(seed: Int) throws {
        var generator = SeededGenerator(seed: 100 + UInt64(seed))
        let expressions = try Self.expressions.map { try Expression($0, limits: .init(steps: 50_000)) }
        var read = 0
        for _ in 0..<3000 {
            let bytes = mutated(Self.document, &generator)
            do throws(Value.ParseError) {
                let value = try Value(json: bytes)
                read += 1
                #expect((try? Value(json: value.json)) == value)
                for expression in expressions { _ = try? expression.evaluate(value) }
            } catch {
                #expect((0...bytes.count).contains(error.offset) && error.line >= 1 && error.column >= 1)
            }
        }
        #expect(read > 30)
    }

    @Test("expressions put together at random end within their steps")
    func combinations() throws {
        var generator = SeededGenerator(seed: 42)
        let pieces = [
            "a", "[*]", "[]", "*", ".", ".b", "[?", "]", "[0]", "[1:]", "[::-1]", "|", "||", "&&", "==", "<", "!", "(", ")", "@", ",", "[@,@]", "{a:@,b:@}", "`[1,[2]]`",
            "'x'", "to_string(@)", "join('',", "map(&", "sort_by(@,&", "merge(@,@)", "length(", "keys(@)", "values(@)", "reverse(@)", "to_array(@)", "|[@,@]", "|[]", "|to_string(@)",
        ]
        let document = try Value(json: Self.document)
        var evaluated = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let expression = try? Expression(text) else { continue }
            var steps = 20_000
            _ = try? expression.evaluate(document, steps: &steps)
            #expect(steps >= 0)
            evaluated += 1
        }
        #expect(evaluated > 500)
    }
}
