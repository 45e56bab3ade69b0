import JMESPath
import Testing

@Suite("Functions", .timeLimit(.minutes(1)))
struct FunctionTests {
    @Test(
        "of numbers",
        arguments: [
            Case("abs(`-3`)", gives: "3"),
            Case("abs(`-2.5`)", gives: "2.5"),
            Case("abs(`-9223372036854775808`)", gives: "9223372036854775808"),
            Case("ceil(`1.2`)", gives: "2"),
            Case("ceil(`-1.2`)", gives: "-1"),
            Case("ceil(`7`)", gives: "7"),
            Case("ceil(`1e300`)", gives: "1e300"),
            Case("floor(`1.8`)", gives: "1"),
            Case("floor(`-1.2`)", gives: "-2"),
            Case("sum(`[1, 2, 3]`)", gives: "6"),
            Case("sum(`[1, 2.5]`)", gives: "3.5"),
            Case("sum(`[]`)", gives: "0"),
            Case("sum(`[9223372036854775807, 9223372036854775807]`)", gives: "18446744073709551616"),
            Case("sum(`[-9223372036854775808, -1, 0.5]`)", gives: "-9223372036854775808.0"),
            Case("avg(`[1, 2]`)", gives: "1.5"),
            Case("avg(`[2, 4]`)", gives: "3.0"),
            Case("avg(`[]`)", gives: "null"),
        ])
    func numbers(_ test: Case) throws { try test.check() }

