import BatonModel
import BatonStore

/// A worker never starts a task while it could start a more urgent one that it holds; and nothing that becomes ready passes those that
/// wait for room with the broker on its level.
final class StrictPriority: Invariant {
    static let name = "strict priority"

    private var waiting: [QueueLevel: [ReadyTask]] = [:]

    func willCommit(_ changes: [CommitJournal.Change], _ ledger: Ledger) throws {
        var dequeued: Set<TaskKey> = []
        // As the transaction has left them so far.
        var states: [TaskKey: TaskState] = [:]
        func waits(_ entry: ReadyTask) -> Bool {
            guard let state = states[entry.key] ?? ledger.task(entry.key)?.state else { return false }
            return state.status == .queued && Int(state.attempt) == entry.attempt && state.flags.contains(.backlogged)
        }
        for change in changes {
            switch change {
            case .state(let key, let state), .added(let key, _, let state): states[key] = state
            case .enqueued(let entry, let level): waiting[level, default: []].append(entry)
            case .dequeued(let level, let ready, let isEmpty):
                dequeued.formUnion(ready.map(\.key))
                let taken = Set(ready.map(\.number))
                if isEmpty {
                    waiting[level] = []
                } else if let last = ready.last {
                    if let passed = waiting[level]?.first(where: { $0.number < last.number && !taken.contains($0.number) && waits($0) }) {
                        throw Breach("\(level.queue) p\(level.priority.rawValue): number \(last.number) passes number \(passed.number)")
                    }
                    waiting[level]?.removeAll { taken.contains($0.number) || $0.number < last.number }
                }
            case .sent(let entry):
                guard case .task(let key, let attempt) = entry.content, !dequeued.contains(key), let task = ledger.task(key) else { continue }
                // It was with the broker before, and is sent there again.
                if task.state.flags.contains(.published), Int(task.state.attempt) == attempt { continue }
                let level = QueueLevel(task.definition.spec.queue, task.definition.spec.priority)
                if let first = waiting[level]?.first(where: { $0.key != key && waits($0) }) { throw Breach("\(key) attempt \(attempt) passes \(first.key), which waits") }
            default: break
            }
        }
    }

    func saw(_ sight: Sight, _ ledger: Ledger) throws {
        guard case .started(let attempt, let worker, _) = sight, let task = ledger.task(attempt) else { return }
        let priority = task.definition.spec.priority
        if let other = worker.startable.first(where: { $0.priority < priority }) {
            throw Breach("\(worker.id) starts \(attempt) of priority \(priority.rawValue) while it holds \(other.attempt)")
        }
    }
}
