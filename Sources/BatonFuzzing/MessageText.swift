import BatonModel
import BatonWire

/// A message as a text that people and mutations can work on: lines `name: value`, an empty line, the body.
///
/// The names of properties stand for them; all others are headers, whose values are texts unless they begin with `int`, `bool`,
/// `num`, `null`, `list`, `table` or `other` and a blank. Of lists and tables the rest is JSON.
struct MessageText {
    let message: Message

    init(_ bytes: [UInt8]) {
        var message = Message()
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let line = rest[..<end]
            rest = rest[end...].dropFirst()
            if line.isEmpty { break }
            let colon = Self.colon(in: line)
            let name = String(decoding: line[..<colon], as: UTF8.self)
            let value = String(decoding: line[colon...].dropFirst(2), as: UTF8.self)
            Self.add(name, value, to: &message)
        }
        message.body = Array(rest)
        self.message = message
    }

    /// The first one that a blank follows: names may have some too.
    private static func colon(in line: ArraySlice<UInt8>) -> Int {
        line.indices.first { line[$0] == UInt8(ascii: ":") && (line.index(after: $0) == line.endIndex || line[$0 + 1] == 0x20) } ?? line.endIndex
    }

    private static func add(_ name: String, _ value: String, to message: inout Message) {
        switch name {
        case "type": message.type = value
        case "message-id": message.messageID = value
        case "correlation-id": message.correlationID = value
        case "reply-to": message.replyTo = value
        case "content-type": message.contentType = value
        case "content-encoding": message.contentEncoding = value
        case "app-id": message.appID = value
        case "priority": message.priority = UInt8(value)
        case "timestamp": message.timestamp = UInt64(value)
        default: message.headers.fields.append(Headers.Field(name: name, value: header(value)))
        }
    }

    private static func header(_ text: String) -> Headers.Value {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count > 1 ? String(parts[1]) : ""
        switch parts.first {
        case "int": return .integer(Int64(rest) ?? 0)
        case "bool": return .bool(rest == "true")
        case "num": return .number(Double(rest) ?? .nan)
        case "null": return .null
        case "other": return .other(rest)
        case "list", "table": return value((try? JSON(parsing: rest))?.value ?? .array([]))
        default: return .string(text)
        }
    }

    private static func value(_ value: JSONValue) -> Headers.Value {
        switch value {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .array(let items): .array(items.map { Self.value($0) })
        case .object(let fields): .table(fields.sorted { $0.key < $1.key }.map { Headers.Field(name: $0.key, value: Self.value($0.value)) })
        }
    }
}

/// What of the bytes stands before the first empty line, and what behind it.
package func halves(of bytes: [UInt8]) -> ([UInt8], [UInt8]) {
    for index in bytes.indices.dropLast() where bytes[index] == 0x0A && bytes[index + 1] == 0x0A {
        return (Array(bytes[..<index]), Array(bytes[(index + 2)...]))
    }
    return (bytes, [])
}
