import BatonModel
import BatonStore

/// No task starts before its dependencies allow it.
final class DependencyOrder: Invariant {
    static let name = "dependency order"

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for step in commit.steps where step.after.attempt > step.before?.attempt ?? 0 {
            guard step.after.status != .pending, let run = ledger.runs[step.task.key.run] else { continue }
            let definition = step.task.definition
            var isRouted = false
            for (dependency, index) in zip(definition.spec.dependencies, definition.dependencies) {
                guard let other = run.tasks[index] else { continue }
                let status = other.state.status
                let isMet =
                    switch dependency.condition {
                    case .completed: status == .completed
                    case .failed: status == .failed
                    case .finished, .routed: status.isFinal
                    case .sequential: status == .completed || status == .skipped
                    }
                isRouted = isRouted || dependency.condition == .routed
                guard isMet else {
                    throw Breach(
                        "\(run.header.id) \(definition.spec.id) has attempt \(step.after.attempt), but \(dependency.task) is "
                            + "\(status.rawValue), not \(dependency.condition.rawValue)")
                }
            }
            if isRouted, !step.after.flags.contains(.routed) {
                throw Breach("\(run.header.id) \(definition.spec.id) has an attempt, but no decision has chosen it")
            }
        }
    }
}
