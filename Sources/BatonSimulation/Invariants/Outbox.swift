import BatonModel
import BatonStore

/// The broker only sees what is stored, and what it brought is taken off its queue only once its consequences are.
final class Outbox: Invariant {
    static let name = "outbox"

    func saw(_ sight: Sight, _ ledger: Ledger) throws {
        switch sight {
        case .offered(let attempt):
            guard let task = ledger.task(attempt), Int(task.state.attempt) >= attempt.number else {
                throw Breach("the message of \(attempt) is with the broker, but no such attempt is stored")
            }
        case .acknowledged(let attempt, let type):
            guard type == "completed" || type == "failed", let task = ledger.task(attempt) else { return }
            let state = task.state
            guard Int(state.attempt) == attempt.number, state.status == .queued || state.status == .running,
                !state.flags.contains(.examined)
            else { return }
            throw Breach("the report '\(type)' of \(attempt) is acknowledged, but the attempt is \(state.status.rawValue)")
        default: break
        }
    }
}
