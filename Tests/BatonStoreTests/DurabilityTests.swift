import Foundation
import Testing

@testable import BatonStore

/// That a commit is on disk when it returns.
@Suite("Durability", .timeLimit(.minutes(1)))
struct DurabilityTests {
    @Test("the connection that writes waits for the disk at each commit")
    func waits() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "durability-\(UUID().uuidString).db").path
        defer { for ending in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + ending) } }
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        let (synchronous, mode) = try store.write { transaction in
            let transaction = try #require(transaction as? SQLiteTransaction)
            let synchronous: Int = try #require(try transaction.first("PRAGMA synchronous", [])?[0])
            let mode: String = try #require(try transaction.first("PRAGMA journal_mode", [])?[0])
            return (synchronous, mode)
        }
        // FULL, and not NORMAL, which with a write-ahead log waits at checkpoints alone.
        #expect(synchronous == 2)
        #expect(mode == "wal")
    }
}
