import BatonModel
import Foundation

/// What kind of JSON a type is read from, as far as its `init(from:)` tells by what it asks for.
enum InputShape {
    case object
    case list
    /// A text, a number or a truth value.
    case single
    /// A value, or null.
    case optional
    /// It asks for several kinds, or for none.
    case unknown

    static func of(_ type: any Decodable.Type) -> InputShape {
        if type == JSON.self || type == JSONValue.self { return .unknown }
        if isText(type) { return .single }
        let record = Record()
        // The probe gives no values: what is thrown is of no interest.
        _ = try? type.init(from: Probe(record: record, depth: 0))
        return record.shapes.count == 1 ? record.shapes[0] : .unknown
    }

    /// These have forms of their own in JSON, whatever they ask for.
    private static func isText(_ type: any Decodable.Type) -> Bool {
        type == Date.self || type == URL.self || type == Decimal.self || type == Data.self
    }

    private final class Record {
        var shapes: [InputShape] = []
        func add(_ shape: InputShape) { if !shapes.contains(shape) { shapes.append(shape) } }
    }

    private struct NoValue: Error {}

    private struct Probe: Decoder, SingleValueDecodingContainer {
        let record: Record
        let depth: Int
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> { throw found(.object) }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw found(.list) }
        func singleValueContainer() -> any SingleValueDecodingContainer { self }

        func decodeNil() -> Bool {
            record.add(.optional)
            // Ends the reading.
            return true
        }

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            if InputShape.isText(type) { throw found(.single) }
            guard depth < 16 else { throw NoValue() }
            return try Value(from: Probe(record: record, depth: depth + 1))
        }

        private func found(_ shape: InputShape) -> NoValue {
            record.add(shape)
            return NoValue()
        }

        func decode(_ type: Bool.Type) throws -> Bool { throw found(.single) }
        func decode(_ type: String.Type) throws -> String { throw found(.single) }
        func decode(_ type: Double.Type) throws -> Double { throw found(.single) }
        func decode(_ type: Float.Type) throws -> Float { throw found(.single) }
        func decode(_ type: Int.Type) throws -> Int { throw found(.single) }
        func decode(_ type: Int8.Type) throws -> Int8 { throw found(.single) }
        func decode(_ type: Int16.Type) throws -> Int16 { throw found(.single) }
        func decode(_ type: Int32.Type) throws -> Int32 { throw found(.single) }
        func decode(_ type: Int64.Type) throws -> Int64 { throw found(.single) }
        func decode(_ type: UInt.Type) throws -> UInt { throw found(.single) }
        func decode(_ type: UInt8.Type) throws -> UInt8 { throw found(.single) }
        func decode(_ type: UInt16.Type) throws -> UInt16 { throw found(.single) }
        func decode(_ type: UInt32.Type) throws -> UInt32 { throw found(.single) }
        func decode(_ type: UInt64.Type) throws -> UInt64 { throw found(.single) }
    }
}
