import BatonModel
import BatonStore

/// Nothing that waits for a time goes on before it.
final class Timers: Invariant {
    static let name = "timers"

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for step in commit.steps {
            guard let before = step.before, let due = before.dueAt, before.status == .scheduled || before.status == .retrying else { continue }
            let after = step.after
            guard after.attempt > before.attempt, commit.now < due else { continue }
            // A route or a rerun makes it anew.
            guard after.iteration == before.iteration, ledger.runs[step.task.key.run]?.resets == 0 else { continue }
            throw Breach("\(step.task.definition.spec.id) goes on at \(commit.now), but is due at \(due)")
        }
        // Times before and after the calendar was set can't be compared.
        for (run, event) in commit.events where event.type == .taskFailed && !commit.hasJumped {
            guard let index = event.task, let task = run.tasks[index], task.state.status == .failed,
                let details = event.data?.value, details["type"]?.string == TaskError.Kind.timeout,
                let queued = task.state.firstQueuedAt
            else { continue }
            let timeouts = task.definition.spec.timeouts
            let shortest = [timeouts.attempt, timeouts.total, timeouts.queued, timeouts.heartbeat].compactMap(\.self).min()
            if let shortest, commit.now - queued < shortest {
                throw Breach("\(task.definition.spec.id) times out \(commit.now - queued) after it was ready")
            }
        }
    }
}
