import JSONSchema
import Testing

@Suite("Hostile schemas and instances", .timeLimit(.minutes(1)))
struct HostileTests {
    /// `a0` applies `a1` twice, that one `a2` twice, and so on: 2^length paths.
    static func doubling(_ length: Int, copies: Int = 2) -> String {
        let reference = { (index: Int) in ##"{"$ref":"#/definitions/a\##(index)"}"## }
        let steps = (0..<length).map { index in
            #""a\#(index)":{"allOf":[\#(Array(repeating: reference(index + 1), count: copies).joined(separator: ","))]}"#
        }
        return #"{"allOf":[\#(reference(0))],"definitions":{\#(steps.joined(separator: ",")),"a\#(length)":{"type":"integer"}}}"#
    }

    @Test(
        "a schema that applies itself to the same value is refused",
        arguments: [
            ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"}]}"##, ##"{"not":{"$ref":"#"}}"##, ##"{"if":{"$ref":"#"}}"##,
            ##"{"dependencies":{"a":{"$ref":"#"}}}"##,
            ##"{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"anyOf":[true,{"$ref":"#/definitions/a"}]}},"items":{"$ref":"#/definitions/a"}}"##,
        ])
    func endless(_ schema: String) {
        #expect(refusal(schema)?.code == .invalidSchema)
        #expect(refusal(schema)?.message.contains("never ends") == true)
    }

    @Test("work that grows exponentially is cut off")
    func exponential() throws {
        #expect(refusal(try Schema(Self.doubling(40).utf8), "1")?.code == .limitExceeded)
        #expect(try violations(Self.doubling(10), "1") == [])
    }

    @Test("a chain of references as long as the schema overflows no stack")
    func longChain() throws {
        #expect(refusal(try Schema(Self.doubling(3000, copies: 1).utf8), "1")?.code == .limitExceeded)
        #expect(try violations(Self.doubling(200, copies: 1), "1") == [])
    }

    @Test("the depth of schema and instance is bounded")
    func depth() throws {
        let nested = { (open: String, count: Int, close: String) in
            String(repeating: open, count: count) + "true" + String(repeating: close, count: count)
        }
        #expect(refusal(nested(#"{"not":"#, 100, "}")) == nil)
        #expect(refusal(nested(#"{"not":"#, 100_000, "}"))?.code == .limitExceeded)
        let schema = try Schema(##"{"items":{"anyOf":[{"$ref":"#"}]}}"##.utf8)
        #expect(try schema.validate(Array(nested("[", 128, "]").utf8)) == [])
        #expect(refusal(schema, nested("[", 129, "]"))?.code == .limitExceeded)
        #expect(refusal(schema, String(repeating: "[", count: 1_000_000))?.code == .limitExceeded)
    }

    @Test("patterns take time linear in the text")
    func patterns() throws {
        let long = String(repeating: "a", count: 200_000)
        for pattern in ["^(a+)+$", "^(a|a)*$", "(a*)*b", "^(a|b|ab)*c"] {
            _ = try violations(#"{"pattern":"\#(pattern)"}"#, "\"\(long)!\"")
        }
        #expect(try violations(#"{"pattern":"^(a|b)*$"}"#, "\"\(long)\"") == [])
    }

    @Test("a pattern that would take much memory is refused with the remedy")
    func largePattern() {
        for pattern in ["((a{0,100}){0,100}){0,100}", "(.{0,30}){0,30}", "^.{1,100000}$"] {
            #expect(refusal(#"{"pattern":"\#(pattern)"}"#)?.code == .limitExceeded)
            #expect(refusal(#"{"pattern":"\#(pattern)"}"#)?.message.contains("maxLength") == true)
        }
        let many = (0..<300).map { #""^p\#($0)":true"# }.joined(separator: ",")
        #expect(refusal(#"{"patternProperties":{\#(many)}}"#)?.code == .limitExceeded)
    }

    @Test("uniqueItems does not compare each item with each other")
    func uniqueItems() throws {
        let numbers = "[" + (0..<100_000).map(String.init).joined(separator: ",")
        #expect(try violations(#"{"uniqueItems":true}"#, numbers + "]") == [])
        #expect(try violations(#"{"uniqueItems":true}"#, numbers + ",7.0]") == ["/100000: equals item 7; items must be unique"])
    }

    @Test("a schema is bounded in size and in parts")
    func size() {
        #expect(refusal(#"{"title":"\#(String(repeating: "a", count: 262_000))"}"#) == nil)
        #expect(refusal(#"{"title":"\#(String(repeating: "a", count: 262_144))"}"#)?.code == .limitExceeded)
        let parts = Array(repeating: "{}", count: 20_000).joined(separator: ",")
        #expect(refusal(#"{"anyOf":[\#(parts)]}"#)?.code == .limitExceeded)
        #expect(refusal(##"{"$id":"http://\##(String(repeating: "a", count: 2000))"}"##)?.code == .limitExceeded)
    }

    @Test("a wide instance against a wide schema is cut off")
    func wide() throws {
        let names = (0..<10_000).map { "\"r\($0)\"" }.joined(separator: ",")
        let schema = try Schema(#"{"items":{"not":{"required":[\#(names)]}}}"#.utf8)
        let instance = "[" + Array(repeating: "{}", count: 10_000).joined(separator: ",") + "]"
        #expect(refusal(schema, instance)?.code == .limitExceeded)
    }

    @Test("a byte order mark is no part of JSON")
    func byteOrderMark() throws {
        #expect(refusal("\u{FEFF}true")?.code == .malformed)
        #expect(refusal(try Schema("true".utf8), "\u{FEFF}1")?.code == .malformed)
    }
}
