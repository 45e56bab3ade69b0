import Testing

@testable import BatonModel

@Suite("JSON texts", .timeLimit(.minutes(1)))
struct JSONReaderTests {
    @Test(
        "RFC 8259: what is JSON is accepted",
        arguments: [
            "null", "true", "false", "0", "-0", "-1", "10", "1.5", "-0.25", "1e5", "1E+5", "1e-05", "0e0", "0.0", "\"\"", "\"a\"",
            "[]", "{}", "[1]", "[1,2]", "{\"a\":1}", "{\"a\":{\"b\":[null]}}", "{\"\":0}", "\"\\u0000\"", "\"\\/\"", "\"\u{7F}\"",
            "\"é😀\u{2028}\"", " \t\r\n1 \t\r\n", "[ ]", "{ }", "{\"a\":1,\"a\":2}", "123456789012345678901234567890", "1e999",
        ])
    func accepted(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(try JSON(parsing: json.bytes) == json)
        var reader = JSONReader(Array(text.utf8))
        _ = try reader.readValue()
        try reader.finish()
    }

    @Test(
        "RFC 8259: what isn't JSON is refused",
        arguments: [
            "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "undefined", "'a'", "+1", "01", "-01", "00", "-", "1.",
            ".5", "1.e5", "1e", "1e+", "0x10", "1_000", "1 2", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{]",
            "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "\"", "\"a",
            "\"\\\"", "\"\\", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u+123\"", "\"\n\"", "\"\t\"", "\"\u{0}\"",
            "\u{FEFF}1", "1\u{0}", "// a\n1", "/* a */1", "[1]]", "\u{A0}1", "t", "f", "-a", "{\"a\":1}{", "\"\\\u{E9}\"",
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(throws: JSONError.self) {
            var reader = JSONReader(Array(text.utf8))
            _ = try reader.readValue()
            try reader.finish()
        }
    }

    @Test(
        "escapes and surrogate pairs give the characters they stand for",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u00E9""#, "éé"), (#""\uD83D\uDE00""#, "😀"),
            (#""\ud800\udc00\udbff\udfff""#, "\u{10000}\u{10FFFF}"), (#""a\u0000b""#, "a\u{0}b"), (#""\\u0041""#, "\\u0041"),
            (#""\uFFFF""#, "\u{FFFF}"),
        ])
    func escapes(text: String, expected: String) throws {
        #expect(try JSON(parsing: text).value == .string(expected))
    }

    @Test(
        "half a surrogate pair is refused",
        arguments: [#""\uD800""#, #""\uDC00""#, #""\uD800\u0041""#, #""\uD800\uD800""#, #""\uD800x""#, #""\uDE00\uD83D""#])
    func halfSurrogates(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(
        "bytes that aren't UTF-8 are refused, in values, names and beside escapes",
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0x5C, 0x6E, 0xFF],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        #expect(throws: JSONError.self) { try JSON(parsing: quoted) }
        #expect(throws: JSONError.self) { try JSON(parsing: Array("{".utf8) + quoted + Array(":1}".utf8)) }
        var reader = JSONReader(quoted)
        #expect(throws: JSONError.self) { try reader.readString() }
    }

    @Test("nesting at the bound is read, one deeper is an error, and 300 or a million levels don't crash")
    func nesting() throws {
        func nested(_ depth: Int, _ open: String, _ middle: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: depth) + middle + String(repeating: close, count: depth)).utf8)
        }
        for (open, middle, close) in [("[", "", "]"), ("{\"a\":", "1", "}")] {
            let deepest = try JSON(parsing: nested(JSON.deepest, open, middle, close))
            #expect(deepest.value != .null)
            for depth in [JSON.deepest + 1, 300, 1_000_000] {
                #expect(throws: JSONError.self) { try JSON(parsing: nested(depth, open, middle, close)) }
            }
            for depth in [300, 1_000_000] {
                var reader = JSONReader(nested(depth, open, middle, close))
                #expect(throws: JSONError.self) { try reader.readValue() }
                var skipping = JSONReader(nested(depth, open, middle, close))
                #expect(throws: JSONError.self) { try skipping.skipValue() }
            }
        }
        // Many side by side aren't deep.
        _ = try JSON(parsing: "[" + Array(repeating: "[{}]", count: 1000).joined(separator: ",") + "]")
    }

    @Test("numbers of any size are kept as they were written")
    func bigNumbers() throws {
        for text in ["123456789012345678901234567890", "-0", "1.000", "1e999", "0.1234567890123456789012345", "1E+2"] {
            #expect(try JSON(parsing: text).description == text)
            #expect(try JSON(parsing: "[ \(text) ]").description == "[\(text)]")
        }
        #expect(try JSON(parsing: "9223372036854775807").value == .integer(.max))
        #expect(try JSON(parsing: "-9223372036854775808").value == .integer(.min))
        #expect(try JSON(parsing: "9223372036854775808").value == .number(9_223_372_036_854_775_808))
    }

    @Test("white space goes between the parts, and only there")
    func whiteSpace() throws {
        let text = " { \"a b\" :\t[ 1 ,\r\n 2 ] , \"c\\\" \" : \" x \\\\\" , \"d\" : { } } "
        #expect(try JSON(parsing: text).description == #"{"a b":[1,2],"c\" ":" x \\","d":{}}"#)
    }

    @Test(
        "an error names its line and column",
        arguments: [
            ("", 1, 1), ("x", 1, 1), ("[1,\n 2,\n x]", 3, 2), ("{\"a\": 1\n\"b\": 2}", 2, 1), ("[1] 2", 1, 5), ("\n\n\n", 4, 1),
            ("[01]", 1, 3), ("{\n  \"a\": tru\n}", 2, 8),
        ])
    func places(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.description.hasPrefix("line \(line), column \(column): ") == true)
    }

