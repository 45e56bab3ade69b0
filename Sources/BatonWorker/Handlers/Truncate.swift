import BatonModel

/// `core.truncate`: returns `context`, an object, cut so that its JSON has at most `limit` bytes. For use as a graph's
/// compressor, where what the dependencies say is more than a handler should read.
///
/// Strings are cut first, the longest ones to one common length, and marked with "…". Where that isn't enough, what is largest
/// loses parts: an array its last items, an object those fields that need more than their share. The same context gives the
/// same result; one that fits is returned as it came.
struct Truncate: TaskHandler {
    static let name: HandlerName = "core.truncate"
    private static let limits = 2...AttemptOutcome.maximumPayload

    func run(_ input: JSON, _ context: TaskContext) async throws -> JSON {
        let fields = Dictionary((input.fields ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        guard let limit = fields["limit"]?.value.int, Self.limits.contains(limit) else {
            throw Self.invalid("limit: must be a number of bytes from \(Self.limits.lowerBound) to \(Self.limits.upperBound)")
        }
        guard let context = fields["context"], context.isObject else { throw Self.invalid("context: must be an object") }
        do throws(JSONError) {
            return try Self.cut(context, to: limit)
        } catch {
            throw Self.invalid("context: \(error)")
        }
    }

    static func cut(_ context: JSON, to limit: Int) throws(JSONError) -> JSON {
        if context.bytes.count <= limit { return context }
        let tree = try JSONTree(context)
        let length = tree.longestString(within: limit)
        let fitting = length.map { tree.cuttingStrings(to: $0) } ?? tree.fitting(limit)
        return fitting?.json ?? .emptyObject
    }

    private static func invalid(_ message: String) -> TaskError {
        TaskError(type: TaskError.Kind.invalidInputs, message: "inputs: \(message)", retryable: false)
    }
}
