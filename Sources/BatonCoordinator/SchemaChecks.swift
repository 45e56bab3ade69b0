import BatonModel
import JSONSchema
import Synchronization

/// Holds payloads against schemas, which are compiled once.
final class SchemaChecks: Sendable {
    private let compiled = Mutex<[JSON: Schema]>([:])
    private static let most = 256

    /// - Returns: what doesn't fit, with its place; `nil` where everything does.
    func problem(_ payload: JSON, _ schema: JSON) -> String? {
        do {
            let violations = try self.schema(schema).validate(payload.bytes)
            if violations.isEmpty { return nil }
            return violations.prefix(5).map { "\($0.path.isEmpty ? "" : "\($0.path): ")\($0.message)" }.joined(separator: "; ")
        } catch {
            return "can't be held against its schema: \(error)"
        }
    }

    private func schema(_ json: JSON) throws -> Schema {
        if let known = compiled.withLock({ $0[json] }) { return known }
        let schema = try Schema(json.bytes)
        compiled.withLock { compiled in
            if compiled.count >= Self.most { compiled.removeAll() }
            compiled[json] = schema
        }
        return schema
    }
}
