import BatonModel
import BatonStore

/// Nothing that was cancelled starts once whoever cancelled it has been told so.
///
/// The cancel is acknowledged without workers that don't answer in time, or had been silent for long; one of them that has its word
/// unread may start.
final class CancelFence: Invariant {
    static let name = "cancel fence"

    private var fenced: [AttemptID: Fence] = [:]
    private let wait: Duration

    private struct Fence {
        var isLate: Bool
        var silent: Set<WorkerID>
    }

    init(wait: Duration) { self.wait = wait }

    func saw(_ sight: Sight, _ ledger: Ledger) throws {
        switch sight {
        case .cancelHolds(let id, let task, let waited, let silent):
            guard let run = ledger.run(id) else { return }
            for entry in run.tasks.values where entry.state.attempt > 0 {
                if let task, entry.definition.spec.id != task { continue }
                guard entry.state.status == .cancelled || entry.state.flags.contains(.cancelRequested) else { continue }
                let attempt = AttemptID(run: id, task: entry.key.task, number: Int(entry.state.attempt))
                if fenced[attempt] == nil { fenced[attempt] = Fence(isLate: waited >= wait, silent: silent) }
            }
        case .started(let attempt, let worker, let isUnread):
            guard let fence = fenced[attempt] else { return }
            if isUnread, fence.isLate || fence.silent.contains(worker.id) { return }
            throw Breach("\(attempt) starts with \(worker.id), but its cancel holds")
        default: break
        }
    }
}
