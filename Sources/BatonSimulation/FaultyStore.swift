import BatonModel
import BatonStore

/// The real store as one coordinator sees it: commits can fail, and the coordinator can die just before or just after one.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
final class FaultyStore: Store, @unchecked Sendable {
    enum Fault {
        /// Nothing is even begun.
        case refuse
        /// All is done, and then taken back.
        case rollBack
        case dieBefore
        case dieAfter
    }

    private let base: any Store
    private let onCommit: ([CommitJournal.Change]) -> Void
    private let onDeath: (String) -> Void
    /// Of the next commits; the first one is the next.
    var faults: [Fault] = []
    var isDead = false
    /// Faults put in on purpose.
    var onLoad: (LoadedRun) -> LoadedRun = { $0 }
    var onSend: ((OutboxEntry, any StoreReader) throws -> Void)?

    init(_ base: any Store, onCommit: @escaping ([CommitJournal.Change]) -> Void, onDeath: @escaping (String) -> Void) {
        self.base = base
        self.onCommit = onCommit
        self.onDeath = onDeath
    }

    func write<Value>(_ body: (any StoreTransaction) throws -> Value) throws -> Value {
        if isDead { throw StoreError(.unusable, "its coordinator is dead") }
        let fault = faults.isEmpty ? nil : faults.removeFirst()
        if fault == .refuse { throw StoreError(.unusable, "the disk is full") }
        let journal = CommitJournal()
        let value = try base.write { transaction in
            let value = try body(WatchedTransaction(base: transaction, journal: journal, onLoad: onLoad, onSend: onSend))
            switch fault {
            case .rollBack: throw StoreError(.unusable, "the disk became full")
            case .dieBefore:
                onDeath("before a commit")
                throw StoreError(.unusable, "its coordinator is dead")
            default: return value
            }
        }
        onCommit(journal.changes)
        if fault == .dieAfter { onDeath("after a commit") }
        return value
    }

    func read<Value>(_ body: (any StoreReader) throws -> Value) throws -> Value {
        if isDead { throw StoreError(.unusable, "its coordinator is dead") }
        return try base.read(body)
    }

    func close() {}
}
