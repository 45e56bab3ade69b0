/// Reads a JSON text (RFC 8259) front to back, without building what the caller doesn't ask for.
///
/// Library decoders give values, never the text of a part; Baton has to hand payloads on as they came. The nesting is bounded,
/// so no text can exhaust the stack, and the time is linear in the text's length.
public struct JSONReader {
    /// Arrays and objects within one another.
    public static let deepest = 256

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private let deepest: Int

    public init(_ bytes: [UInt8], deepest: Int = JSONReader.deepest) {
        self.bytes = bytes
        self.deepest = deepest
    }

    public enum Kind: String { case object, array, string, number, bool, null }

    /// What comes next, without reading it.
    public mutating func peek() throws(JSONError) -> Kind {
        skipSpace()
        guard position < bytes.count else { throw error("the text ends where a value should be") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw error("a value should be here")
        }
    }

    /// Nothing but white space may follow.
    public mutating func finish() throws(JSONError) {
        skipSpace()
        if position < bytes.count { throw error("there is text after the value's end") }
    }

    public mutating func readObject(_ field: (String, inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        try expect(UInt8(ascii: "{"), "an object")
        try enter()
        skipSpace()
        if take(UInt8(ascii: "}")) { return leave() }
        repeat {
            skipSpace()
            let name = try readString()
            skipSpace()
            try expect(UInt8(ascii: ":"), "':' after a name")
            try field(name, &self)
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "',' or '}'")
        leave()
    }

    public mutating func readArray(_ item: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        try expect(UInt8(ascii: "["), "an array")
        try enter()
        skipSpace()
        if take(UInt8(ascii: "]")) { return leave() }
        repeat {
            try item(&self)
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "',' or ']'")
        leave()
    }

    /// The next value's own text, checked, without white space.
    public mutating func readRaw() throws(JSONError) -> JSON {
        skipSpace()
        let start = position
        var gaps = false
        try skip(&gaps)
        let slice = bytes[start..<position]
        return JSON(trusted: gaps ? Self.compact(slice) : Array(slice))
    }

    public mutating func skipValue() throws(JSONError) {
        var gaps = false
        try skip(&gaps)
    }

    public mutating func readValue() throws(JSONError) -> JSONValue {
        switch try peek() {
        case .object:
            var fields: [String: JSONValue] = [:]
            try readObject { (name, reader) throws(JSONError) in fields[name] = try reader.readValue() }
            return .object(fields)
        case .array:
            var items: [JSONValue] = []
            try readArray { (reader) throws(JSONError) in items.append(try reader.readValue()) }
            return .array(items)
        case .string: return .string(try readString())
        case .bool: return .bool(try readBool())
        case .null:
            try literal("null")
            return .null
        case .number:
            let text = try readNumberText()
            if let integer = Int64(text) { return .integer(integer) }
            return .number(Double(text) ?? .nan)
        }
    }

    public mutating func readBool() throws(JSONError) -> Bool {
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    public mutating func readNumberText() throws(JSONError) -> String {
        skipSpace()
        let start = position
        try skipNumber()
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    public mutating func readString() throws(JSONError) -> String {
        skipSpace()
        let start = position + 1
        let plain = try skipString()
        let content = bytes[start..<(position - 1)]
        if plain {
            guard let text = String(validating: content, as: UTF8.self) else { throw error("the string is not UTF-8") }
            return text
        }
        return try unescape(content)
    }

    // MARK: - Below: one function for each production of the grammar

    private mutating func skip(_ gaps: inout Bool) throws(JSONError) {
        switch try peek() {
        case .object, .array: try skipContainer(&gaps)
        case .string: _ = try checkedString()
        case .number: try skipNumber()
        case .bool: _ = try readBool()
        case .null: try literal("null")
        }
    }

    private mutating func skipContainer(_ gaps: inout Bool) throws(JSONError) {
        let isObject = bytes[position] == UInt8(ascii: "{")
        let end = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        position += 1
        try enter()
        gaps = skipSpace() || gaps
        if take(end) { return leave() }
        repeat {
            gaps = skipSpace() || gaps
            if isObject {
                _ = try checkedString()
                gaps = skipSpace() || gaps
                try expect(UInt8(ascii: ":"), "':' after a name")
                gaps = skipSpace() || gaps
            }
            try skip(&gaps)
            gaps = skipSpace() || gaps
        } while take(UInt8(ascii: ","))
        try expect(end, isObject ? "',' or '}'" : "',' or ']'")
        leave()
    }

    private mutating func checkedString() throws(JSONError) -> Bool {
        let start = position + 1
        let plain = try skipString()
        let content = bytes[start..<(position - 1)]
        if !plain {
            _ = try unescape(content)
        } else if content.contains(where: { $0 >= 0x80 }), String(validating: content, as: UTF8.self) == nil {
            throw error("the string is not UTF-8")
        }
        return plain
    }

    /// Leaves `position` behind the closing quote; `true` where the string holds no escapes.
    private mutating func skipString() throws(JSONError) -> Bool {
        guard take(UInt8(ascii: "\"")) else { throw error("a string should be here") }
        var plain = true
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return plain
            case UInt8(ascii: "\\"):
                plain = false
                position += 1
            case 0..<0x20:
                position -= 1
                throw error("a control character in a string must be escaped")
            default: break
            }
        }
        position = bytes.count
        throw error("the string has no end")
    }

    private func unescape(_ content: ArraySlice<UInt8>) throws(JSONError) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var index = content.startIndex
        while index < content.endIndex {
            let byte = content[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard index < content.endIndex else { throw error("an escape has no end") }
            let escape = content[index]
            index += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "u"):
                var scalar = try hex(content, &index)
                if scalar >= 0xD800, scalar < 0xDC00, content[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
                    index += 2
                    let low = try hex(content, &index)
                    guard low >= 0xDC00, low < 0xE000 else { throw error("half of a surrogate pair is missing") }
                    scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
                }
                guard let character = Unicode.Scalar(scalar) else { throw error("half of a surrogate pair is missing") }
                result.append(contentsOf: Character(character).utf8)
            default: throw error("there is no escape '\\\(Character(Unicode.Scalar(escape)))'")
            }
        }
        guard let text = String(validating: result, as: UTF8.self) else { throw error("the string is not UTF-8") }
        return text
    }

    private func hex(_ content: ArraySlice<UInt8>, _ index: inout Int) throws(JSONError) -> UInt32 {
        guard index + 4 <= content.endIndex,
            content[index..<(index + 4)].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: content[index..<(index + 4)], as: UTF8.self), radix: 16)
        else { throw error("'\\u' needs four hexadecimal digits") }
        index += 4
        return value
    }

    private mutating func skipNumber() throws(JSONError) {
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if isDigit { throw error("a number must not begin with 0") }
        } else {
            try digits()
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private var isDigit: Bool {
        position < bytes.count && bytes[position] >= UInt8(ascii: "0") && bytes[position] <= UInt8(ascii: "9")
    }

    private mutating func digits() throws(JSONError) {
        guard isDigit else { throw error("a digit should be here") }
        while isDigit { position += 1 }
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        let count = text.utf8CodeUnitCount
        let matches = text.withUTF8Buffer { bytes[position...].prefix(count).elementsEqual($0) }
        guard matches else { throw error("a value should be here") }
        position += count
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return position > start
            }
        }
        return position > start
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
        skipSpace()
        guard take(byte) else { throw error("\(what) should be here") }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        if depth > deepest { throw error("arrays and objects are nested deeper than \(deepest)") }
    }

    private mutating func leave() { depth -= 1 }

    /// The mistake at the present place, with its line and column.
    public func error(_ message: String) -> JSONError {
        var line = 1
        var column = 1
        for byte in bytes.prefix(position) {
            column += 1
            if byte == 0x0A {
                line += 1
                column = 1
            }
        }
        return JSONError(message: message, line: line, column: column)
    }

    private static func compact(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var inString = false
        var escaped = false
        for byte in text {
            if inString {
                result.append(byte)
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if byte > 0x20 {
                result.append(byte)
                inString = byte == UInt8(ascii: "\"")
            }
        }
        return result
    }
}
