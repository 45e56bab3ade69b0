import JMESPath
import Testing

@Suite("Syntax errors", .timeLimit(.minutes(1)))
struct SyntaxErrorTests {
    @Test(
        "what isn't an expression is refused",
        arguments: [
            "", " ", ".", "a.", ".a", "a..b", "a b", "a.b c", "(a", "a)", "()", "(a]",
            "[", "]", "a[", "a[0", "a]", "a[b]", "a[b, c]", "a[0, 1]", "a[-]", "a[1.5]", "a[0][", "[0, 1]", "[a,]", "[,a]", "[a b]", "[]a", "a.[]",
            "a.[0]", "a[*]b", "a[*", "a[ ?b]", "a[?b", "a[?]", "[*][a, b]", "[1:2:3:4]", "[1 2]", "[a:b]", "[:1", "[1:2 3]",
            "*a", "**", "a.*b", "a*", "a.1", "1", "-1", "a.'b'", "a.`1`", "a.@", "a.(b)", "a.!b", "@a", "@(a)", "@@",
            "{", "}", "{}", "a{b: c}", "{a}", "{a:}", "{a: b,}", "{a: b c: d}", "{`1`: a}", "{'a': b}", "{1: a}", "{a: b", "a.{}", "{&a: b}",
            "a ||", "|| a", "a | | b", "a &&", "&& a", "a & b", "a | ", "a || || b", "!", "a !", "a ! b", "!=", "a ==", "== a", "a = b", "a <> b", "a === b",
            "&a", "a[&b]", "[&a]", "a | &b", "sort_by(a, &)", "sort_by(a, &&b)", "sort_by(a, (&b))",
            "length(", "length(a", "length(a,)", "length(,a)", "length(a b)", "length(a]", "\"length\"(a)", "a.b.\"length\"(c)", "length)a(",
            "\"a", "'a", "`1", "'a\\'", "`\"a\\``", "\"a\\\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"a\nb\"",
            "``", "` `", "`a`", "`foo bar`", "`'a'`", "`01`", "`1 2`", "`[1,]`", "`{a: 1}`", "`\"\\ud800\"`", "`1e999`", "`NaN`", "`\"`",
            "#", "a#b", "a^b", "a%b", "a+b", "a-b", "a/b", "a;b", "$", "a\\b", "é", "a\u{0}b", "a\u{a0}b", "~a", "a?b", "?a",
        ])
    func refused(text: String) throws {
        let error = try #require(failure(text))
        #expect(error.code == .syntax, "\(error)")
        let offset = try #require(error.offset)
        #expect((0...text.utf8.count).contains(offset))
        #expect(error.text == text)
        #expect(!error.message.isEmpty)
    }

    @Test("the offset and the excerpt show the place")
    func excerpt() throws {
        let error = try #require(failure("people[?age > `18`].name]"))
        #expect(error.offset == 24)
        #expect(error.excerpt == "people[?age > `18`].name]\n                        ^")
        #expect(error.description == "syntax: ']' can't be here; expected an operator or the end\n\(error.excerpt ?? "")")
        #expect(failure("\"é✓\".a..b")?.excerpt == "\"é✓\".a..b\n       ^")
        #expect(failure("a ||\n  b c ||\n d")?.excerpt == "  b c ||\n    ^")
        #expect(failure("a |")?.excerpt == "a |\n   ^")
        let long = String(repeating: "a.", count: 100) + "#" + String(repeating: ".b", count: 100)
        let shown = try #require(failure(long)?.excerpt?.split(separator: "\n"))
        #expect(shown[0].count == 80 && shown[1].count == 41)
        #expect(shown[0].dropFirst(40).first == "#")
    }

    @Test(
        "messages say what to do",
        arguments: [
            ("a = b", "write '=='"), ("a-b", "needs double quotes"), ("`abc`", "`\"text\"` or 'text'"), ("&a", "only for arguments"),
            ("\"length\"(a)", "without quotes"), ("a[b, c]", "'.[a, b]'"), ("", "'@' is the whole value"), ("(a", "expected ')'"),
            ("{a: b,}", "'{name: expression}'"), ("[1:2:3:4]", "[start:stop:step]"), ("'a", "expected '"), ("é", "'é' can't be here"),
        ])
    func remedies(text: String, part: String) throws {
        let message = try #require(failure(text)).message
        #expect(message.contains(part), "\(message)")
    }
}
