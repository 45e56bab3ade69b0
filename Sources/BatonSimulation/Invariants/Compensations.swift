import BatonModel
import BatonStore

/// What had completed is undone, each once, in reverse order of completion, one after another; nothing else is.
final class Compensations: Invariant {
    static let name = "compensations"

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for step in commit.steps where step.task.definition.role == .compensation {
            guard step.before?.attempt ?? 0 == 0, step.after.attempt > 0, let run = ledger.runs[step.task.key.run] else { continue }
            let origin = step.task.definition.origin
            guard let place = run.completions.lastIndex(of: origin) else {
                throw Breach("\(run.header.id): task \(origin) is undone, but never completed")
            }
            for other in run.tasks.values where other.definition.role == .compensation && other !== step.task {
                if !other.state.status.isFinal {
                    throw Breach("\(run.header.id): \(step.task.definition.spec.id) starts before \(other.definition.spec.id) has ended")
                }
                guard run.resets == 0 else { continue }
                guard other.definition.origin != origin else { throw Breach("\(run.header.id): task \(origin) is undone twice") }
                if let earlier = run.completions.lastIndex(of: other.definition.origin), earlier < place {
                    throw Breach("\(run.header.id): task \(origin) completed later than \(other.definition.origin), but is undone after it")
                }
            }
        }
    }

    func ended(_ ledger: Ledger) throws {
        for run in ledger.order where run.progress.status == .failed || run.progress.status == .cancelled {
            let undone = Set(run.tasks.values.filter { $0.definition.role == .compensation }.map(\.definition.origin))
            for task in run.tasks.values where task.state.status == .completed && task.definition.spec.rules.compensation != nil {
                let state = task.state
                // What follows from a failure or a cancel cleans up, and stays.
                if !task.counts || state.flags.contains(.linked) { continue }
                if (task.definition.role == .continuation || task.definition.role == .dispatched), task.definition.number == TaskNode.cleanup {
                    continue
                }
                guard undone.contains(task.key.task) else {
                    throw Breach("\(run.header.id) \(task.definition.spec.id) completed and was not undone")
                }
            }
        }
    }
}
