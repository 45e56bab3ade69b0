import BatonStore
import Foundation

enum StoreKind {
    /// Closes the present store, unless told not to, and opens it again.
    final class Reopening {
        private let path: String
        fileprivate var store: SQLiteStore?

        fileprivate init(path: String) { self.path = path }

        func callAsFunction(closing: Bool = true) throws -> any Store {
            if closing {
                store?.close()
                store = nil
            }
            let opened = try SQLiteStore(path: path)
            store = opened
            return opened
        }
    }

    /// A store of its own, which goes with its files.
    static func withStore(_ body: (any Store, Reopening) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "baton-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let reopening = Reopening(path: folder.appending(path: "baton.sqlite").path)
        let store = try reopening()
        defer { reopening.store?.close() }
        try body(store, reopening)
    }
}
