extension Lexer {
    /// What is left of a quoted text, up to and with the closing quote. A backslash keeps the quote after it from closing.
    private mutating func content(from offset: Int, to quote: Unicode.Scalar, _ name: String) throws(JMESPathError) -> ArraySlice<UInt8> {
        while let byte = peek {
            if UInt32(byte) == quote.value {
                index += 1
                return bytes[offset + 1..<index - 1]
            }
            index += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        throw error("\(name) isn't closed; expected \(quote)", at: offset)
    }

    /// The content with escaped quotes as quotes, and everything else, other escapes included, as it is.
    private func unescape(_ quote: Unicode.Scalar, in content: ArraySlice<UInt8>) -> [UInt8] {
        guard content.contains(UInt8(ascii: "\\")) else { return Array(content) }
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var escaping = false
        for byte in content {
            if escaping && UInt32(byte) == quote.value { result.removeLast() }
            result.append(byte)
            escaping = !escaping && byte == UInt8(ascii: "\\")
        }
        return result
    }

    mutating func rawString(from offset: Int) throws(JMESPathError) -> String {
        String(decoding: unescape("'", in: try content(from: offset, to: "'", "the string")), as: UTF8.self)
    }

    mutating func quotedIdentifier(from offset: Int) throws(JMESPathError) -> String {
        let end = try content(from: offset, to: "\"", "the name").endIndex
        guard case .string(let name) = try json(Array(bytes[offset...end]), from: offset, "the name in double quotes") else {
            throw error("a name in double quotes is expected", at: offset)
        }
        return name
    }

    mutating func literal(from offset: Int) throws(JMESPathError) -> Value {
        let content = try content(from: offset, to: "`", "the literal")
        return try json(unescape("`", in: content), from: offset + 1, "the literal")
    }

    private func json(_ bytes: [UInt8], from offset: Int, _ name: String) throws(JMESPathError) -> Value {
        do throws(Value.ParseError) {
            return try Value(json: bytes)
        } catch {
            let remedy = name == "the literal" ? "; between backticks stands JSON, and a string is `\"text\"` or 'text'" : ""
            throw self.error("\(name) isn't JSON: \(error.message)\(remedy)", at: min(offset + error.offset, self.bytes.count))
        }
    }
}
