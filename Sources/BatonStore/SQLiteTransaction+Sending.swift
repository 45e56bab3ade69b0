import BatonModel

/// Timers, and what is on its way to the broker.
extension SQLiteTransaction {
    func arm(_ kind: TimerKind, at key: TaskKey, due: Timestamp) throws {
        try execute("INSERT OR REPLACE INTO timers VALUES (?, ?, ?)", [Self.key(key), kind.rawValue, due.milliseconds])
    }

    func disarm(_ kind: TimerKind, at key: TaskKey) throws {
        try execute("DELETE FROM timers WHERE key = ? AND kind = ?", [Self.key(key), kind.rawValue])
    }

    func postpone(_ kinds: [TimerKind], to time: Timestamp) throws {
        for kind in Set(kinds) {
            try execute("UPDATE timers SET due = ?1 WHERE due < ?1 AND kind = ?2", [time.milliseconds, kind.rawValue])
        }
    }

    func arm(alarm: String, due: Timestamp) throws {
        try execute("INSERT OR REPLACE INTO alarms VALUES (?, ?)", [alarm, due.milliseconds])
    }

    func disarm(alarm: String) throws {
        try execute("DELETE FROM alarms WHERE name = ?", [alarm])
    }

    func enqueue(_ entry: ReadyTask, on level: QueueLevel) throws {
        try execute("INSERT INTO backlog VALUES (?, ?, ?, ?, ?)") { row in
            row.add(level.queue.rawValue)
            row.add(level.priority.rawValue)
            row.add(entry.number)
            row.add(Self.key(entry.key))
            row.add(entry.attempt)
        }
    }

    func dequeue(_ level: QueueLevel, limit: Int) throws -> [ReadyTask] {
        let rows = try rows(
            """
            SELECT backlog.number, backlog.key, backlog.attempt FROM backlog
            JOIN tasks ON tasks.key = backlog.key AND tasks.status = 2 AND tasks.attempt = backlog.attempt
            WHERE queue = ? AND priority = ? ORDER BY number LIMIT ?
            """,
            [level.queue.rawValue, level.priority.rawValue, limit])
        var ready: [ReadyTask] = []
        while let row = try rows.next() { ready.append(Self.readyTask(row)) }
        // Where fewer than asked for are ready, nothing before the end is.
        let last = ready.count < limit ? Int64.max : ready.last?.number ?? Int64.max
        try execute(
            "DELETE FROM backlog WHERE queue = ? AND priority = ? AND number <= ?",
            [level.queue.rawValue, level.priority.rawValue, last])
        return ready
    }

    static func readyTask(_ row: SQLiteRow) -> ReadyTask { ReadyTask(number: row[0], key: taskKey(row[1]), attempt: row[2]) }

    func markPublished(_ key: TaskKey) throws {
        try execute("UPDATE tasks SET flags = (flags & ~32) | 16 WHERE key = ?") { $0.add(Self.key(key)) }
    }

    func append(_ entry: OutboxEntry) throws {
        let (kind, key, attempt, note): (Int, Int64, Int, String?) =
            switch entry.content {
            case .task(let key, let attempt): (0, Self.key(key), attempt, nil)
            case .outcome(let run): (1, Self.key(TaskKey(run, -1)), 0, nil)
            case .park(let key, let attempt, let reason): (2, Self.key(key), attempt, reason)
            case .events(let run, let first, let last): (3, Self.key(TaskKey(run, -1)), first, String(last))
            }
        try execute("INSERT INTO outbox VALUES (?, ?, ?, ?, ?)") { row in
            row.add(entry.number)
            row.add(kind)
            row.add(key)
            row.add(attempt)
            row.add(note)
        }
    }

    func removeOutbox(through number: Int64) throws {
        try execute("DELETE FROM outbox WHERE number <= ?", [number])
    }

    func removeOutbox(_ numbers: [Int64]) throws {
        if numbers.isEmpty { return }
        let list = "[" + numbers.lazy.map(String.init).joined(separator: ",") + "]"
        try execute("DELETE FROM outbox WHERE number IN (SELECT value FROM json_each(?))", [list])
    }

    func revoke(_ attempt: AttemptID) throws {
        try execute("INSERT OR IGNORE INTO revoked VALUES (?)", [attempt.description])
    }

