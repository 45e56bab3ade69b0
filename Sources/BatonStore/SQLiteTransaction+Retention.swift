import BatonModel

/// Runs that have been kept for long enough.
///
/// A run is retired at once: nobody finds it any more, and its key is free. Its rows are removed little by little, so that no
/// write takes long.
extension SQLiteTransaction {
    func retire(_ status: RunStatus, endedBefore time: Timestamp, limit: Int) throws -> [RunID] {
        // The newest run stays, or its number would be given again while rows of it are left. So does the child of an open run.
        let rows = try rows(
            """
            SELECT number, id FROM runs INDEXED BY runs_ended
            WHERE status = ? AND finished < ? AND finished IS NOT NULL AND kind IS NOT 'archive'
              AND number < (SELECT max(number) FROM runs)
              AND NOT EXISTS (
                SELECT 1 FROM runs AS parent
                WHERE parent.id = substr(runs.parent, 1, instr(runs.parent, '.') - 1) AND parent.finished IS NULL)
            ORDER BY finished LIMIT ?
            """, [status.rawValue, time.milliseconds, limit])
        var retired: [(number: Int64, id: RunID)] = []
        while let row = try rows.next() { retired.append((row[0], RunID(row[1] as String))) }
        for run in retired {
            let (first, last) = Self.range(RunNumber(rawValue: run.number))
            // What links to its results gets them.
            try execute(
                """
                INSERT OR IGNORE INTO results
                SELECT links.key, body FROM links JOIN results ON results.key = source WHERE source BETWEEN ? AND ?
                """, [first, last])
            try execute("DELETE FROM links WHERE source BETWEEN ? AND ?", [first, last])
            try execute("INSERT INTO purged VALUES (?)", [run.number])
            try execute("DELETE FROM runs WHERE number = ?", [run.number])
        }
        return retired.map(\.id)
    }

    func purge(rows limit: Int) throws -> Bool {
        var left = limit
        while let run: Int64 = try first("SELECT number FROM purged ORDER BY number LIMIT 1", [])?[0] {
            left -= try purge(RunNumber(rawValue: run), rows: left) + Self.rowsOfStatements
            if left <= 0 { return true }
        }
        return left < limit
    }

    /// So many rows could be removed in the time that it takes to look for a run's in all tables.
    private static let rowsOfStatements = 20

    /// One portion, and the run itself with the last one.
    ///
    /// - Parameter limit: about how many.
    /// - Returns: how many it were.
    private func purge(_ run: RunNumber, rows limit: Int) throws -> Int {
        let (first, last) = Self.range(run)
        if let item = try self.first("SELECT key, number FROM items WHERE key BETWEEN ? AND ? LIMIT 1", [first, last]) {
            return try remove("DELETE FROM items WHERE key = ? AND number < ?", [item[0] as Int64, item[1] as Int64 + Int64(limit)])
        }
        var removed = 0
        let (firstEvent, lastEvent) = (run.rawValue << 32, run.rawValue << 32 | 0xFFFF_FFFF)
        if let event: Int64 = try self.first("SELECT min(key) FROM events WHERE key BETWEEN ? AND ?", [firstEvent, lastEvent])?[0] {
            removed += try remove("DELETE FROM events WHERE key BETWEEN ? AND ?", [event, min(lastEvent, event + Int64(limit))])
            if removed >= limit { return removed }
        }
        if let task: Int64 = try self.first("SELECT min(key) FROM definitions WHERE key BETWEEN ? AND ?", [first, last])?[0] {
            let portion = task + Int64(max(1, (limit - removed) / 8))
            // Another statement, since only one end of a range is found without going through it.
            let end: Int64? = try self.first("SELECT max(key) FROM definitions WHERE key BETWEEN ? AND ?", [first, last])?[0]
            if let end, end > portion { return try removed + removeTasks(task, portion) }
        }
        // What is left has the run's own key, or those of few tasks.
        removed += try removeTasks(first, last)
        return try removed + remove("DELETE FROM purged WHERE number = ?", [run.rawValue])
    }

    /// - Returns: how many rows it has removed.
    private func remove(_ sql: StaticString, _ arguments: SQLiteArguments) throws -> Int {
        try execute(sql, arguments)
        return changedRows
    }

    private func removeTasks(_ first: Int64, _ last: Int64) throws -> Int {
        try remove("DELETE FROM definitions WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM tasks WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM results WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM errors WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM parts WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM attempts WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM logs WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM loops WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM links WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM timers WHERE key BETWEEN ? AND ?", [first, last])
            + remove("DELETE FROM passes WHERE key BETWEEN ? AND ?", [first, last])
    }

    func trimEvents(of run: RunNumber, before event: Int) throws {
        try execute(
            "DELETE FROM events WHERE key BETWEEN ? AND ?",
            [run.rawValue << 32, run.rawValue << 32 | Int64(clamping: min(event - 1, Int(UInt32.max)))])
    }

    func trimAttempts(of key: TaskKey, before number: Int) throws {
        try execute("DELETE FROM attempts WHERE key = ? AND number < ?", [Self.key(key), number])
        try execute("DELETE FROM logs WHERE key = ? AND attempt < ?", [Self.key(key), number])
    }
}
