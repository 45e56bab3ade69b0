import BatonBroker
import BatonEngine
import BatonModel
import BatonStore
import BatonWire

/// What the core is asked to decide on. One word each, since they are handed on from the broker's thread through the mailbox.
enum Input: Sendable {
    /// A worker's report, by the message that brought it.
    indirect case report(Report, Delivery)
    /// - Parameter lost: the queues that it says weren't there.
    indirect case worker(WorkerMessage, lost: [QueueLevel], Delivery)
    indirect case submission(SubmissionRequest)
    /// The broker gave an attempt's message up.
    indirect case givenUp(AttemptID, reason: String, isRejected: Bool, Delivery)
    /// The outbox entry holds an attempt whose message can't be made.
    indirect case undeliverable(AttemptID, TaskError, entry: Int64)
    indirect case cancel(CancelRequest)
    case command(Command)
    /// The broker has lost a queue. To be told once what was in it is about to be sent again, which comes before the queue is made
    /// anew: otherwise nobody would notice after a crash.
    case lost(LostQueue, stored: @Sendable (Bool) -> Void)
    /// The link to the broker is there again, and what waited there comes first.
    case reconnected
    /// Only that the time has come, or that someone wants to be sure to have been heard.
    case tick(heard: @Sendable () -> Void)
}

struct SubmissionRequest: Sendable {
    var graph: Graph
    var prepared: PreparedGraph
    var digest: [UInt8]
    var reply: ReplyAddress?
    var wantsResult: Bool
    var answer: @Sendable (Result<(run: StoredRun, existing: Bool), OperationError>) -> Void
    var delivery: Delivery?
    /// Why it is too late for it, unless it was accepted before.
    var refusal: OperationError? = nil
}

struct CancelRequest: Sendable {
    var run: RunID
    var task: TaskID?
    var reason: String
    var answer: @Sendable (Result<CancelView, OperationError>) -> Void
}

/// Anything else that people ask for.
struct Command: Sendable {
    /// Does it, and gives the answer for after the commit.
    ///
    /// - Throws: `OperationError` before anything has changed.
    var run: @Sendable (inout Batch) throws -> @Sendable () -> Void
    var refuse: @Sendable (OperationError) -> Void
}
