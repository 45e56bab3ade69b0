import Testing

@testable import BatonModel

@Suite("Graph documents in YAML", .timeLimit(.minutes(1)))
struct GraphYAMLTests {
    private func inputs(_ text: String) throws -> String? {
        try GraphReader.read(yaml: "name: g\ntasks:\n  - id: a\n    handler: h\n    inputs: \(text)\n").tasks[0].inputs?.description
    }

    @Test("plain values are what YAML 1.2 takes them for; quoted and tagged ones are texts")
    func values() throws {
        for (text, expected) in [
            ("{a: true, b: False, c: yes, d: no, e: on}", #"{"a":true,"b":false,"c":"yes","d":"no","e":"on"}"#),
            ("{a: 1, b: -2, c: 1.50, d: 1e3, e: 0x1F, f: +1}", #"{"a":1,"b":-2,"c":1.50,"d":1e3,"e":31,"f":1}"#),
            ("[~, null, '', \"\"]", #"[null,null,"",""]"#), ("['1', \"true\", !!str 42, ! 7]", #"["1","true","42","7"]"#),
            ("[2026-12-01T08:00:00Z, 30s, 1.2.3, -, a b]", nil), ("[30s, 1.2.3, -x, a b, é]", #"["30s","1.2.3","-x","a b","é"]"#),
            ("12345678901234567890123", "12345678901234567890123"), ("{1: x, true: y}", #"{"1":"x","true":"y"}"#),
        ] as [(String, String?)] {
            if let expected { #expect(try inputs(text) == expected) } else { _ = try? inputs(text) }
        }
        #expect(try inputs("|\n      two\n      lines\n") == #""two\u000alines\u000a""#)
    }

    @Test("errors have the same paths as in JSON")
    func paths() {
        let text = "name: g\nnmae: x\ntasks:\n  - id: a\n    handler: h\n    priority: 7\n  - id: b\n    handler: h\n    dependencies: [c]\n"
        #expect(Set(problems(yaml: text).map(\.path)) == ["nmae", "tasks[0].priority", "tasks[1].dependencies[0]"])
    }

    @Test(
        "what can't be read is refused with words, not a crash",
        arguments: [
            "", "# nothing", "a: b: c", "[", "{a: 1", "\"x", "a: *b", "name: g\nname: h", "--- a\n--- b", "\t- x", "%YAML 9.9\n--- x", "- 1", "text",
            "? [a]\n: 1", "a: !!binary x", "name: g\ntasks: [{id: a, handler: h, inputs: {x: .nan}}]", "&a [*a]", "\u{0}", "a: .inf",
        ])
    func refused(text: String) {
        #expect(!problems(yaml: text).isEmpty)
        #expect(problems(yaml: text).allSatisfy { !$0.message.isEmpty })
    }

    @Test("bytes that aren't UTF-8 are refused")
    func invalidUTF8() {
        #expect(throws: InvalidGraph.self) { try GraphReader.read(document: [0x6E, 0xFF]) }
        #expect(throws: InvalidGraph.self) { try GraphReader.read(document: []) }
    }

    @Test("aliases are expanded")
    func aliases() throws {
        let text = "name: g\ntasks:\n  - {id: a, handler: h, retry: &r {maxAttempts: 7}}\n  - {id: b, handler: h, retry: *r, dependencies: [a]}\n"
        #expect(try GraphReader.read(yaml: text).tasks[1].retry?.maxAttempts == 7)
    }

    @Test("a filter in a text beside an alias is no name")
    func filters() throws {
        let text = "name: g\ntasks:\n  - {id: a, handler: h, params: &p {f: \"[?price > `5`]\"}}\n  - {id: b, handler: h, params: *p}\n"
        #expect(try GraphReader.read(yaml: text).tasks[1].params == GraphReader.read(yaml: text).tasks[0].params)
    }

    /// Two to the power of `levels` values in `levels` lines.
    private func bomb(_ levels: Int) -> String {
        (1...levels).reduce("a0: &a0 [x, x]\n") { "\($0)a\($1): &a\($1) [*a\($1 - 1), *a\($1 - 1)]\n" }
    }

    @Test("an alias bomb is refused at the document's limit")
    func aliasBomb() {
        var limits = Limits()
        limits.documentBytes = 100_000
        #expect(problems(yaml: bomb(40), limits: limits)[0].message.contains("documentBytes"))
    }

    @Test(
        "an alias bomb as a name is refused before it is expanded",
        arguments: ["? *a40\n: 1\n", "? [*a40]\n: 1\n", "x: {*a40 : 1}\n", "x: {[*a40]: 1}\n", "*a40 : 1\n", "x: {?*a40 : 1}\n", "x: {?[*a40]}\n", "{a: *a40} : 1\n", "[*a40]\t: 1\n"])
    func bombInName(text: String) {
        #expect(problems(yaml: bomb(40) + text).count == 1)
    }

    @Test("deep nesting is an error", arguments: ["[", "{a: ", "- ", "[[], "])
    func nesting(open: String) {
        #expect(problems(yaml: String(repeating: open, count: 20_000)).count == 1)
        let text = "name: g\ninput: " + String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(problems(yaml: text).count == 1)
    }

    @Test("an error in a long line quotes only its beginning")
    func longLine() throws {
        let problem = try #require(problems(yaml: "name: g\ninput: {\"a\": " + String(repeating: "[\"x\"] ", count: 100_000)).first)
        #expect(problem.message.hasPrefix("the document is not YAML: "))
        #expect(problem.message.utf8.count < 2100)
    }
}
