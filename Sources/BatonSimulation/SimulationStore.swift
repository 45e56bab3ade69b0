import BatonModel
package import BatonStore
import Foundation

/// Empty databases for simulations: copies of one that has been migrated, in memory where the system has files there.
package final class SimulationStores: Sendable {
    private let folder: String

    /// - Throws: `StoreError`, or what the file system says.
    package init() throws {
        let memory = "/dev/shm"
        let root = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        folder = "\(root)/baton-simulation-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try SQLiteStore(path: template).close()
    }

    private var template: String { "\(folder)/template.sqlite" }

    /// Runs the body on a store of its own.
    package func withStore<Value>(_ name: String, _ body: (any Store) throws -> Value) throws -> Value {
        let path = "\(folder)/\(name).sqlite"
        defer { for end in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + end) } }
        try FileManager.default.copyItem(atPath: template, toPath: path)
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        return try body(store)
    }

    package func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
