import GRDB
import Synchronization

/// A connection with the statements that it has compiled.
///
/// Unchecked: it is used only by what runs in the connection's own queue, one at a time.
final class SQLiteConnection: @unchecked Sendable {
    /// Held, so that no other connection can have its address.
    let db: Database
    /// By the address of their text, which tells texts of the program apart without looking at them.
    private var fixed: [UInt: SQLiteStatement] = [:]
    private var variable: [String: SQLiteStatement] = [:]

    init(_ db: Database) { self.db = db }

    func statement(_ sql: StaticString) throws -> SQLiteStatement {
        let address = UInt(bitPattern: sql.utf8Start)
        if let known = fixed[address] { return known }
        let statement = try SQLiteStatement(sql.description, on: db)
        fixed[address] = statement
        return statement
    }

    /// - Parameter text: one of few, since each stays compiled.
    func statement(text: String) throws -> SQLiteStatement {
        if let known = variable[text] { return known }
        let statement = try SQLiteStatement(text, on: db)
        variable[text] = statement
        return statement
    }
}

/// The connections that have been used. Few, since the pool keeps them.
final class SQLiteConnections: Sendable {
    private let connections = Mutex<[ObjectIdentifier: SQLiteConnection]>([:])

    func connection(_ db: Database) -> SQLiteConnection {
        let new = SQLiteConnection(db)
        return connections.withLock { connections in
            if let known = connections[ObjectIdentifier(db)] { return known }
            connections[ObjectIdentifier(db)] = new
            return new
        }
    }

    /// Lets go of all statements, so that the connections can be closed.
    func clear() { connections.withLock { $0.removeAll() } }
}
