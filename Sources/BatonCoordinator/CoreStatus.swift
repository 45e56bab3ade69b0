import BatonModel
import BatonStore
import DequeModule
import Synchronization

/// What others than the core's thread may know of it.
final class CoreStatus: Sendable {
    private struct State {
        var levels: [QueueLevel: PublishWindow.Level] = [:]
        var revoked: Set<String> = []
        /// Those of which a message has been seen, and since when. A message can come twice, and its copy later.
        var leaving: [String: Duration] = [:]
        var leavingInOrder: Deque<(attempt: String, since: Duration)> = []
        var paused: Set<QueueName> = []
        var counters = MetricsView.Counters()
        var storeError: String?
        var isStopping = false
    }

    private let state = Mutex(State())

    var levels: [QueueLevel: PublishWindow.Level] { state.withLock { $0.levels } }
    var revoked: [String] { state.withLock { $0.revoked.sorted() } }
    var paused: Set<QueueName> { state.withLock { $0.paused } }
    var counters: MetricsView.Counters { state.withLock { $0.counters } }
    var storeError: String? { state.withLock { $0.storeError } }
    var isStopping: Bool { state.withLock { $0.isStopping } }

    func levels(_ levels: [QueueLevel: PublishWindow.Level]) { state.withLock { $0.levels = levels } }
    func paused(_ queues: Set<QueueName>) { state.withLock { $0.paused = queues } }
    func count(_ body: (inout MetricsView.Counters) -> Void) { state.withLock { body(&$0.counters) } }
    func storeFailed(_ error: String?) { state.withLock { $0.storeError = error } }
    func stop() { state.withLock { $0.isStopping = true } }

    func revoked(replacingWith attempts: [String]) { state.withLock { $0.revoked = Set(attempts) } }

    /// How long a copy of a message may take to be seen after the first, and how many of those are kept in mind.
    private static let copiesComeWithin = Duration.seconds(600)
    private static let mostLeaving = 100_000

    /// - Parameter time: since some point.
    func revoked(adding added: [String], removing removed: [String], at time: Duration) {
        guard !added.isEmpty || !removed.isEmpty else { return }
        state.withLock { state in
            for attempt in added {
                state.revoked.insert(attempt)
                state.leaving[attempt] = nil
            }
            for attempt in removed where state.revoked.contains(attempt) && state.leaving[attempt] == nil {
                state.leaving[attempt] = time
                state.leavingInOrder.append((attempt, time))
            }
            while let first = state.leavingInOrder.first,
                time - first.since > Self.copiesComeWithin || state.leavingInOrder.count > Self.mostLeaving
            {
                state.leavingInOrder.removeFirst()
                guard state.leaving[first.attempt] == first.since else { continue }
                state.leaving[first.attempt] = nil
                state.revoked.remove(first.attempt)
            }
        }
    }
}
