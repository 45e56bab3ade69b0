import BatonModel
import BatonStore
import Synchronization

/// What others than the core's thread may know of it.
final class CoreStatus: Sendable {
    private struct State {
        var levels: [QueueLevel: PublishWindow.Level] = [:]
        var revoked: Set<String> = []
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

    func revoked(adding added: [String], removing removed: [String]) {
        guard !added.isEmpty || !removed.isEmpty else { return }
        state.withLock { state in
            state.revoked.formUnion(added)
            state.revoked.subtract(removed)
        }
    }
}
