import BatonModel
import Foundation

/// A value as JSON, or why it can't be. Made before the list of steps is locked, because encoding runs code of the value's own.
struct EncodedValue: Sendable {
    /// A null counts as absent.
    let json: JSON?
    let problem: String?

    init(_ value: (any Encodable)?) {
        do {
            let json = try value.map { try Self.encode($0) }
            self.json = json.flatMap { $0.isNull ? nil : $0 }
            problem = nil
        } catch {
            json = nil
            problem = "can't be encoded: \(error)"
        }
    }

    /// With the fields of objects in the order of their names: the same graph gives the same document each time it is built, which
    /// idempotency keys and caches of results build upon.
    private static func encode(_ value: some Encodable) throws -> JSON {
        if let json = value as? JSON { return json }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try JSON(parsing: encoder.encode(value))
    }
}
