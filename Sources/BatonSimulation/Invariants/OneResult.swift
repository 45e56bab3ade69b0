import BatonModel
import BatonStore

/// Of each attempt one outcome is applied at most, and what is applied was made by the attempt that the task waits for.
final class OneResult: Invariant {
    static let name = "one result"

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for (task, result) in commit.results {
            let spec = task.definition.spec
            guard task.state.status == .completed, spec.handler != .graph, spec.handler != .answer, spec.rules.loop == nil else { continue }
            let attempt = Int(task.state.attempt)
            guard !task.results.contains(attempt) else {
                throw Breach("\(Self.text(task, ledger)) gets a second result in attempt \(attempt)")
            }
            task.results.append(attempt)
            // What was stored for equal inputs, or changed by a validator, bears another attempt's id.
            if task.state.flags.contains(.cached) || spec.rules.guardrails != nil { continue }
            guard let made = result.value["attempt"]?.string else { continue }
            let expected = "\(ledger.runs[task.key.run]?.header.id.rawValue ?? "").\(task.key.task).\(attempt)"
            guard made == expected else { throw Breach("\(Self.text(task, ledger)): attempt \(expected) gets the result of \(made)") }
        }
        var ended: Set<String> = []
        for (run, event) in commit.events where event.type.endsTask {
            guard let index = event.task, let attempt = event.attempt, run.resets == 0 else { continue }
            guard ended.insert("\(run.number) \(index) \(attempt)").inserted else {
                throw Breach("\(run.header.id) task \(index) ends twice in attempt \(attempt)")
            }
        }
    }

    private static func text(_ task: Ledger.Task, _ ledger: Ledger) -> String {
        "\(ledger.runs[task.key.run]?.header.id.rawValue ?? "?") \(task.definition.spec.id)"
    }
}
