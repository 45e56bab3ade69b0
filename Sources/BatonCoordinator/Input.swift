import BatonBroker
import BatonEngine
import BatonModel
import BatonStore
import BatonWire

/// What the core is asked to decide on.
enum Input: Sendable {
    /// A worker's report, by the message that brought it.
    case report(Report, Delivery)
    case worker(WorkerMessage, Delivery)
    case submission(SubmissionRequest)
    /// The broker gave an attempt's message up.
    case givenUp(AttemptID, reason: String, Delivery)
    case undeliverable(AttemptID, TaskError)
    case cancel(CancelRequest)
    /// Only that the time has come, or that someone wants to be sure to have been heard.
    case tick(heard: @Sendable () -> Void)
}

struct SubmissionRequest: Sendable {
    var graph: Graph
    var digest: [UInt8]
    var reply: ReplyAddress?
    var wantsResult: Bool
    var answer: @Sendable (Result<(run: StoredRun, existing: Bool), OperationError>) -> Void
    var delivery: Delivery?
}

struct CancelRequest: Sendable {
    var run: RunID
    var task: TaskID?
    var reason: String
    var answer: @Sendable (Result<CancelView, OperationError>) -> Void
}
