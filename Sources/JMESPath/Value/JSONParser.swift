/// Reads a JSON text without recursion.
struct JSONParser {
    let bytes: [UInt8]
    var index = 0

    /// An array or object that isn't closed yet. An object has a name for each item.
    private struct Open {
        var isObject: Bool
        var items: [Value] = []
        var names: [String] = []
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func parse() throws(Value.ParseError) -> Value {
        var open: [Open] = []
        while true {
            skipSpace()
            var value: Value
            if take("[") {
                try enter(&open, isObject: false)
                skipSpace()
                if !take("]") { continue }
                value = close(&open)
            } else if take("{") {
                try enter(&open, isObject: true)
                skipSpace()
                if !take("}") {
                    try name(&open)
                    continue
                }
                value = close(&open)
            } else {
                value = try scalar()
            }
            // What follows a value: more of its container, the container's end, or the text's.
            while true {
                guard let last = open.indices.last else {
                    skipSpace()
                    guard index == bytes.count else { throw error("there is something after the value; a text has one value") }
                    return value
                }
                open[last].items.append(value)
                skipSpace()
                if take(",") {
                    if open[last].isObject { try name(&open) }
                    break
                }
                guard take(open[last].isObject ? "}" : "]") else {
                    throw error(open[last].isObject ? "expected ',' or '}' after a field" : "expected ',' or ']' after an item")
                }
                value = close(&open)
            }
        }
    }

    private mutating func enter(_ open: inout [Open], isObject: Bool) throws(Value.ParseError) {
        guard open.count < Value.maximumDepth else {
            throw error("nested too deeply; at most \(Value.maximumDepth) levels are read", at: index - 1)
        }
        open.append(Open(isObject: isObject))
    }

    private mutating func close(_ open: inout [Open]) -> Value {
        let closed = open.removeLast()
        guard closed.isObject else { return .array(closed.items) }
        var object = Value.Object()
        object.reserve(closed.items.count)
        for (name, value) in zip(closed.names, closed.items) { object.set(name, to: value) }
        return .object(object)
    }

    private mutating func name(_ open: inout [Open]) throws(Value.ParseError) {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else { throw error("expected a field's name in double quotes") }
        open[open.count - 1].names.append(try string())
        skipSpace()
        guard take(":") else { throw error("expected ':' after a field's name") }
    }

    private mutating func scalar() throws(Value.ParseError) -> Value {
        guard let peek else { throw error("the text ends where a value is expected") }
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw error("expected a value; strings need double quotes")
        }
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(Value.ParseError) -> Value {
        let isNext = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        guard isNext else { throw error("expected a value; did you mean '\(word)'?") }
        index += word.utf8CodeUnitCount
        return value
    }

    mutating func number() throws(Value.ParseError) -> Value {
        let start = index
        _ = take("-")
        if !take("0") { try digits() }
        var isInteger = true
        if take(".") {
            isInteger = false
            try digits()
        }
        if take("e") || take("E") {
            isInteger = false
            _ = take("+") || take("-")
            try digits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw error("the number is too large; numbers go up to 1.7976931348623157e308", at: start)
        }
        return .number(value)
    }

    private mutating func digits() throws(Value.ParseError) {
        let start = index
        while let byte = peek, UInt8(ascii: "0") <= byte, byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw error("expected a digit") }
    }

    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    func error(_ message: String, at place: Int? = nil) -> Value.ParseError {
        Value.ParseError(message, in: bytes, at: place ?? index)
    }
}
