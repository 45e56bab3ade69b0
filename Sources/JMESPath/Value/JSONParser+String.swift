extension JSONParser {
    /// A string, from its opening quote on.
    mutating func string() throws(Value.ParseError) -> String {
        let opening = index
        index += 1
        let start = index
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { index += 1 }
        if peek == UInt8(ascii: "\"") {
            defer { index += 1 }
            return try text(bytes[start..<index], from: start)
        }
        var content = Array(bytes[start..<index])
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return try text(content[...], from: start)
            case UInt8(ascii: "\\"): content.append(contentsOf: String(try escape()).utf8)
            case ..<0x20: throw error("a control character in a string; write it as an escape such as \\n or \\u0000")
            default:
                content.append(byte)
                index += 1
            }
        }
        throw error("the string isn't closed; expected '\"'", at: opening)
    }

    private func text(_ content: ArraySlice<UInt8>, from start: Int) throws(Value.ParseError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw error("the string isn't valid UTF-8", at: start) }
        return text
    }

    private mutating func escape() throws(Value.ParseError) -> Unicode.Scalar {
        let start = index
        index += 1
        guard let byte = peek else { throw error("the text ends within an escape", at: start) }
        index += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("unknown escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits", at: start)
        }
        let unit = try hexadecimal(start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, take("\\"), take("u"), case let low = try hexadecimal(start), 0xDC00..<0xE000 ~= low,
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("half of a surrogate pair; write both halves, as in \\ud834\\udd1e", at: start) }
        return scalar
    }

    private mutating func hexadecimal(_ start: Int) throws(Value.ParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw error("\\u needs four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
