import GRDBSQLite

/// What statements take; `nil` is NULL.
typealias SQLiteArguments = [(any SQLiteValue)?]

/// What a statement takes and a column holds.
protocol SQLiteValue {
    /// - Returns: SQLite's result code.
    func bind(to statement: OpaquePointer, at position: CInt) -> CInt
    /// NULL is read as nothing: zero, or empty.
    init(_ statement: OpaquePointer, at column: CInt)
}

/// Tells SQLite to make a copy of what it is given.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: SQLiteValue {
    func bind(to statement: OpaquePointer, at position: CInt) -> CInt { sqlite3_bind_int64(statement, position, self) }
    init(_ statement: OpaquePointer, at column: CInt) { self = sqlite3_column_int64(statement, column) }
}

extension Int: SQLiteValue {
    func bind(to statement: OpaquePointer, at position: CInt) -> CInt { sqlite3_bind_int64(statement, position, Int64(self)) }
    init(_ statement: OpaquePointer, at column: CInt) { self = Int(sqlite3_column_int64(statement, column)) }
}

extension Int32: SQLiteValue {
    func bind(to statement: OpaquePointer, at position: CInt) -> CInt { sqlite3_bind_int64(statement, position, Int64(self)) }
    init(_ statement: OpaquePointer, at column: CInt) { self = Int32(truncatingIfNeeded: sqlite3_column_int64(statement, column)) }
}

extension Double: SQLiteValue {
    func bind(to statement: OpaquePointer, at position: CInt) -> CInt { sqlite3_bind_double(statement, position, self) }
    init(_ statement: OpaquePointer, at column: CInt) { self = sqlite3_column_double(statement, column) }
}

extension String: SQLiteValue {
    func bind(to statement: OpaquePointer, at position: CInt) -> CInt {
        var text = self
        return text.withUTF8 { bytes in
            // An empty text may have no address, which would make it NULL.
            guard let start = bytes.baseAddress else { return sqlite3_bind_text(statement, position, "", 0, copied) }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text64(statement, position, $0, UInt64(bytes.count), copied, UInt8(SQLITE_UTF8))
            }
        }
    }

    init(_ statement: OpaquePointer, at column: CInt) {
        guard let start = sqlite3_column_text(statement, column) else {
            self = ""
            return
        }
        let count = Int(sqlite3_column_bytes(statement, column))
        self.init(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}

extension [UInt8]: SQLiteValue {
    func bind(to statement: OpaquePointer, at position: CInt) -> CInt {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, position, 0) }
            return sqlite3_bind_blob64(statement, position, start, UInt64(bytes.count), copied)
        }
    }

    init(_ statement: OpaquePointer, at column: CInt) {
        guard let start = sqlite3_column_blob(statement, column) else {
            self = []
            return
        }
        self.init(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
}
