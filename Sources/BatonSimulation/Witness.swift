import BatonModel
import BatonStore

/// Sees all that happens in a simulation, and holds it against the invariants. The first violation counts.
final class Witness {
    let ledger = Ledger()
    let invariants: [any Invariant]
    private(set) var violation: Violation?

    init(_ invariants: [any Invariant]) { self.invariants = invariants }

    private func check(_ body: (any Invariant) throws -> Void) {
        guard violation == nil else { return }
        for invariant in invariants {
            do {
                try body(invariant)
            } catch {
                violation = Violation(invariant: type(of: invariant).name, message: "\(error)")
                return
            }
        }
    }

    func committed(_ changes: [CommitJournal.Change], now: Timestamp, hasJumped: Bool) {
        check { try $0.willCommit(changes, ledger) }
        let commit = ledger.apply(changes, now: now, hasJumped: hasJumped)
        check { try $0.committed(commit, ledger) }
    }

    func saw(_ sight: Sight) { check { try $0.saw(sight, ledger) } }

    func ended() { check { try $0.ended(ledger) } }

    func fail(_ invariant: String, _ message: String) {
        if violation == nil { violation = Violation(invariant: invariant, message: message) }
    }
}

/// Something that could be seen outside of the store.
enum Sight {
    /// A task's message has reached its queue.
    case offered(AttemptID)
    /// A worker begins an attempt. What it knows that it might have heeded: messages to it that it hasn't read.
    case started(AttemptID, by: ModelWorker, unread: Bool)
    /// A report has been taken off its queue.
    case acknowledged(AttemptID, type: String)
    /// Whoever asked for a cancel was told that it holds.
    case cancelHolds(RunID, TaskID?, waited: Duration, silent: Set<WorkerID>)
    /// Whoever submitted was told that the run is stored.
    case accepted(RunID, key: String?)
    /// A listener got an event.
    case heard(RunID, event: Int)
}

/// What must hold, and doesn't.
package struct Violation: Error, Sendable, Equatable, CustomStringConvertible {
    package var invariant: String
    package var message: String
    package var description: String { "\(invariant): \(message)" }
}

/// Something that must hold at every moment.
protocol Invariant: AnyObject {
    static var name: String { get }
    /// Before the ledger knows of it.
    func willCommit(_ changes: [CommitJournal.Change], _ ledger: Ledger) throws
    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws
    func saw(_ sight: Sight, _ ledger: Ledger) throws
    /// All is over.
    func ended(_ ledger: Ledger) throws
}

extension Invariant {
    func willCommit(_ changes: [CommitJournal.Change], _ ledger: Ledger) throws {}
    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {}
    func saw(_ sight: Sight, _ ledger: Ledger) throws {}
    func ended(_ ledger: Ledger) throws {}
}

/// Why an invariant doesn't hold.
struct Breach: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
