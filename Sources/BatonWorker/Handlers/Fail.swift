import BatonModel

/// `core.fail`: fails its first `attempts` attempts, or all where that is absent; then returns null.
struct Fail: TaskHandler {
    struct Input: Decodable, Sendable {
        var message: String?
        var type: String?
        var attempts: Int?
    }

    static let name: HandlerName = "core.fail"

    func run(_ input: Input, _ context: TaskContext) async throws -> JSON {
        if let attempts = input.attempts, context.attempt > attempts { return .null }
        throw TaskError(type: input.type ?? "failure", message: input.message ?? "failed as asked")
    }
}
