import Foundation

/// A JSON text, kept as its bytes: valid, in UTF-8, without white space between its parts.
///
/// Payloads travel through Baton in this form, so that nobody decodes what they needn't.
public struct JSON: Sendable, Hashable {
    public let bytes: [UInt8]

    /// Arrays and objects within one another. Less than `JSONReader.deepest`, so that what is accepted alone can still be
    /// read inside the messages and documents that carry it.
    public static let deepest = JSONReader.deepest - 16

    /// Reads one JSON value that fills the whole text.
    ///
    /// - Throws: `JSONError` with the place of the first mistake.
    public init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
        var reader = JSONReader(Array(bytes), deepest: Self.deepest)
        let value = try reader.readRaw()
        try reader.finish()
        self = value
    }

    public init(parsing text: String) throws(JSONError) { try self.init(parsing: text.utf8) }

    /// For bytes that are known to be valid, such as what the store returns.
    package init(trusted bytes: [UInt8]) { self.bytes = bytes }

    public init(_ value: JSONValue) {
        var writer = JSONWriter()
        writer.write(value)
        self.init(trusted: writer.bytes)
    }

    /// - Throws: what the value's own `encode(to:)` throws.
    public init(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.withoutEscapingSlashes]
        self = try JSON(parsing: encoder.encode(value))
    }

    /// - Throws: `DecodingError`.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        if let raw = self as? Value { return raw }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(bytes))
    }

    public static let null = JSON(trusted: Array("null".utf8))
    public static let emptyObject = JSON(trusted: Array("{}".utf8))

    public var isNull: Bool { self == .null }
    public var isObject: Bool { bytes.first == UInt8(ascii: "{") }

    /// The tree of values. A text nested deeper than `JSONReader.deepest` can't have come to be here.
    public var value: JSONValue {
        var reader = JSONReader(bytes)
        return (try? reader.readValue()) ?? .null
    }

    /// The fields of an object in their order, each value still as text; `nil` where this isn't an object.
    public var fields: [(name: String, value: JSON)]? {
        guard isObject else { return nil }
        var reader = JSONReader(bytes)
        var fields: [(String, JSON)] = []
        do throws(JSONError) {
            try reader.readObject { (name, reader) throws(JSONError) in fields.append((name, try reader.readRaw())) }
        } catch {
            return nil
        }
        return fields
    }
}

extension JSON: Codable, CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    public init(from decoder: any Decoder) throws {
        if let source = decoder.userInfo[JSONTexts.key] as? JSON, let text = source.part(at: decoder.codingPath[...]) {
            self = text
        } else {
            self.init(try JSONValue(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        guard let texts = encoder.userInfo[JSONTexts.key] as? JSONTexts else { return try value.encode(to: encoder) }
        var container = encoder.singleValueContainer()
        try container.encode(texts.placeholder(for: self))
    }
}

/// Where and why a text isn't JSON.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    public var message: String
    /// From 1.
    public var line: Int
    /// In bytes, from 1.
    public var column: Int

    public var description: String { "line \(line), column \(column): \(message)" }
}
