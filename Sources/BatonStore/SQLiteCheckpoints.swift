import Dispatch
import GRDB
import Synchronization

/// Moves what was committed from the write-ahead log into the database, beside the writing.
///
/// SQLite would do it within a commit, every so many pages, and that commit would take as long as several dozen others. A passive
/// checkpoint on a connection of its own holds nobody up. It can't begin the log anew while there is always somebody writing, so
/// the writer still does that, seldom, and finds little left to move.
final class SQLiteCheckpoints: Sendable {
    private let database: DatabaseQueue
    private let queue = DispatchQueue(label: "baton.checkpoints", qos: .utility)
    private let isScheduled = Mutex(false)
    private let isClosed = Mutex(false)
    private static let interval = DispatchTimeInterval.milliseconds(200)

    /// - Throws: `DatabaseError`.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "baton.checkpoints"
        configuration.busyMode = .immediateError
        database = try DatabaseQueue(path: path, configuration: configuration)
        try database.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0") }
    }

    /// Something has been committed.
    func note() {
        let isFirst = isScheduled.withLock { isScheduled in
            defer { isScheduled = true }
            return !isScheduled
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + Self.interval) { [self] in
            isScheduled.withLock { $0 = false }
            guard !isClosed.withLock(\.self) else { return }
            // One that fails has moved less, or nothing: the next one goes on, and the writer finds out what is wrong.
            try? database.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) }
        }
    }

    /// Waits for the one under way.
    func close() {
        queue.sync {
            isClosed.withLock { $0 = true }
            try? database.close()
        }
    }
}
