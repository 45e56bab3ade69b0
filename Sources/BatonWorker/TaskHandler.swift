public import BatonModel

/// The code behind a handler name: what a worker runs for each attempt of a task.
///
/// A handler runs at least once for a task, and more than once where a worker dies: pass `context.attemptID`, or the run and
/// task id, on as the idempotency key of what it does outside. What it returns is recorded exactly once.
///
/// An error that `run` throws becomes the attempt's error; see `TaskError` and `NonRetryable` for those that say more. When
/// the attempt is cancelled, times out, or the worker has to stop, its Swift task is cancelled: return soon, or the
/// slot stays taken.
public protocol TaskHandler: Sendable {
    /// Read from the task's `inputs`; inputs that don't fit fail the task at once. `JSON` takes them undecoded.
    associatedtype Input: Decodable & Sendable
    /// Written as the task's result, at most 256 KiB. `JSON` is passed on as it is.
    associatedtype Output: Encodable & Sendable

    /// The name by which graphs ask for it.
    static var name: HandlerName { get }

    func run(_ input: Input, _ context: TaskContext) async throws -> Output

    /// Called before the first attempt. What a hook throws is logged, and changes nothing of the task.
    func onStarted(_ input: Input, _ context: TaskContext) async throws
    /// Called before each attempt after the first.
    func onRetry(_ input: Input, _ retry: RetryInfo, _ context: TaskContext) async throws
    /// Called when `run` has returned, before its result is reported.
    func onCompleted(_ output: Output, _ context: TaskContext) async throws
}

extension TaskHandler {
    public func onStarted(_ input: Input, _ context: TaskContext) async throws {}
    public func onRetry(_ input: Input, _ retry: RetryInfo, _ context: TaskContext) async throws {}
    public func onCompleted(_ output: Output, _ context: TaskContext) async throws {}
}

/// A handler that wants to hear, once, that a task of its name has failed for good.
///
/// The coordinator sends this as work of its own, since the worker that ran the task may be dead: any worker with the handler
/// may get it. In its context, `taskID` and `inputs` are those of the failed task.
public protocol FailureHook: TaskHandler {
    /// What it throws is logged, and changes nothing of the task.
    func onFailed(_ error: TaskError, _ context: TaskContext) async throws
}

/// A handler that wants to hear, once, that a task of its name was cancelled, whether it had started or not. Delivered as a
/// `FailureHook` is.
public protocol CancellationHook: TaskHandler {
    /// - Parameter reason: what the caller gave, if anything.
    func onCancelled(_ reason: String?, _ context: TaskContext) async throws
}
