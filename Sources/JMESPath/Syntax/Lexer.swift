/// Splits an expression's text into tokens.
struct Lexer {
    let text: String
    let bytes: [UInt8]
    var index = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// All tokens; the last is `.end`.
    mutating func tokens() throws(JMESPathError) -> [Token] {
        var tokens: [Token] = []
        while true {
            while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
            let offset = index
            guard let byte = peek else {
                tokens.append(Token(kind: .end, offset: offset))
                return tokens
            }
            index += 1
            tokens.append(Token(kind: try kind(byte, at: offset), offset: offset))
        }
    }

    private mutating func kind(_ byte: UInt8, at offset: Int) throws(JMESPathError) -> Token.Kind {
        switch byte {
        case UInt8(ascii: "."): return .dot
        case UInt8(ascii: "*"): return .star
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: ":"): return .colon
        case UInt8(ascii: "@"): return .current
        case UInt8(ascii: "("): return .openParenthesis
        case UInt8(ascii: ")"): return .closeParenthesis
        case UInt8(ascii: "{"): return .openBrace
        case UInt8(ascii: "}"): return .closeBrace
        case UInt8(ascii: "]"): return .closeBracket
        case UInt8(ascii: "["): return take("]") ? .flatten : take("?") ? .filter : .openBracket
        case UInt8(ascii: "|"): return take("|") ? .or : .pipe
        case UInt8(ascii: "&"): return take("&") ? .and : .ampersand
        case UInt8(ascii: "!"): return take("=") ? .comparator(.notEqual) : .bang
        case UInt8(ascii: "<"): return .comparator(take("=") ? .lessOrEqual : .less)
        case UInt8(ascii: ">"): return .comparator(take("=") ? .greaterOrEqual : .greater)
        case UInt8(ascii: "="):
            guard take("=") else { throw error("a single '='; to compare, write '=='", at: offset) }
            return .comparator(.equal)
        case UInt8(ascii: "\""): return .quotedIdentifier(try quotedIdentifier(from: offset))
        case UInt8(ascii: "'"): return .literal(.string(try rawString(from: offset)))
        case UInt8(ascii: "`"): return .literal(try literal(from: offset))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number(from: offset))
        case _ where Self.isIdentifierStart(byte):
            while let byte = peek, Self.isIdentifierStart(byte) || Self.isDigit(byte) { index += 1 }
            return .identifier(String(decoding: bytes[offset..<index], as: UTF8.self))
        default:
            throw error("\(character(at: offset)) can't be here; a field's name with other characters needs double quotes", at: offset)
        }
    }

    private mutating func number(from offset: Int) throws(JMESPathError) -> Int {
        while let byte = peek, Self.isDigit(byte) { index += 1 }
        let isNegative = bytes[offset] == UInt8(ascii: "-")
        guard index > offset + 1 || !isNegative else {
            throw error("'-' without digits; a field's name with '-' needs double quotes", at: offset)
        }
        return Int(String(decoding: bytes[offset..<index], as: UTF8.self)) ?? (isNegative ? .min : .max)
    }

    /// The character at a place, for a message: control characters by their number.
    private func character(at offset: Int) -> String {
        guard let scalar = String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.first else { return "" }
        return scalar.value < 0x20 || scalar.value == 0x7F ? "the control character \(scalar.value)" : "'\(scalar)'"
    }

    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek, UInt32(byte) == character.value else { return false }
        index += 1
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9") }

    private static func isIdentifierStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    func error(_ message: String, at offset: Int) -> JMESPathError {
        JMESPathError(.syntax, message, in: text, at: offset)
    }
}
