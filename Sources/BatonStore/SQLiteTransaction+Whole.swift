import BatonModel
import Foundation

/// What is read whole, to be used again.
extension SQLiteTransaction {
    func digest(of run: RunNumber) throws -> [UInt8]? {
        try first("SELECT digest FROM runs WHERE number = ?", [run.rawValue]).map { $0[0] }
    }

    func items(of loop: TaskKey) throws -> [JSON] {
        let rows = try rows("SELECT body FROM items WHERE key = ? ORDER BY number", [Self.key(loop)])
        var items: [JSON] = []
        while let row = try rows.next() {
            if let item = Self.json(row, 0) { items.append(item) }
        }
        return items
    }
}
