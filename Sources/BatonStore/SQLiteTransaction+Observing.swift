import BatonModel
import Foundation

/// What people look at beside the runs themselves: log lines, handlers' statistics, paused queues.
extension SQLiteTransaction {
    func append(logs lines: [LogLine], attempt: Int, of key: TaskKey, after number: Int) throws {
        for (offset, line) in lines.enumerated() {
            try execute(
                "INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?)",
                [Self.key(key), attempt, number + offset + 1, Self.blob(line.json)])
        }
    }

    func logCount(of key: TaskKey, attempt: Int) throws -> Int {
        try first("SELECT max(number) FROM logs WHERE key = ? AND attempt = ?", [Self.key(key), attempt])?[0] ?? 0
    }

    func logs(of key: TaskKey, attempt: Int?, after: LogPosition, limit: Int) throws -> [(LogPosition, LogLine)] {
        let rows = try rows(
            """
            SELECT attempt, number, body FROM logs
            WHERE key = ?1 AND (attempt, number) > (?2, ?3) AND attempt <= ifnull(?4, attempt) ORDER BY attempt, number LIMIT ?5
            """,
            [Self.key(key), max(after.attempt, attempt ?? 0), after.attempt < attempt ?? 0 ? 0 : after.number, attempt, limit])
        var lines: [(LogPosition, LogLine)] = []
        while let row = try rows.next() {
            guard let body = Self.json(row, 2) else { continue }
            lines.append((LogPosition(attempt: row[0], number: row[1]), LogLine(stored: body)))
        }
        return lines
    }

    func put(_ statistics: HandlerStatistics, of handler: HandlerName) throws {
        try execute("INSERT OR REPLACE INTO handlers VALUES (?, ?)", [handler.rawValue, Self.blob(statistics.json)])
    }

    func statistics() throws -> [HandlerName: HandlerStatistics] {
        let rows = try rows("SELECT name, body FROM handlers", [])
        var statistics: [HandlerName: HandlerStatistics] = [:]
        while let row = try rows.next() {
            if let body = Self.json(row, 1) { statistics[HandlerName(row[0] as String)] = HandlerStatistics(body) }
        }
        return statistics
    }

    func set(paused: Bool, _ queue: QueueName) throws {
        if paused {
            try execute("INSERT OR IGNORE INTO pauses VALUES (?)", [queue.rawValue])
        } else {
            try execute("DELETE FROM pauses WHERE queue = ?", [queue.rawValue])
        }
    }

    func pausedQueues() throws -> Set<QueueName> { Set(try texts("SELECT queue FROM pauses", []).map { QueueName($0) }) }

    func put(hooks: Set<TaskNode.Hook>, of handler: HandlerName) throws {
        if hooks.isEmpty { return try execute("DELETE FROM hooks WHERE handler = ?", [handler.rawValue]) }
        try execute(
            "INSERT OR REPLACE INTO hooks (handler, names) VALUES (?, ?)",
            [handler.rawValue, hooks.map(\.rawValue).sorted().joined(separator: " ")])
    }

    func hooks(of handler: HandlerName) throws -> Set<TaskNode.Hook> {
        try first("SELECT names FROM hooks WHERE handler = ?", [handler.rawValue]).map { Self.hooks($0[0]) } ?? []
    }

    func hooks() throws -> [HandlerName: Set<TaskNode.Hook>] {
        let rows = try rows("SELECT handler, names FROM hooks", [])
        var hooks: [HandlerName: Set<TaskNode.Hook>] = [:]
        while let row = try rows.next() { hooks[HandlerName(row[0] as String)] = Self.hooks(row[1]) }
        return hooks
    }

    private static func hooks(_ names: String) -> Set<TaskNode.Hook> {
        Set(names.split(separator: " ").compactMap { TaskNode.Hook(rawValue: String($0)) })
    }

    func publishedAttempts(
        of queue: QueueName?, _ priority: Priority?, after key: TaskKey?, limit: Int
    ) throws -> [PublishedAttempt] {
        let rows = try rows(
            """
            SELECT tasks.key, attempt, status FROM tasks INDEXED BY tasks_published JOIN definitions USING (key)
            WHERE status IN (2, 3) AND flags & 16 AND (?1 IS NULL OR queue = ?1) AND priority BETWEEN ?2 AND ?3 AND tasks.key > ?4
            ORDER BY tasks.key LIMIT ?5
            """, [queue?.rawValue, priority?.rawValue ?? 0, priority?.rawValue ?? 3, key.map(Self.key) ?? -1, limit])
        var found: [PublishedAttempt] = []
        while let row = try rows.next() {
            found.append(PublishedAttempt(key: Self.taskKey(row[0]), attempt: row[1], isStarted: row[2] as Int == 3))
        }
        return found
    }

    func feed(of run: RunNumber, id: RunID, after event: Int, through last: Int) throws -> [(EventView, HandlerName?)] {
        let rows = try rows(
            """
            SELECT events.key, at, type, definitions.id, attempt, data, definitions.handler FROM events
            LEFT JOIN definitions ON definitions.key = (? << 24) + task
            WHERE events.key > ? AND events.key <= ? ORDER BY events.key
            """, [run.rawValue, run.rawValue << 32 | Int64(event), run.rawValue << 32 | Int64(last)])
        var events: [(EventView, HandlerName?)] = []
        while let row = try rows.next() {
            guard let view = Self.event(row, of: id) else { continue }
            events.append((view, (row[6] as String?).map { HandlerName($0) }))
        }
        return events
    }
}
