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
        guard let run: Int64 = try first("SELECT number FROM purged ORDER BY number LIMIT 1", [])?[0] else { return false }
        let (first, last) = Self.range(RunNumber(rawValue: run))
        if let item = try self.first("SELECT key, number FROM items WHERE key BETWEEN ? AND ? LIMIT 1", [first, last]) {
            try execute("DELETE FROM items WHERE key = ? AND number < ?", [item[0] as Int64, item[1] as Int64 + Int64(limit)])
            return true
        }
        let (firstEvent, lastEvent) = (run << 32, run << 32 | 0xFFFF_FFFF)
        if let event: Int64 = try self.first("SELECT min(key) FROM events WHERE key BETWEEN ? AND ?", [firstEvent, lastEvent])?[0] {
            try execute("DELETE FROM events WHERE key BETWEEN ? AND ?", [event, min(lastEvent, event + Int64(limit))])
            return true
        }
        if let task: Int64 = try self.first("SELECT min(key) FROM definitions WHERE key BETWEEN ? AND ?", [first, last])?[0] {
            try removeTasks(task, min(last, task + Int64(limit) / 8))
            return true
        }
        try removeTasks(first, last)
        try execute("DELETE FROM purged WHERE number = ?", [run])
        return true
    }

    private func removeTasks(_ first: Int64, _ last: Int64) throws {
        try execute("DELETE FROM definitions WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM tasks WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM results WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM errors WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM parts WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM attempts WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM logs WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM loops WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM links WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM timers WHERE key BETWEEN ? AND ?", [first, last])
        try execute("DELETE FROM passes WHERE key BETWEEN ? AND ?", [first, last])
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
