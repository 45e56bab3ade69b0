import BatonModel
import BatonStore
import BatonWire
import Synchronization

/// The workers that have been heard of. Only their handlers' hooks are stored: workers announce themselves again, but what their
/// handlers do may fail before.
final class WorkerRegistry: Sendable {
    private struct Entry {
        var announcement: WorkerAnnouncement
        var lastSeenAt: Timestamp
    }

    private struct State {
        var workers: [WorkerID: Entry] = [:]
        /// Kept after their workers have gone, since failures may come later.
        var hooks: [HandlerName: Set<TaskNode.Hook>] = [:]
        var slots: [QueueName: Int] = [:]
    }

    private let state = Mutex(State())
    private let heartbeatInterval: Duration

    init(heartbeatInterval: Duration) { self.heartbeatInterval = heartbeatInterval }

    /// A worker gave a sign of life.
    func note(_ announcement: WorkerAnnouncement, now: Timestamp) {
        state.withLock { state in
            if announcement.state == .stopped {
                state.workers[announcement.worker] = nil
            } else {
                state.workers[announcement.worker] = Entry(announcement: announcement, lastSeenAt: now)
            }
            for handler in announcement.handlers {
                state.hooks[handler.name] = Set(handler.hooks.compactMap(TaskNode.Hook.init(rawValue:)))
            }
            Self.count(&state)
        }
    }

    /// What was known of handlers before the coordinator began; what workers say themselves is newer.
    func restore(_ hooks: [HandlerName: Set<TaskNode.Hook>]) {
        state.withLock { $0.hooks.merge(hooks) { current, _ in current } }
    }

    /// Forgets workers that have been silent for long.
    func forgetSilent(now: Timestamp) {
        let limit = heartbeatInterval * 30
        state.withLock { state in
            let gone = state.workers.filter { now - $0.value.lastSeenAt > limit }.keys
            guard !gone.isEmpty else { return }
            for worker in gone { state.workers[worker] = nil }
            Self.count(&state)
        }
    }

    func forget(_ worker: WorkerID) {
        state.withLock { state in
            state.workers[worker] = nil
            Self.count(&state)
        }
    }

    func knows(_ worker: WorkerID) -> Bool { state.withLock { $0.workers[worker] != nil } }

    func hooks(of handler: HandlerName) -> Set<TaskNode.Hook> { state.withLock { $0.hooks[handler] ?? [] } }

    func slots(of queue: QueueName) -> Int { state.withLock { $0.slots[queue] ?? 0 } }

    /// Those that can be expected to answer.
    func alive(now: Timestamp) -> Set<WorkerID> {
        let limit = heartbeatInterval * 3
        return state.withLock { state in Set(state.workers.filter { now - $0.value.lastSeenAt <= limit }.keys) }
    }

    func workers(of queue: QueueName) -> Int {
        state.withLock { state in state.workers.values.count { $0.announcement.queues.contains(queue) } }
    }

    /// How many workers offer each handler.
    var handlers: [HandlerName: Int] {
        state.withLock { state in
            var counts: [HandlerName: Int] = [:]
            for entry in state.workers.values { for handler in entry.announcement.handlers { counts[handler.name, default: 0] += 1 } }
            return counts
        }
    }

    var queues: Set<QueueName> { state.withLock { Set($0.slots.keys) } }

    func views(now: Timestamp) -> [WorkerView] {
        let limit = heartbeatInterval * 3
        return state.withLock { state in
            state.workers.values.sorted { $0.announcement.worker < $1.announcement.worker }.map { entry in
                let announcement = entry.announcement
                return WorkerView(
                    id: announcement.worker, state: now - entry.lastSeenAt > limit ? "silent" : announcement.state.rawValue,
                    host: announcement.host, handlers: announcement.handlers.map(\.name).sorted(),
                    queues: announcement.queues, slots: announcement.slots, tags: announcement.tags,
                    running: announcement.running.count, startedAt: announcement.startedAt, lastSeenAt: entry.lastSeenAt)
            }
        }
    }

    private static func count(_ state: inout State) {
        state.slots = [:]
        for entry in state.workers.values where entry.announcement.state != .draining {
            for queue in entry.announcement.queues { state.slots[queue, default: 0] += entry.announcement.slots }
        }
    }
}
