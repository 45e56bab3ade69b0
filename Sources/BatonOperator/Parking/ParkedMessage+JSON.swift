import AMQP
package import BatonModel

extension ParkedMessage {
    /// Everything of the message. A body that is JSON is there as it is, another text as `bodyText`, other bytes as
    /// `bodyHex`.
    package var json: JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("id", id)
            writer.field("reason", reason)
            writer.field("from", from)
            writer.field("parkedAt", parkedAt?.description)
            writer.field("size", body.count)
            writer.name("properties")
            writer.object { $0.write(properties) }
            if let json = bodyJSON {
                writer.field("body", json)
            } else if let text = bodyText {
                writer.field("bodyText", text)
            } else {
                writer.field("bodyHex", Self.hex(body[...]))
            }
        }
        return writer.json
    }

    package var bodyJSON: JSON? { try? JSON(parsing: body) }

    /// The body where it is a text that people can read.
    package var bodyText: String? {
        guard let text = String(validating: body, as: UTF8.self) else { return nil }
        return text.unicodeScalars.contains { $0.value < 0x20 && ![0x09, 0x0a, 0x0d].contains($0.value) } ? nil : text
    }

    package static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension JSONWriter {
    /// The properties' fields, into an object.
    mutating func write(_ properties: Properties, without names: Set<String> = []) {
        field("type", properties.type)
        field("messageId", properties.messageID)
        field("correlationId", properties.correlationID)
        field("replyTo", properties.replyTo)
        field("contentType", properties.contentType)
        field("contentEncoding", properties.contentEncoding)
        field("appId", properties.appID)
        field("userId", properties.userID)
        field("priority", properties.priority.map { Int($0) })
        field("timestamp", properties.timestamp.map { Timestamp(seconds: $0).description })
        field("expiration", properties.expiration)
        name("persistent")
        write(JSONValue.bool(properties.persistent))
        name("headers")
        write(properties.headers, without: names)
    }

    mutating func write(_ headers: Headers, without names: Set<String> = []) {
        object { writer in
            for (name, value) in headers where !names.contains(name) {
                writer.name(name)
                writer.write(value)
            }
        }
    }

    private mutating func write(_ value: FieldValue) {
        switch value {
        case .string(let text): write(text)
        case .int(let number): write(JSONValue.integer(number))
        case .bool(let value): write(JSONValue.bool(value))
        case .double(let number): write(JSONValue.number(number))
        case .bytes(let bytes): write(ParkedMessage.hex(bytes[...]))
        case .timestamp(let seconds): write(Timestamp(seconds: seconds).description)
        case .array(let values): array { writer in for value in values { writer.write(value) } }
        case .table(let headers): write(headers)
        case .null: write(JSONValue.null)
        }
    }
}

extension Timestamp {
    /// - Parameter seconds: since 1970; beyond what can be meant, the latest that can.
    init(seconds: UInt64) { self.init(milliseconds: Int64(min(seconds, 253_402_300_799)) * 1000) }
}
