import GRDBSQLite

/// Takes the arguments of a statement in their order, each as what it is.
///
/// For the statements that every task costs: a list of arguments of any type takes longer to go through than SQLite takes to run
/// most of them.
struct SQLiteBinder {
    private let statement: OpaquePointer
    private var position: CInt = 0
    private(set) var code = SQLITE_OK

    init(_ statement: OpaquePointer) { self.statement = statement }

    mutating func add(_ value: some SQLiteValue) {
        position += 1
        let result = value.bind(to: statement, at: position)
        if result != SQLITE_OK { code = result }
    }

    /// `nil` is NULL.
    mutating func add(_ value: (some SQLiteValue)?) {
        guard let value else {
            position += 1
            let result = sqlite3_bind_null(statement, position)
            if result != SQLITE_OK { code = result }
            return
        }
        add(value)
    }
}
