import JMESPath
import Testing

@Suite("Values", .timeLimit(.minutes(1)))
struct ValueTests {
    @Test(
        "JSON is read and written without loss, in the order of its fields",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "1.0", "-0.0", "1e+100", "5e-324",
            #""""#, #""é✓𝄞""#, #""\"\\\b\f\n\r\t\u0001\u001f""#, "[]", "{}", "[1,[2,[]],{}]", #"{"b":1,"a":{"d":[],"c":null}}"#, "\"\u{7f}/\"",
        ])
    func roundTrip(text: String) throws {
        let value = try Value(json: text)
        #expect(value.description == text)
        #expect(value.json == Array(text.utf8))
        #expect(try Value(json: value.json) == value)
    }

    @Test(
        "other spellings of the same values",
        arguments: [
            (" [ 1 , 2 ] \r\n\t", "[1,2]"), (#""\u00e9\u2713\ud834\udd1e\/""#, #""é✓𝄞/""#), ("1E2", "100.0"), ("-0", "0"), ("1e-2", "0.01"),
            ("9223372036854775808", "9.223372036854776e+18"), (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#), ("{ \"a\" : [ ] }", #"{"a":[]}"#),
            (#""\u0000""#, #""\u0000""#), (#""\uDBFF\uDFFF""#, "\"\u{10FFFF}\""),
        ])
    func spellings(text: String, written: String) throws {
        #expect(try Value(json: text).description == written)
    }

    @Test(
        "what isn't JSON is refused with the place",
        arguments: [
            ("", 1, 1), (" ", 1, 2), ("nul", 1, 1), ("nulll", 1, 5), ("True", 1, 1), ("01", 1, 2), ("1.", 1, 3), (".5", 1, 1), ("+1", 1, 1),
            ("1e", 1, 3), ("-", 1, 2), ("1e999", 1, 1), ("NaN", 1, 1), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("[1", 1, 3), ("]", 1, 1), ("[}", 1, 2),
            ("{\"a\"}", 1, 5), ("{\"a\":}", 1, 6), ("{\"a\":1,}", 1, 8), ("{a:1}", 1, 2), ("{1:1}", 1, 2), ("{\"a\":1]", 1, 7), ("1 2", 1, 3),
            ("\"a", 1, 1), ("\"\\", 1, 2), ("\"\\x\"", 1, 2), ("\"\\u12g4\"", 1, 2), ("\"\\ud834\"", 1, 2), ("\"\\udd1e\"", 1, 2),
            ("\"\\ud834\\u0041\"", 1, 2), ("\"a\nb\"", 1, 3), ("[\n  é,\n", 2, 3), ("[\"é\",\n \"✓\" x]", 2, 6), ("\u{feff}1", 1, 1), ("'a'", 1, 1),
        ])
    func refused(text: String, line: Int, column: Int) throws {
        let error = try #require(throws: Value.ParseError.self) { try Value(json: text) }
        #expect((error.line, error.column) == (line, column), "\(error)")
        #expect(error.description.hasPrefix("line \(line), column \(column): "))
    }

    @Test(
        "invalid UTF-8 is refused",
        arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22], [0xFF]]
            as [[UInt8]])
    func invalidText(bytes: [UInt8]) {
        #expect(throws: Value.ParseError.self) { try Value(json: bytes) }
    }

    @Test("nesting is read up to the limit")
    func depth() throws {
        let text = { (levels: Int) in String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        #expect(try Value(json: text(Value.maximumDepth)).description == text(Value.maximumDepth))
        #expect(throws: Value.ParseError.self) { try Value(json: text(Value.maximumDepth + 1)) }
        #expect(throws: Value.ParseError.self) { try Value(json: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: Value.ParseError.self) { try Value(json: String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test("equality: numbers by what they are, text by code points, objects whatever the order; hashes agree")
    func equality() {
        let equal: [(Value, Value)] = [
            (1, 1.0), (.integer(.min), .number(-0x1p63)), (0, -0.0), ([1, [2.0]], [1.0, [2]]), (["a": 1, "b": 2], ["b": 2.0, "a": 1]),
            (.number(.nan), .number(.nan)), ("é", "é"), ([], []), (["a": [:]], ["a": [:]]),
        ]
        for (left, right) in equal {
            #expect(left == right)
            #expect(Set([left, right]).count == 1)
        }
        let different: [(Value, Value)] = [
            (.integer(.max), .number(0x1p63)), (9_007_199_254_740_993, 9_007_199_254_740_992.0), (0, false), (nil, false), ("1", 1), ([], [:]),
            ("e\u{301}", "\u{e9}"), ("\u{212b}", "\u{c5}"), ([1], [1, 1]), (["a": 1], ["b": 1]), (["a": 1], ["a": 1, "b": 1]), (["a": nil], [:]),
        ]
        for (left, right) in different { #expect(left != right) }
    }

    @Test("objects find fields, however many; a repeated name keeps its place and gets the last value")
    func objects() throws {
        for count in [0, 1, 8, 12, 13, 14, 100, 1000] {
            var object = Value.Object((0..<count).map { ("field \($0)", .integer(Int64($0))) })
            #expect(object.count == count)
            for index in 0..<count { #expect(object["field \(index)"] == .integer(Int64(index))) }
            #expect(object["other"] == nil)
            if count > 0 {
                object.set("field 0", to: "changed")
                #expect(object[0].name == "field 0" && object[0].value == "changed" && object.count == count)
            }
            object.set("new", to: true)
            #expect(object.names.last == "new" && object["new"] == true)
            #expect(try Value(json: Value.object(object).json) == .object(object))
        }
        #expect(Value.Object([("a", 1), ("b", 2), ("a", 3)]).values == [3, 2])
    }

    @Test("truth: all but null, false and what is empty")
    func truth() {
        for value: Value in [nil, false, "", [], [:]] { #expect(!value.isTruthy) }
        for value: Value in [true, 0, 0.0, " ", "false", [nil], ["a": nil]] { #expect(value.isTruthy) }
    }

    @Test("numbers that JSON can't express are written as null")
    func notNumbers() {
        #expect(Value.array([.number(.nan), .number(.infinity), .number(-.infinity), 1]).description == "[null,null,null,1]")
    }

    @Test("items and fields by subscript; what isn't there is nil")
    func subscripts() throws {
        let value = try Value(json: #"{"a":[1,null]}"#)
        #expect(value["a"]?[0] == 1)
        #expect(value["a"]?[1] == .some(nil))
        #expect(value["a"]?[2] == nil && value["a"]?[-1] == nil && value["b"] == nil && value[0] == nil && value["a"]?["b"] == nil)
    }
}
