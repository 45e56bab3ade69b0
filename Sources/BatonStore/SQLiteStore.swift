import BatonModel
import Foundation
import GRDB
import Synchronization

/// The store in one SQLite file, in WAL mode with `synchronous=FULL`: what was committed survives the loss of power.
public final class SQLiteStore: Store {
    private let pool: DatabasePool
    private let connections = SQLiteConnections()
    private let checkpoints: SQLiteCheckpoints
    private let lock: FileLock

    /// Opens the file, or makes it; brings an older one up to date.
    ///
    /// - Throws: `StoreError`: `.inUse` where another process has it, `.tooNew`, `.unusable`.
    public init(path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw StoreError(.unusable, "the database \(path) can't be made: there is no folder \(directory)")
        }
        lock = try FileLock(path: path + ".lock", guarding: path)
        var configuration = Configuration()
        configuration.label = "baton"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // What isn't in this cache is most likely in the system's. Queries look at little, decisions at what they have just written.
            let kibibytes = db.configuration.readonly ? 4096 : 16384
            try db.execute(sql: "PRAGMA cache_size = -\(kibibytes); PRAGMA wal_autocheckpoint = 20000")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // Not before: a pool sets it to NORMAL while it is made, with which a commit need not be on disk when it returns.
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
            let migrator = SQLiteSchema.migrator
            if try pool.read(migrator.hasBeenSuperseded) {
                throw StoreError(.tooNew, "the database \(path) was written by a later version of baton: use that one")
            }
            try migrator.migrate(pool)
            checkpoints = try SQLiteCheckpoints(path: path)
        } catch let error as StoreError {
            throw error
        } catch {
            throw Self.error(error, path)
        }
    }

    public func write<Value>(_ body: (any StoreTransaction) throws -> Value) throws -> Value {
        do {
            defer { checkpoints.note() }
            return try pool.write { db in try body(SQLiteTransaction(connection: connections.connection(db))) }
        } catch let error as DatabaseError {
            throw Self.error(error, pool.path)
        }
    }

    public func read<Value>(_ body: (any StoreReader) throws -> Value) throws -> Value {
        do {
            return try pool.read { db in try body(SQLiteTransaction(connection: connections.connection(db))) }
        } catch let error as DatabaseError {
            throw Self.error(error, pool.path)
        }
    }

    public func close() {
        checkpoints.close()
        connections.clear()
        // The pool closes its writer first, and what closes last can only read then: the log would stay beside the file.
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try? pool.close()
        lock.release()
    }

    private static func error(_ error: any Error, _ path: String) -> StoreError {
        let remedy =
            switch (error as? DatabaseError)?.resultCode {
            case .SQLITE_FULL?: "the disk is full: free some room"
            case .SQLITE_READONLY?, .SQLITE_CANTOPEN?, .SQLITE_PERM?: "check that this user may write the file and its folder"
            case .SQLITE_CORRUPT?, .SQLITE_NOTADB?: "the file is damaged or no database: restore it from a backup"
            default: "nothing of this was stored"
            }
        return StoreError(.unusable, "the database \(path) failed: \(error) (\(remedy))")
    }
}
