import BatonModel
import BatonWire
import Synchronization

/// Why a running attempt was told to stop.
enum StopCause: Sendable, Hashable {
    case cancelled(reason: String?)
    case timedOut(after: Duration)
    /// The worker leaves, and can wait no longer.
    case workerStopping
}

/// A started attempt: what its handler, its context and the worker share.
final class Attempt: Sendable {
    let message: TaskMessage
    let key: String
    let queue: QueueName
    let round: Int
    let dispatches = DispatchList()
    let isClaimed: Bool
    let startedAt: Timestamp
    /// Since the worker's start.
    let began: Duration

    private struct State {
        var task: Task<Void, Never>?
        var cause: StopCause?
        var progress = ProgressState()
        var log = LogState()
    }

    private let state = Mutex(State())

    init(_ offer: Offer, startedAt: Timestamp, began: Duration) {
        message = offer.message
        key = offer.key
        queue = offer.queue
        round = offer.round
        isClaimed = offer.isClaimed
        self.startedAt = startedAt
        self.began = began
    }

    var stopCause: StopCause? { state.withLock(\.cause) }

    /// The first cause counts. The Swift task is cancelled by `cancelTask`, outside of the worker's lock.
    func stop(_ cause: StopCause) {
        state.withLock { if $0.cause == nil { $0.cause = cause } }
    }

    func attach(_ task: Task<Void, Never>) {
        let isStopping = state.withLock { state in
            state.task = task
            return state.cause != nil
        }
        if isStopping { task.cancel() }
    }

    func cancelTask() { state.withLock(\.task)?.cancel() }

    func withProgress<Result: Sendable>(_ body: (inout sending ProgressState) -> sending Result) -> Result {
        state.withLock { body(&$0.progress) }
    }

    func withLog<Result: Sendable>(_ body: (inout sending LogState) -> sending Result) -> Result {
        state.withLock { body(&$0.log) }
    }

    func report(_ content: Report.Content, by worker: WorkerID) -> Message {
        var message = Report(content, of: message.attempt, by: worker, startedAt: startedAt).message(task: message.task)
        message.add(self.message.trace)
        switch content {
        case .heartbeat, .started, .lease, .log: message.isPersistent = false
        case .completed, .failed, .cancelled, .progress, .claim: break
        }
        return message
    }
}
