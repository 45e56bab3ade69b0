import GRDB
import GRDBSQLite

/// One compiled statement of one connection, stepped through directly: a task costs a dozen statements, so that what stands
/// between them and SQLite is most of what a task costs.
final class SQLiteStatement {
    let handle: OpaquePointer
    /// Owns the handle.
    private let compiled: Statement
    /// Which use of it is under way, so that an earlier one that is let go of late leaves this one alone.
    private(set) var use = 0

    /// - Throws: `DatabaseError`.
    init(_ text: String, on db: Database) throws {
        compiled = try db.makeStatement(sql: text)
        handle = compiled.sqliteStatement
    }

    /// Starts anew with these arguments.
    func begin(_ arguments: SQLiteArguments) throws {
        use += 1
        sqlite3_reset(handle)
        var position: CInt = 0
        for argument in arguments {
            position += 1
            let code = argument?.bind(to: handle, at: position) ?? sqlite3_bind_null(handle, position)
            if code != SQLITE_OK { throw error(code) }
        }
    }

    /// Starts anew with the arguments that the body adds.
    func begin(_ body: (inout SQLiteBinder) throws -> Void) throws {
        use += 1
        sqlite3_reset(handle)
        var binder = SQLiteBinder(handle)
        try body(&binder)
        if binder.code != SQLITE_OK { throw error(binder.code) }
    }

    /// - Returns: whether there is one more row.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    /// Lets go of what it holds open in the database.
    func end() { sqlite3_reset(handle) }

    private func error(_ code: CInt) -> DatabaseError {
        let connection = sqlite3_db_handle(handle)
        let extended = sqlite3_extended_errcode(connection)
        return DatabaseError(
            resultCode: ResultCode(rawValue: extended & 0xFF == code & 0xFF ? extended : code),
            message: sqlite3_errmsg(connection).map { String(cString: $0) }, sql: compiled.sql)
    }
}

/// The rows that a statement finds, read one after the other.
final class SQLiteCursor {
    fileprivate let statement: SQLiteStatement
    private let use: Int

    init(_ statement: SQLiteStatement, _ arguments: SQLiteArguments) throws {
        self.statement = statement
        use = statement.use + 1
        try statement.begin(arguments)
    }

    deinit { if isCurrent { statement.end() } }

    /// The row before it can't be read any more.
    func next() throws -> SQLiteRow? {
        precondition(isCurrent, "the statement was begun anew while its rows were being read")
        return try statement.step() ? SQLiteRow(cursor: self) : nil
    }

    fileprivate var isCurrent: Bool { statement.use == use }
}

/// The row that a cursor is at.
struct SQLiteRow {
    fileprivate let cursor: SQLiteCursor

    subscript<Value: SQLiteValue>(column: Int) -> Value {
        precondition(cursor.isCurrent, "the statement was begun anew while its rows were being read")
        return Value(cursor.statement.handle, at: CInt(column))
    }

    /// `nil` where there is nothing.
    subscript<Value: SQLiteValue>(column: Int) -> Value? {
        precondition(cursor.isCurrent, "the statement was begun anew while its rows were being read")
        let handle = cursor.statement.handle
        return sqlite3_column_type(handle, CInt(column)) == SQLITE_NULL ? nil : Value(handle, at: CInt(column))
    }
}
