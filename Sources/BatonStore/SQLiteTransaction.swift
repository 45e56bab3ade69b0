import BatonModel
import Foundation
import GRDB

/// The statements of the store, on one connection. Each is compiled once a connection.
struct SQLiteTransaction {
    let db: Database

    static func key(_ key: TaskKey) -> Int64 { key.run.rawValue << 24 | Int64(key.task & 0xFF_FFFF) }

    static func taskKey(_ value: Int64) -> TaskKey {
        let task = Int(value & 0xFF_FFFF)
        return TaskKey(RunNumber(rawValue: value >> 24), task == 0xFF_FFFF ? -1 : task)
    }

    /// The keys of a run's tasks, first and last.
    static func range(_ run: RunNumber) -> (Int64, Int64) { (run.rawValue << 24, run.rawValue << 24 | 0xFF_FFFF) }

    func execute(_ sql: StaticString, _ arguments: [(any DatabaseValueConvertible)?]) throws {
        let statement = try db.cachedStatement(sql: sql.description)
        try statement.execute(arguments: StatementArguments(arguments))
    }

    func rows(_ sql: StaticString, _ arguments: [(any DatabaseValueConvertible)?]) throws -> RowCursor {
        try rows(text: sql.description, arguments)
    }

    /// - Parameter text: one of few, since each stays compiled.
    func rows(text: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> RowCursor {
        try Row.fetchCursor(db.cachedStatement(sql: text), arguments: StatementArguments(arguments))
    }

    /// A copy of the first row, which outlives the statement.
    func first(_ sql: StaticString, _ arguments: [(any DatabaseValueConvertible)?]) throws -> Row? {
        try first(text: sql.description, arguments)
    }

    func first(text: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: text), arguments: StatementArguments(arguments))
    }

    static func blob(_ json: JSON?) -> Data? { json.map { Data($0.bytes) } }

    static func json(_ row: Row, _ column: Int) -> JSON? {
        (row[column] as Data?).map { JSON(trusted: Array($0)) }
    }

    static func time(_ row: Row, _ column: Int) -> Timestamp? {
        (row[column] as Int64?).map(Timestamp.init(milliseconds:))
    }
}