    func unrevoke(_ attempt: AttemptID) throws {
        try execute("DELETE FROM revoked WHERE attempt = ?", [attempt.description])
    }

    func forgetRevoked(endedBefore time: Timestamp) throws {
        try execute(
            """
            DELETE FROM revoked WHERE EXISTS (
              SELECT 1 FROM runs WHERE id = substr(attempt, 1, instr(attempt, '.') - 1) AND finished < ?)
            """, [time.milliseconds])
    }
}

// MARK: - Reading

extension SQLiteTransaction {
    func dueTimers(by time: Timestamp, limit: Int) throws -> [(key: TaskKey, kind: TimerKind)] {
        let rows = try rows(
            "SELECT key, kind FROM timers WHERE due <= ? ORDER BY due LIMIT ?", [time.milliseconds, limit])
        var due: [(TaskKey, TimerKind)] = []
        while let row = try rows.next() {
            if let kind = TimerKind(rawValue: row[1]) { due.append((Self.taskKey(row[0]), kind)) }
        }
        return due
    }

    func dueAlarms(by time: Timestamp, limit: Int) throws -> [String] {
        try texts("SELECT name FROM alarms WHERE due <= ? ORDER BY due, name LIMIT ?", [time.milliseconds, limit])
    }

    func dueSchedules(by time: Timestamp, limit: Int) throws -> [String] {
        try texts("SELECT name FROM schedules WHERE due <= ? ORDER BY due, name LIMIT ?", [time.milliseconds, limit])
    }

    func nextTimer() throws -> Timestamp? {
        try first(
            """
            SELECT min(due) FROM (
              SELECT min(due) AS due FROM timers UNION ALL SELECT min(due) FROM alarms
              UNION ALL SELECT min(due) FROM schedules WHERE due IS NOT NULL)
            """, []
        ).flatMap { Self.time($0, 0) }
    }

    func outbox() throws -> [OutboxEntry] {
        let rows = try rows("SELECT number, kind, key, attempt, note FROM outbox ORDER BY number", [])
        var entries: [OutboxEntry] = []
        while let row = try rows.next() {
            let key = Self.taskKey(row[2])
            let content: OutboxEntry.Content =
                switch row[1] as Int {
                case 0: .task(key, attempt: row[3])
                case 1: .outcome(key.run)
                case 3: .events(key.run, first: row[3], last: Int((row[4] as String?) ?? "") ?? row[3])
                default: .park(key, attempt: row[3], reason: row[4] ?? "")
                }
            entries.append(OutboxEntry(number: row[0], content: content))
        }
        return entries
    }

    /// What waits before a gate has its number from the same count as the backlog.
    func lastNumbers() throws -> (outbox: Int64, backlog: Int64) {
        let row = try first(
            """
            SELECT (SELECT max(number) FROM outbox),
              max(ifnull((SELECT max(number) FROM backlog), 0), ifnull((SELECT max(number) FROM held), 0))
            """, [])
        return (row?[0] ?? 0, row?[1] ?? 0)
    }

    func revoked() throws -> [String] { try texts("SELECT attempt FROM revoked", []) }

    func texts(_ sql: StaticString, _ arguments: SQLiteArguments) throws -> [String] {
        let rows = try rows(sql, arguments)
        var list: [String] = []
        while let row = try rows.next() { list.append(row[0]) }
        return list
    }

    func levels() throws -> [(level: QueueLevel, waiting: Int, published: Int)] {
        let rows = try rows(
            """
            SELECT queue, priority, sum(waiting), sum(published) FROM (
              SELECT queue, priority, 0 AS waiting, 1 AS published FROM tasks INDEXED BY tasks_published JOIN definitions USING (key)
              WHERE status IN (2, 3) AND flags & 16
              UNION ALL
              SELECT queue, priority, 1, 0 FROM backlog b JOIN tasks t ON t.key = b.key AND t.status = 2 AND t.attempt = b.attempt
            ) GROUP BY queue, priority
            """, [])
        var levels: [(QueueLevel, Int, Int)] = []
        while let row = try rows.next() {
            levels.append((QueueLevel(QueueName(row[0] as String), Priority(rawValue: row[1]) ?? .normal), row[2], row[3]))
        }
        return levels
    }
}
