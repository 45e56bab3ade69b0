import JMESPath
import Testing

@Suite("Operators", .timeLimit(.minutes(1)))
struct OperatorTests {
    static let truth = #"{"t":true,"f":false,"n":null,"zero":0,"es":"","ea":[],"eo":{},"s":"x","a":[0],"o":{"k":0}}"#

    @Test(
        "'||' gives the first truthy operand, '&&' the first falsy one, otherwise the last",
        arguments: [
            Case("t || s", on: truth, gives: "true"),
            Case("f || s", on: truth, gives: #""x""#),
            Case("n || es || ea || eo", on: truth, gives: "{}"),
            Case("zero || s", on: truth, gives: "0"),
            Case("es || a", on: truth, gives: "[0]"),
            Case("eo || o", on: truth, gives: #"{"k":0}"#),
            Case("t && s", on: truth, gives: #""x""#),
            Case("f && s", on: truth, gives: "false"),
            Case("ea && s", on: truth, gives: "[]"),
            Case("zero && s && t", on: truth, gives: "true"),
            Case("missing && s", on: truth, gives: "null"),
            Case("f || n && t || s", on: truth, gives: #""x""#),
            Case("t || f && f", on: truth, gives: "true"),
            Case("(t || f) && f", on: truth, gives: "false"),
            Case("t || abs(s)", on: truth, gives: "true"),
            Case("f && abs(s)", on: truth, gives: "false"),
        ])
    func logic(_ test: Case) throws { try test.check() }

    @Test(
        "'!' negates all that binds more than comparators",
        arguments: [
            Case("!t", on: truth, gives: "false"),
            Case("!missing", on: truth, gives: "true"),
            Case("!zero", on: truth, gives: "false"),
            Case("[!es, !ea, !eo, !n, !f]", on: truth, gives: "[true,true,true,true,true]"),
            Case("!!s", on: truth, gives: "true"),
            Case("!o.k", on: truth, gives: "false"),
            Case("!o.missing", on: truth, gives: "true"),
            Case("!a[0]", on: truth, gives: "false"),
            Case("!a[?@ > `0`]", on: truth, gives: "true"),
            Case("!f == t", on: truth, gives: "true"),
            Case("!f && f", on: truth, gives: "false"),
            Case("!(f && f)", on: truth, gives: "true"),
        ])
    func not(_ test: Case) throws { try test.check() }

    @Test(
        "equality is of any values; order is of two numbers or two strings, otherwise null",
        arguments: [
            Case("`1` == `1.0`", gives: "true"),
            Case("`[1, {\"a\": 2}]` == `[1.0, {\"a\": 2.0}]`", gives: "true"),
            Case("`{\"a\": 1, \"b\": 2}` == `{\"b\": 2, \"a\": 1}`", gives: "true"),
            Case("`0` == `false`", gives: "false"),
            Case("`\"1\"` == `1`", gives: "false"),
            Case("missing == `null`", gives: "true"),
            Case("`[]` != `{}`", gives: "true"),
            Case("`9007199254740993` == `9007199254740992.0`", gives: "false"),
            Case("`9007199254740993` > `9007199254740992.0`", gives: "true"),
            Case("`9223372036854775807` < `9223372036854775808`", gives: "true"),
            Case("`-9223372036854775808` <= `-9223372036854775808.0`", gives: "true"),
            Case("`1` < `1.5`", gives: "true"),
            Case("`-1` > `-1.5`", gives: "true"),
            Case("`2` >= `2.0`", gives: "true"),
            Case("`1e300` > `1`", gives: "true"),
            Case("'a' < 'b'", gives: "true"),
            Case("'B' < 'a'", gives: "true"),
            Case("'\u{ffff}' < '\u{10000}'", gives: "true"),
            Case("'a' <= 'a'", gives: "true"),
            Case("'a' < `1`", gives: "null"),
            Case("`true` > `false`", gives: "null"),
            Case("`[1]` >= `[1]`", gives: "null"),
            Case("missing < `1`", gives: "null"),
            Case("`1` == `1` == `true`", gives: "true"),
            Case("`1` < `2` && `3` > `2` | @", gives: "true"),
        ])
    func comparators(_ test: Case) throws { try test.check() }

    @Test(
        "literals: JSON between backticks, and raw strings",
        arguments: [
            Case("`1`", gives: "1"),
            Case("` [1, {\"a\": null}] `", gives: #"[1,{"a":null}]"#),
            Case(#"`"a\`b"`"#, gives: #""a`b""#),
            Case(#"`"\u00e9\n\\"`"#, gives: #""é\n\\""#),
            Case("`{\"a\": {\"b\": 1}}`.a.b", gives: "1"),
            Case("`[0, 1]`[1]", gives: "1"),
            Case("'text'", gives: #""text""#),
            Case("''", gives: #""""#),
            Case(#"'it\'s'"#, gives: #""it's""#),
            Case(#"'\\'"#, gives: #""\\\\""#),
            Case(#"'\\\''"#, gives: #""\\\\'""#),
            Case(#"'\n\u00e9`"'"#, gives: #""\\n\\u00e9`\"""#),
            Case("'two\nlines'", gives: #""two\nlines""#),
            Case("'𝄞é'", gives: #""𝄞é""#),
        ])
    func literals(_ test: Case) throws { try test.check() }
}
