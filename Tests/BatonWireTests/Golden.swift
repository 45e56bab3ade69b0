import BatonModel
import BatonWire
import Foundation
import JSONSchema
import Testing
import Yams

/// A message as docs/messages has it.
struct Golden {
    let name: String
    let document: JSONValue

    /// The message's name in docs/asyncapi.yaml.
    var kind: String { document["message"]?.string ?? "" }

    static let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: docs.appending(path: "messages").path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    init(_ name: String) throws {
        self.name = name
        document = try JSON(parsing: Data(contentsOf: Self.docs.appending(path: "messages/\(name).json"))).value
    }

    /// The message itself.
    var message: Message {
        func text(_ name: String) -> String? { document["properties"]?[name]?.string }
        func number(_ name: String) -> Int? { document["properties"]?[name]?.int }
        let fields = (document["headers"]?.object ?? [:]).sorted { $0.key < $1.key }
        return Message(
            type: text("type"), messageID: text("message_id"), correlationID: text("correlation_id"), replyTo: text("reply_to"),
            contentType: text("content_type"), appID: text("app_id"), priority: number("priority").map { UInt8(clamping: $0) },
            timestamp: number("timestamp").map { UInt64($0) }, isPersistent: number("delivery_mode") == 2,
            headers: Headers(fields.map { Headers.Field(name: $0.key, value: Self.header($0.value)) }),
            body: document["body"].map { JSON($0).bytes } ?? [])
    }

    private static func header(_ value: JSONValue) -> Headers.Value {
        switch value {
        case .string(let text): .string(text)
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        default: .other(JSON(value).description)
        }
    }

    /// A message in the form of these files, to be compared with one.
    static func document(_ message: Message) throws -> JSONValue {
        var properties: [String: JSONValue] = ["delivery_mode": message.isPersistent ? 2 : 1]
        for (name, value) in [
            ("type", message.type), ("message_id", message.messageID), ("correlation_id", message.correlationID),
            ("reply_to", message.replyTo), ("content_type", message.contentType), ("app_id", message.appID),
        ] {
            if let value { properties[name] = .string(value) }
        }
        if let priority = message.priority { properties["priority"] = .integer(Int64(priority)) }
        if let timestamp = message.timestamp { properties["timestamp"] = .integer(Int64(timestamp)) }
        var headers: [String: JSONValue] = [:]
        for field in message.headers.fields {
            switch field.value {
            case .string(let text), .other(let text): headers[field.name] = .string(text)
            case .integer(let value): headers[field.name] = .integer(value)
            case .bool(let value): headers[field.name] = .bool(value)
            case .number(let value): headers[field.name] = .number(value)
            case .null: headers[field.name] = .null
            // Baton's own messages have none.
            case .array, .table: headers[field.name] = .string("a list or table")
            }
        }
        var document: [String: JSONValue] = ["properties": .object(properties), "headers": .object(headers)]
        if !message.body.isEmpty { document["body"] = try JSON(parsing: message.body).value }
        return .object(document)
    }

    /// What the file says of the message alone, without where it goes.
    var bare: JSONValue {
        var fields = document.object ?? [:]
        for name in ["message", "exchange", "routingKey"] { fields[name] = nil }
        return .object(fields)
    }
}

/// The schemas of docs/asyncapi.yaml.
struct WireSchemas {
    private let components: JSONValue

    init() throws {
        let text = try String(contentsOf: Golden.docs.appending(path: "asyncapi.yaml"), encoding: .utf8)
        components = try YAMLDecoder().decode(JSONValue.self, from: text)["components"] ?? .null
    }

    var messages: [String] { (components["messages"]?.object ?? [:]).keys.sorted() }

    /// What is wrong with a part of a message.
    ///
    /// - Parameter part: `headers`, `payload` or `x-amqp-properties`.
    func violations(_ value: JSONValue, of message: String, _ part: String) throws -> [Violation] {
        let schema = try #require(components["messages"]?[message]?[part], "no schema of \(message)'s \(part)")
        // References are to places in the whole document.
        let whole: JSONValue = ["components": components, "allOf": [schema]]
        return try Schema(JSON(whole).bytes).validate(JSON(value).bytes)
    }
}