    @Test("parts are read as asked for, in order")
    func parts() throws {
        var reader = JSONReader(Array(#"{"s":"x","n":-1.5,"b":true,"o":{"k":[1, 2]},"skip":[{}],"z":null}"#.utf8))
        var seen: [String] = []
        try reader.readObject { (name, reader) throws(JSONError) in
            switch try reader.peek() {
            case .string: seen.append("\(name)=\(try reader.readString())")
            case .number: seen.append("\(name)=\(try reader.readNumberText())")
            case .bool: seen.append("\(name)=\(try reader.readBool())")
            case .object: seen.append("\(name)=\(try reader.readRaw())")
            case .array, .null: try reader.skipValue()
            }
        }
        try reader.finish()
        #expect(seen == ["s=x", "n=-1.5", "b=true", #"o={"k":[1,2]}"#])
        for text in ["1", "", "[", "\"x"] {
            var wrong = JSONReader(Array(text.utf8))
            #expect(throws: JSONError.self) { try wrong.readObject { (_, reader) throws(JSONError) in try reader.skipValue() } }
            var other = JSONReader(Array(text.utf8))
            #expect(throws: JSONError.self) { try other.readBool() }
        }
    }

    @Test("2,000 damaged documents are read or refused, never a crash, and what is accepted stays the same")
    func damagedDocuments() throws {
        var generator = SeededGenerator(seed: 42)
        let original = Array(
            #"{"name":"order","tasks":[{"id":"a\u00e9\ud83d\ude00","handler":"h","inputs":{"x":[1.5e3,-0,true,null,"é"]}}]}"#.utf8)
        let alphabet = Array("{}[]\",:\\u0dD8-+.eEtfn 19\n".utf8) + [0x00, 0x80, 0xC3, 0xFF]
        var accepted = 0
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: if bytes.count > 1 { bytes.remove(at: place) }
                default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0...5, using: &generator)))
                }
            }
            _ = try? GraphReader.read(json: bytes)
            _ = try? GraphReader.read(document: bytes)
            _ = try? GraphReader.read(yaml: String(decoding: bytes, as: UTF8.self))
            guard let json = try? JSON(parsing: bytes) else { continue }
            accepted += 1
            #expect(try JSON(parsing: json.bytes) == json)
            _ = json.value
            _ = json.fields
        }
        #expect(accepted > 100 && accepted < 1900)
    }
}
