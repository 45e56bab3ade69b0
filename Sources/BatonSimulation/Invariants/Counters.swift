import BatonModel
import BatonStore

/// A run's counts are those of its tasks.
final class Counters: Invariant {
    static let name = "counters"

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for run in commit.runs {
            var counts = Array(repeating: 0, count: TaskStatus.allCases.count)
            for task in run.tasks.values where task.counts { counts[task.state.status.position] += 1 }
            guard counts == run.progress.counts else {
                throw Breach("\(run.header.id) counts \(run.progress.counts), but its tasks come to \(counts)")
            }
            if run.progress.status.isFinal, zip(TaskStatus.allCases, counts).contains(where: { !$0.isFinal && $1 > 0 }) {
                throw Breach("\(run.header.id) is \(run.progress.status.rawValue), but some of its tasks are open")
            }
        }
    }
}
