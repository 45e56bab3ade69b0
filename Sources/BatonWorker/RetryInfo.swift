public import BatonModel

/// Why and how a task is tried again, for `onRetry`.
public struct RetryInfo: Sendable, Hashable {
    /// 1 for the first retry, which is the second attempt.
    public var count: Int
    /// The wait since the attempt before, in whole milliseconds.
    public var delay: Duration
    /// What the attempt before ended with; its type is `unknown` where the coordinator didn't say.
    public var error: TaskError

    public init(count: Int, delay: Duration, error: TaskError) {
        self.count = count
        self.delay = delay
        self.error = error
    }
}

extension RetryInfo {
    /// - Parameter body: of a task message: `{"delayMs", "error"}`.
    init(attempt: Int, body: JSON?) {
        self.init(
            count: max(1, attempt - 1), delay: .zero,
            error: TaskError(type: "unknown", message: "the error of the attempt before is not known"))
        for (name, value) in body?.fields ?? [] {
            switch name {
            case "delayMs": delay = .milliseconds(value.value.double.map { Int64(max(0, min($0, 1e15))) } ?? 0)
            case "error": error = TaskError(value)
            default: break
            }
        }
    }
}
