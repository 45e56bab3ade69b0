import BatonModel

/// The statements of the store, on one connection. Each is compiled once a connection.
struct SQLiteTransaction {
    let connection: SQLiteConnection
    let recent = Recent()

    /// What this transaction has read and is likely to need again.
    final class Recent {
        var header: (run: RunNumber, header: RunHeader)?
        var settings = SettingsCache()
    }

    static func key(_ key: TaskKey) -> Int64 { key.run.rawValue << 24 | Int64(key.task & 0xFF_FFFF) }

    static func taskKey(_ value: Int64) -> TaskKey {
        let task = Int(value & 0xFF_FFFF)
        return TaskKey(RunNumber(rawValue: value >> 24), task == 0xFF_FFFF ? -1 : task)
    }

    /// The keys of a run's tasks, first and last.
    static func range(_ run: RunNumber) -> (Int64, Int64) { (run.rawValue << 24, run.rawValue << 24 | 0xFF_FFFF) }

    func execute(_ sql: StaticString, _ arguments: SQLiteArguments) throws {
        let statement = try connection.statement(sql)
        defer { statement.end() }
        try statement.begin(arguments)
        while try statement.step() {}
    }

    /// For what every task costs.
    func execute(_ sql: StaticString, adding arguments: (inout SQLiteBinder) throws -> Void) throws {
        let statement = try connection.statement(sql)
        defer { statement.end() }
        try statement.begin(arguments)
        while try statement.step() {}
    }

    func rows(_ sql: StaticString, _ arguments: SQLiteArguments) throws -> SQLiteCursor {
        try SQLiteCursor(connection.statement(sql), arguments)
    }

    /// - Parameter text: one of few, since each stays compiled.
    func rows(text: String, _ arguments: SQLiteArguments) throws -> SQLiteCursor {
        try SQLiteCursor(connection.statement(text: text), arguments)
    }

    /// The first row, to be read before the statement is used again.
    func first(_ sql: StaticString, _ arguments: SQLiteArguments) throws -> SQLiteRow? {
        try rows(sql, arguments).next()
    }

    func first(text: String, _ arguments: SQLiteArguments) throws -> SQLiteRow? {
        try rows(text: text, arguments).next()
    }

    var lastRow: Int64 { connection.db.lastInsertedRowID }
    var changedRows: Int { connection.db.changesCount }

    static func blob(_ json: JSON?) -> [UInt8]? { json?.bytes }

    static func json(_ row: SQLiteRow, _ column: Int) -> JSON? {
        (row[column] as [UInt8]?).map { JSON(trusted: $0) }
    }

    static func time(_ row: SQLiteRow, _ column: Int) -> Timestamp? {
        (row[column] as Int64?).map(Timestamp.init(milliseconds:))
    }
}
