import JMESPath
import Testing

@Suite("Fields", .timeLimit(.minutes(1)))
struct FieldTests {
    @Test(
        "names select fields, and what isn't there is null",
        arguments: [
            Case("a", on: #"{"a":1}"#, gives: "1"),
            Case("a.b.c", on: #"{"a":{"b":{"c":true}}}"#, gives: "true"),
            Case("a . b", on: #"{"a":{"b":2}}"#, gives: "2"),
            Case("a\n.b\t", on: #"{"a":{"b":2}}"#, gives: "2"),
            Case("_a1.B_2", on: #"{"_a1":{"B_2":"x"}}"#, gives: #""x""#),
            Case("missing", on: #"{"a":1}"#, gives: "null"),
            Case("a.missing.deeper", on: #"{"a":1}"#, gives: "null"),
            Case("a", on: "[1]", gives: "null"),
            Case("a", on: #""a""#, gives: "null"),
            Case("a", on: "null", gives: "null"),
            Case("true", on: #"{"true":"a field"}"#, gives: #""a field""#),
            Case("null", on: "{}", gives: "null"),
            Case("length", on: #"{"length":5}"#, gives: "5"),
        ])
    func names(_ test: Case) throws { try test.check() }

    @Test(
        "quoted names have any characters, and JSON's escapes",
        arguments: [
            Case(#""with space""#, on: #"{"with space":1}"#, gives: "1"),
            Case(#""a.b"."c-d""#, on: #"{"a.b":{"c-d":1}}"#, gives: "1"),
            Case(#""\"\\\/""#, on: #"{"\"\\/":1}"#, gives: "1"),
            Case(#""\n\t\r\b\f""#, on: #"{"\n\t\r\b\f":1}"#, gives: "1"),
            Case(#""\u00e9""#, on: #"{"é":1}"#, gives: "1"),
            Case(#""\ud834\udd1e""#, on: #"{"𝄞":1}"#, gives: "1"),
            Case(#""☯""#, on: #"{"☯":1}"#, gives: "1"),
            Case(#""""#, on: #"{"":1}"#, gives: "1"),
            Case(#"{"x y": a}"#, on: #"{"a":1}"#, gives: #"{"x y":1}"#),
        ])
    func quoted(_ test: Case) throws { try test.check() }

    @Test("names are the same when their code points are, not when they look alike")
    func codePoints() throws {
        let value = Value.object(["e\u{301}": 1, "\u{e9}": 2])
        #expect(try Expression("\"e\u{301}\"").evaluate(value) == 1)
        #expect(try Expression("\"\u{e9}\"").evaluate(value) == 2)
        #expect(try Expression("keys(@)").evaluate(value) == ["e\u{301}", "\u{e9}"])
    }

    @Test(
        "'@' is the current value",
        arguments: [
            Case("@", on: "[1]", gives: "[1]"),
            Case("@.a", on: #"{"a":1}"#, gives: "1"),
            Case("a[?@ > `1`]", on: #"{"a":[1,2]}"#, gives: "[2]"),
            Case("a.to_array(@)", on: #"{"a":1}"#, gives: "[1]"),
        ])
    func current(_ test: Case) throws { try test.check() }
}
