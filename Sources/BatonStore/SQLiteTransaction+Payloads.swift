import BatonModel
import Foundation

/// What goes into tasks and what comes out.
///
/// A task that is a link shows the result of its source: wherever results are read, `links` comes first.
extension SQLiteTransaction {
    func input(of run: RunNumber) throws -> JSON? {
        try first("SELECT input FROM runs WHERE number = ?", [run.rawValue]).flatMap { Self.json($0, 0) }
    }

    func inputs(_ key: TaskKey) throws -> JSON? {
        try first("SELECT inputs FROM definitions WHERE key = ?", [Self.key(key)]).flatMap { Self.json($0, 0) }
    }

    func result(_ key: TaskKey) throws -> JSON? {
        try first(
            "SELECT body FROM results WHERE key = ifnull((SELECT source FROM links WHERE key = ?1), ?1)", [Self.key(key)]
        ).flatMap { Self.json($0, 0) }
    }

    func error(_ key: TaskKey) throws -> TaskError? {
        try first("SELECT body FROM errors WHERE key = ?", [Self.key(key)]).flatMap { Self.json($0, 0) }.map { TaskError($0) }
    }

    func part(_ part: TaskPart, _ key: TaskKey) throws -> JSON? {
        try first("SELECT body FROM parts WHERE key = ? AND part = ?", [Self.key(key), part.rawValue]).flatMap { Self.json($0, 0) }
    }

    func parts(of key: TaskKey) throws -> [TaskPart: JSON] {
        let rows = try rows("SELECT part, body FROM parts WHERE key = ?", [Self.key(key)])
        var parts: [TaskPart: JSON] = [:]
        while let row = try rows.next() {
            if let part = TaskPart(rawValue: row[0]) { parts[part] = Self.json(row, 1) }
        }
        return parts
    }

    func item(_ number: Int, of loop: TaskKey) throws -> JSON? {
        try first("SELECT body FROM items WHERE key = ? AND number = ?", [Self.key(loop), number]).flatMap { Self.json($0, 0) }
    }

    /// They are numbered without gaps, so that the last number tells it.
    func itemCount(of loop: TaskKey) throws -> Int {
        try first("SELECT number + 1 FROM items WHERE key = ? ORDER BY number DESC LIMIT 1", [Self.key(loop)])?[0] ?? 0
    }

    func collected(_ loop: TaskKey, count: Int, adding results: [Int: JSON], limit: Int) throws -> JSON? {
        let rows = try rows(
            """
            SELECT items.number, results.body FROM items LEFT JOIN links ON links.key = ?1 + items.task
            CROSS JOIN results ON results.key = ifnull(links.source, ?1 + items.task)
            WHERE items.key = ?2 AND items.task IS NOT NULL AND items.number < ?3 ORDER BY items.number
            """, [Self.range(loop.run).0, Self.key(loop), count])
        var row = try rows.next()
        var list: [UInt8] = [UInt8(ascii: "[")]
        for number in 0..<max(0, count) {
            if number > 0 { list.append(UInt8(ascii: ",")) }
            var stored: JSON?
            if let found = row, found[0] == number {
                if results[number] == nil { stored = Self.json(found, 1) }
                row = try rows.next()
            }
            list.append(contentsOf: (results[number] ?? stored ?? .null).bytes)
            if list.count >= limit { return nil }
        }
        list.append(UInt8(ascii: "]"))
        return list.count > limit ? nil : JSON(trusted: list)
    }

    func results(of run: RunNumber, limit: Int) throws -> [(TaskID, JSON)]? {
        let document = try documentRange(run)
        let (_, last) = Self.range(run)
        // What was added may depend on tasks of the document; what doesn't count among the tasks has no dependencies of its own.
        var inner: Set<Int> = []
        let edges = try rows(
            """
            SELECT dependencies FROM definitions WHERE key BETWEEN ?1 AND ?2 AND dependencies IS NOT NULL
            UNION ALL
            SELECT dependencies FROM tasks INDEXED BY tasks_counted JOIN definitions USING (key)
            WHERE tasks.key BETWEEN ?2 + 1 AND ?3 AND grade = 1 AND dependencies IS NOT NULL
            """, [document.lowerBound, document.upperBound, last])
        while let row = try edges.next() { for entry in try StoredDependency.read(row[0]) { inner.insert(entry.index) } }
        var results: [(TaskID, JSON)] = []
        var size = 0
        for rows in [
            try rows(
                """
                SELECT t.key, d.id, r.body FROM tasks t JOIN definitions d ON d.key = t.key LEFT JOIN links l ON l.key = t.key
                CROSS JOIN results r ON r.key = ifnull(l.source, t.key)
                WHERE t.key BETWEEN ? AND ? AND t.status = 5 ORDER BY t.key
                """, [document.lowerBound, document.upperBound]),
            try rows(
                """
                SELECT t.key, d.id, r.body FROM tasks t INDEXED BY tasks_counted JOIN definitions d ON d.key = t.key
                LEFT JOIN links l ON l.key = t.key CROSS JOIN results r ON r.key = ifnull(l.source, t.key)
                WHERE t.key BETWEEN ? AND ? AND t.grade = 1 AND t.status = 5 ORDER BY t.key
                """, [document.upperBound + 1, last]),
        ] {
            while let row = try rows.next() {
                guard !inner.contains(Self.taskKey(row[0]).task), let body = Self.json(row, 2) else { continue }
                size += body.bytes.count
                if size > limit { return nil }
                results.append((TaskID(row[1] as String), body))
            }
        }
        return results
    }

    /// The keys of the document's tasks; those that were added come after them.
    private func documentRange(_ run: RunNumber) throws -> ClosedRange<Int64> {
        let (first, last) = Self.range(run)
        let added = try self.first(
            "SELECT key FROM definitions WHERE key BETWEEN ? AND ? AND role IS NOT NULL ORDER BY key LIMIT 1", [first, last])
        return first...max(first, added.map { ($0[0] as Int64) - 1 } ?? last)
    }
}