    @Test(
        "of text count and order code points",
        arguments: [
            Case("length('')", gives: "0"),
            Case("length('a✓𝄞')", gives: "3"),
            Case("length('e\u{301}')", gives: "2"),
            Case("length('👨‍👩‍👧')", gives: "5"),
            Case("length('a\r\n')", gives: "3"),
            Case("length(`[1, null]`)", gives: "2"),
            Case("length(`{\"a\": 1}`)", gives: "1"),
            Case("reverse('a✓𝄞')", gives: #""𝄞✓a""#),
            Case("reverse(`[1, 2]`)", gives: "[2,1]"),
            Case("starts_with('abc', 'ab')", gives: "true"),
            Case("starts_with('abc', 'b')", gives: "false"),
            Case("starts_with('a', '')", gives: "true"),
            Case("starts_with('\u{e9}', 'e')", gives: "false"),
            Case("starts_with('e\u{301}', 'e')", gives: "true"),
            Case("ends_with('abc', 'bc')", gives: "true"),
            Case("ends_with('bc', 'abc')", gives: "false"),
            Case("contains('abcabd', 'abd')", gives: "true"),
            Case("contains('aabaabaaa', 'aabaaa')", gives: "true"),
            Case("contains('abc', 'ac')", gives: "false"),
            Case("contains('abc', '')", gives: "true"),
            Case("contains('', 'a')", gives: "false"),
            Case("contains('a1', `1`)", gives: "false"),
            Case("contains(`[1, \"a\"]`, `1.0`)", gives: "true"),
            Case("contains(`[[1]]`, `[1]`)", gives: "true"),
            Case("contains(`[1]`, 'a')", gives: "false"),
            Case("join(', ', `[\"a\", \"b\"]`)", gives: #""a, b""#),
            Case("join('-', `[]`)", gives: #""""#),
            Case("join('', `[\"\", \"x\"]`)", gives: #""x""#),
            Case("join('-', `[\"\", \"\"]`)", gives: #""-""#),
        ])
    func text(_ test: Case) throws { try test.check() }

    @Test(
        "of order take the first of equals, and sort stably",
        arguments: [
            Case("max(`[1, 3, 2]`)", gives: "3"),
            Case("max(`[1, 1.0]`)", gives: "1"),
            Case("max(`[\"a\", \"b\"]`)", gives: #""b""#),
            Case("max(`[]`)", gives: "null"),
            Case("min(`[2, 1.5]`)", gives: "1.5"),
            Case("min(`[]`)", gives: "null"),
            Case("sort(`[3, 1, 2.5]`)", gives: "[1,2.5,3]"),
            Case("sort(`[\"b\", \"a\", \"B\", \"é\", \"z\"]`)", gives: #"["B","a","b","z","é"]"#),
            Case("sort(`[\"\u{10000}\", \"\u{ffff}\"]`)", gives: "[\"\u{ffff}\",\"\u{10000}\"]"),
            Case("sort(`[]`)", gives: "[]"),
            Case("sort_by(@, &k)[*].n", on: #"[{"k":2,"n":1},{"k":1,"n":2},{"k":2.0,"n":3},{"k":1,"n":4}]"#, gives: "[2,4,1,3]"),
            Case("sort_by(@, &length(@))", on: #"["ccc","a","bb"]"#, gives: #"["a","bb","ccc"]"#),
            Case("sort_by(`[]`, &a)", gives: "[]"),
            Case("max_by(@, &k).n", on: #"[{"k":1,"n":1},{"k":2,"n":2},{"k":2,"n":3}]"#, gives: "2"),
            Case("min_by(@, &k).n", on: #"[{"k":"b","n":1},{"k":"a","n":2},{"k":"a","n":3}]"#, gives: "2"),
            Case("max_by(`[]`, &a)", gives: "null"),
            Case("min_by(`[]`, &a)", gives: "null"),
        ])
    func order(_ test: Case) throws { try test.check() }

    @Test(
        "of objects and arrays keep the order",
        arguments: [
            Case("keys(@)", on: #"{"b":1,"a":2}"#, gives: #"["b","a"]"#),
            Case("values(@)", on: #"{"b":1,"a":null}"#, gives: "[1,null]"),
            Case("keys(@)", on: "{}", gives: "[]"),
            Case("merge(`{\"a\": 1, \"b\": 2}`, `{\"c\": 3, \"a\": 4}`)", gives: #"{"a":4,"b":2,"c":3}"#),
            Case("merge(`{}`)", gives: "{}"),
            Case("map(&a, @)", on: #"[{"a":1},{}]"#, gives: "[1,null]"),
            Case("map(&[], @)", on: "[[1,[2]]]", gives: "[[1,2]]"),
            Case("map(&a || b, @)", on: #"[{"b":1}]"#, gives: "[1]"),
            Case("not_null(a, b, c)", on: #"{"b":false,"c":1}"#, gives: "false"),
            Case("not_null(a)", gives: "null"),
        ])
    func objects(_ test: Case) throws { try test.check() }

    @Test(
        "of types",
        arguments: [
            Case("map(&type(@), `[null, true, 1, 1.5, \"a\", [], {}]`)", gives: #"["null","boolean","number","number","string","array","object"]"#),
            Case("to_array(`[1]`)", gives: "[1]"),
            Case("to_array(`null`)", gives: "[null]"),
            Case("to_string('a')", gives: #""a""#),
            Case("map(&to_string(@), `[null, true, 1, 1.0, 1.5, -0.0, 1e100]`)", gives: #"["null","true","1","1.0","1.5","-0.0","1e+100"]"#),
            Case("to_string(`{\"b\": [1, \"é\\n\"], \"a\": {}}`)", gives: #""{\"b\":[1,\"é\\n\"],\"a\":{}}""#),
            Case("to_number('12')", gives: "12"),
            Case("to_number('-1.5e2')", gives: "-150.0"),
            Case("to_number('9223372036854775808')", gives: "9223372036854775808.0"),
            Case("to_number(`7`)", gives: "7"),
            Case("map(&to_number(@), `[\"\", \" 1\", \"1 \", \"+1\", \"01\", \"1.\", \".5\", \"0x1\", \"1_0\", \"nan\", \"inf\", \"1e999\", \"-\"]`)",
                gives: "[null,null,null,null,null,null,null,null,null,null,null,null,null]"),
            Case("map(&to_number(@), `[null, true, [1], {}]`)", gives: "[null,null,null,null]"),
        ])
    func types(_ test: Case) throws { try test.check() }

    @Test(
        "refuse values of other types",
        arguments: [
            "abs('a')", "abs(`null`)", "avg(`1`)", "avg(`[1, \"a\"]`)", "ceil(`true`)", "contains(`1`, `1`)", "contains(`null`, 'a')",
            "ends_with('a', `1`)", "ends_with(`1`, 'a')", "floor(`[]`)", "join(`1`, `[]`)", "join('', 'a')", "join('', `[1]`)",
            "keys(`[]`)", "keys('a')", "length(`1`)", "length(`null`)", "map(&a, `{}`)", "map(&a, `null`)", "max(`[1, \"a\"]`)",
            "max(`[true]`)", "max('a')", "max_by(`{}`, &a)", "max_by(`[{\"a\": 1}, {\"a\": \"b\"}]`, &a)", "max_by(`[1]`, &a)",
            "merge(`[]`)", "merge(`{}`, `null`)", "min(`[null]`)", "min_by(`[{\"a\": true}]`, &a)", "reverse(`1`)", "reverse(`{}`)",
            "sort(`[\"a\", 1]`)", "sort(`{}`)", "sort(`[[1]]`)", "sort_by(`[1]`, &a)", "sort_by('a', &a)",
            "sort_by(`[{\"a\": 1}, {\"a\": \"1\"}]`, &a)", "starts_with(`null`, 'a')", "starts_with('a', `null`)", "sum('a')",
            "sum(`[null]`)", "values(`[]`)", "values(`null`)",
            "sort_by(`[]`, a)", "map(a, `[]`)", "length(&a)", "type(&a)", "not_null(a, &b)",
        ])
    func invalidTypes(expression: String) {
        #expect(failure(expression)?.code == .invalidType)
    }

    @Test("the message names the function, the argument and what it got")
    func messages() throws {
        let absent = try #require(failure("people | sum(ages)"))
        #expect(
            absent.message
                == "sum takes an array of numbers as argument 1, but is given null; for a field that may be absent, give a default with '||'")
        #expect(absent.offset == 9)
        #expect(failure("sum(`[1, [2]]`)")?.message.hasSuffix("is given an array whose item 1 is an array") == true)
        #expect(failure("sort_by(`[{\"a\": 1}, {\"a\": \"1\"}]`, &a)")?.message.contains("item 0 gives a number and item 1 a string") == true)
        #expect(failure("map(a, b)")?.message == "map takes an expression as argument 1; write '&' before it")
    }

    @Test(
        "refuse wrong numbers of arguments when compiling, even where nothing is evaluated",
        arguments: [
            "abs()", "abs(a, b)", "avg()", "ceil(a, b)", "contains(a)", "contains(a, b, c)", "ends_with(a)", "floor()", "join(a)", "keys()",
            "length()", "map(&a)", "max(a, b)", "max_by(a)", "merge()", "min()", "min_by(a, &b, c)", "not_null()", "reverse()", "sort()",
            "sort_by(a)", "starts_with(a)", "sum()", "to_array()", "to_string(a, b)", "to_number()", "type()", "values()",
        ])
    func invalidArity(expression: String) {
        #expect(throws: JMESPathError.self) { try Expression("never[*].\(expression)") }
        #expect(failure("never[*].\(expression)")?.code == .invalidArity)
    }

    @Test("unknown functions are found when compiling, with a list of the known ones")
    func unknown() throws {
        let error = try #require(failure("a || lenght(b)"))
        #expect(error.code == .unknownFunction)
        #expect(error.offset == 5)
        #expect(error.message.contains("lenght") && error.message.contains("length"))
        #expect(failure("LENGTH(a)")?.code == .unknownFunction)
    }

    @Test("a sum beyond what numbers hold is an invalid value")
    func overflow() {
        #expect(failure("sum(`[1e308, 1e308]`)")?.code == .invalidValue)
        #expect(failure("avg(`[-1e308, -1e308]`)")?.code == .invalidValue)
    }

    @Test("sorting many items is stable and right")
    func sorting() throws {
        var generator = SeededGenerator(seed: 7)
        for count in [1, 2, 3, 7, 64, 65, 500] {
            let items = (0..<count).map { Value.object(["k": .integer(.random(in: 0..<9, using: &generator)), "n": .integer(Int64($0))]) }
            let expected = items.enumerated().sorted { left, right in
                let (first, second) = (left.element["k"], right.element["k"])
                guard case .integer(let first) = first, case .integer(let second) = second else { return false }
                return (first, left.offset) < (second, right.offset)
            }
            #expect(try Expression("sort_by(@, &k)").evaluate(.array(items)) == .array(expected.map(\.element)))
        }
    }
}
