import BatonModel
import BatonStore

/// A schedule has as many runs as it says at most, and none beside another.
final class Occurrences: Invariant {
    static let name = "occurrences"

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        guard commit.runs.contains(where: { $0.header.lineage.schedule != nil }) else { return }
        let runs = ledger.order.filter { $0.header.lineage.schedule != nil && $0.header.lineage.parent == nil }
        guard runs.count <= Simulation.occurrences else { throw Breach("there are \(runs.count) runs of a schedule of \(Simulation.occurrences)") }
        let open = runs.count { !$0.progress.status.isFinal && $0.resets == 0 }
        guard open <= 1 else { throw Breach("\(open) runs of a schedule go on beside one another") }
    }
}
