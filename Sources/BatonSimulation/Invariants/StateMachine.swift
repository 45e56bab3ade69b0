import BatonModel
import BatonStore

/// Tasks only take the steps that their state machine allows, and end once.
final class StateMachine: Invariant {
    static let name = "state machine"

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for step in commit.steps {
            guard let before = step.before, let run = ledger.runs[step.task.key.run] else { continue }
            let after = step.after
            let name = "\(run.header.id) \(step.task.definition.spec.id)"
            guard after.attempt >= before.attempt else { throw Breach("\(name): attempt \(after.attempt) follows \(before.attempt)") }
            if before.status.isFinal, before.status != after.status, run.resets == 0 {
                throw Breach("\(name) was \(before.status.rawValue) and is \(after.status.rawValue)")
            }
            if let started = after.startedAt, let finished = after.finishedAt, started > finished {
                throw Breach("\(name) ended before it started")
            }
            if after.status.isFinal, after.finishedAt == nil { throw Breach("\(name) has ended at no time") }
        }
    }
}
