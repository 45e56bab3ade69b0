import BatonModel

/// What a validator says of a task's result.
public enum Verdict<Value: Sendable>: Sendable {
    /// The result stands as it is.
    case pass
    /// This takes the result's place.
    case change(Value)
    /// The task is tried again, where it may be, and gets this as `context.feedback`.
    case reject(feedback: String)
}

extension Verdict: Equatable where Value: Equatable {}
extension Verdict: Hashable where Value: Hashable {}

extension Verdict where Value: Encodable {
    /// As the coordinator reads it: `{"verdict": "pass" | "change" | "reject", "result"?, "feedback"?}`.
    ///
    /// - Throws: what encoding the value throws.
    func json() throws -> JSON {
        var writer = JSONWriter()
        switch self {
        case .pass: writer.object { $0.field("verdict", "pass") }
        case .change(let value):
            let result = try (value as? JSON) ?? JSON(encoding: value)
            writer.object {
                $0.field("verdict", "change")
                $0.field("result", result)
            }
        case .reject(let feedback):
            writer.object {
                $0.field("verdict", "reject")
                $0.field("feedback", feedback)
            }
        }
        return writer.json
    }
}
