import BatonModel
import Foundation
import Testing

@testable import BatonStore

/// That a commit is on disk when it returns.
@Suite("Durability", .timeLimit(.minutes(1)))
struct DurabilityTests {
    private static let endings = ["", "-wal", "-shm", ".lock"]

    @Test("the connection that writes waits for the disk at each commit")
    func waits() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "durability-\(UUID().uuidString).db").path
        defer { for ending in Self.endings { try? FileManager.default.removeItem(atPath: path + ending) } }
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

    @Test("a store that is closed right after a commit leaves all of it in one file, which can be copied")
    func closed() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "closed-\(UUID().uuidString).db").path
        let copy = path + "-copy"
        defer { for ending in Self.endings { for file in [path, copy] { try? FileManager.default.removeItem(atPath: file + ending) } } }
        for number in 1...20 {
            let store = try SQLiteStore(path: path)
            _ = try store.write { try $0.insert(Fixture.run(RunID("r\(number)"))) }
            store.close()
        }
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let store = try SQLiteStore(path: copy)
        defer { store.close() }
        #expect(try store.read { try $0.run(id: "r20") } != nil)
        #expect(try store.read { try $0.runs(RunFilter(), limit: 100, before: nil) }.count == 20)
    }
}
