import BatonModel
import BatonStore

/// Limits on what runs at a time are never passed: those of handlers over all runs, and those of loops.
final class SharedLimits: Invariant {
    static let name = "limits"

    private var inside: [String: Set<TaskKey>] = [:]
    private var gates: [TaskKey: Set<String>] = [:]

    func willCommit(_ changes: [CommitJournal.Change], _ ledger: Ledger) throws {
        var added: [TaskKey: TaskDefinition] = [:]
        for change in changes {
            switch change {
            case .added(let key, let definition, _): added[key] = definition
            case .passed(let gate, let key):
                inside[gate, default: []].insert(key)
                gates[key, default: []].insert(gate)
                let count = inside[gate]?.count ?? 0
                guard gate.hasPrefix("limit:"), let spec = added[key]?.spec ?? ledger.task(key)?.definition.spec,
                    let limit = spec.rules.limit?.concurrency, count > limit
                else { continue }
                throw Breach("\(spec.id) is number \(count) inside \(gate), which takes \(limit)")
            case .left(let key):
                for gate in gates.removeValue(forKey: key) ?? [] { inside[gate]?.remove(key) }
            default: break
            }
        }
    }

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for run in commit.runs {
            for task in run.tasks.values {
                guard let rule = task.definition.spec.rules.loop, let loop = task.loop, !task.state.status.isFinal else { continue }
                if loop.open > rule.maxParallel {
                    throw Breach("\(run.header.id) \(task.definition.spec.id) has \(loop.open) items under way, more than \(rule.maxParallel)")
                }
            }
        }
    }
}
