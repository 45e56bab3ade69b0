import BatonModel
import Foundation
import GRDB

/// The statements of the store, on one connection. Each is compiled once a connection.
struct SQLiteTransaction {
    let db: Database

    static func key(_ key: TaskKey) -> Int64 { key.run.rawValue << 24 | Int64(key.task & 0xFF_FFFF) }

    static func taskKey(_ value: Int64) -> TaskKey {
        let task = Int(value & 0xFF_FFFF)
        return TaskKey(RunNumber(rawValue: value >> 24), task == 0xFF_FFFF ? -1 : task)
    }

    /// The keys of a run's tasks, first and last.
    static func range(_ run: RunNumber) -> (Int64, Int64) { (run.rawValue << 24, run.rawValue << 24 | 0xFF_FFFF) }

    func execute(_ sql: StaticString, _ arguments: [(any DatabaseValueConvertible)?]) throws {
        let statement = try db.cachedStatement(sql: sql.description)
        try statement.execute(arguments: StatementArguments(arguments))
    }

    func rows(_ sql: StaticString, _ arguments: [(any DatabaseValueConvertible)?]) throws -> RowCursor {
        try Row.fetchCursor(db.cachedStatement(sql: sql.description), arguments: StatementArguments(arguments))
    }

    /// A copy of the first row, which outlives the statement.
    func first(_ sql: StaticString, _ arguments: [(any DatabaseValueConvertible)?]) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: sql.description), arguments: StatementArguments(arguments))
    }

    static func blob(_ json: JSON?) -> Data? { json.map { Data($0.bytes) } }

    static func json(_ row: Row, _ column: Int) -> JSON? {
        (row[column] as Data?).map { JSON(trusted: Array($0)) }
    }

    static func time(_ row: Row, _ column: Int) -> Timestamp? {
        (row[column] as Int64?).map(Timestamp.init(milliseconds:))
    }
}

// MARK: - Writing

extension SQLiteTransaction: StoreTransaction {
    func insert(_ run: NewRun) throws -> RunNumber {
        let header = run.header
        try execute(
            """
            INSERT INTO runs (id, name, owner, key, correlation, digest, input, timeout, onFailure, created, reply, status,
              counts, fraction, lastEvent)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                header.id.rawValue, header.name, header.owner, header.key, header.correlationID, Data(run.digest),
                Self.blob(run.input), header.timeout?.milliseconds, header.onFailure.rawValue, header.createdAt.milliseconds,
                try run.reply.map { try JSON(encoding: $0).description }, run.progress.status.rawValue,
                Self.text(of: run.progress.counts), run.progress.fraction, run.progress.lastEvent,
            ])
        return RunNumber(rawValue: db.lastInsertedRowID)
    }

    func insert(_ definition: TaskDefinition, _ state: TaskState, at key: TaskKey) throws {
        let spec = definition.spec
        try execute(
            """
            INSERT INTO definitions (key, id, handler, queue, priority, parent, hook, hookOf, settings, dependencies, params,
              inputs)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Self.key(key), spec.id.rawValue, spec.handler.rawValue, spec.queue.rawValue, spec.priority.rawValue,
                spec.parent?.rawValue, definition.hook?.rawValue, definition.hook == nil ? nil : definition.hookOf,
                TaskSettings(spec).text, definition.dependencyText, Self.blob(spec.params), Self.blob(spec.inputs),
            ])
        try write(state, at: key, "INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    }

    func update(_ state: TaskState, at key: TaskKey) throws {
        try write(state, at: key, "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    }

    private func write(_ state: TaskState, at key: TaskKey, _ sql: StaticString) throws {
        try execute(
            sql,
            [
                Self.key(key), state.status.position, Int(state.flags.rawValue), Int(state.attempt), Int(state.losses),
                Int(state.timers.rawValue), Double(state.progress), state.worker?.rawValue,
                state.firstQueuedAt?.milliseconds, state.queuedAt?.milliseconds, state.startedAt?.milliseconds,
                state.finishedAt?.milliseconds, state.dueAt?.milliseconds,
            ])
    }

    func update(_ progress: RunProgress, of run: RunNumber) throws {
        try execute(
            """
            UPDATE runs SET status = ?, finished = ?, counts = ?, fraction = ?, lastEvent = ?, endingStatus = ?, endingError = ?
            WHERE number = ?
            """,
            [
                progress.status.rawValue, progress.finishedAt?.milliseconds, Self.text(of: progress.counts), progress.fraction,
                progress.lastEvent, progress.ending?.status.rawValue, Self.blob(progress.ending?.error.json), run.rawValue,
            ])
    }

    func append(_ event: StoredEvent, to run: RunNumber) throws {
        try execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
            [
                run.rawValue << 32 | Int64(event.id), event.at.milliseconds, event.type.rawValue, event.task, event.attempt,
                Self.blob(event.data),
            ])
    }

    func put(result: JSON, at key: TaskKey) throws {
        try execute("INSERT OR REPLACE INTO results VALUES (?, ?)", [Self.key(key), Data(result.bytes)])
    }

    func put(error: TaskError, at key: TaskKey) throws {
        try execute("INSERT OR REPLACE INTO errors VALUES (?, ?)", [Self.key(key), Self.blob(error.json)])
    }

    func put(checkpoint: JSON, at key: TaskKey) throws {
        try execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?)", [Self.key(key), Data(checkpoint.bytes)])
    }

    func put(_ attempt: AttemptView, at key: TaskKey) throws {
        try execute(
            "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?)",
            [Self.key(key), attempt.number, Self.blob(try JSON(encoding: attempt))])
    }

    func arm(_ kind: TimerKind, at key: TaskKey, due: Timestamp) throws {
        try execute("INSERT OR REPLACE INTO timers VALUES (?, ?, ?)", [Self.key(key), kind.rawValue, due.milliseconds])
    }

    func disarm(_ kind: TimerKind, at key: TaskKey) throws {
        try execute("DELETE FROM timers WHERE key = ? AND kind = ?", [Self.key(key), kind.rawValue])
    }

    func enqueue(_ entry: ReadyTask, on level: QueueLevel) throws {
        try execute(
            "INSERT INTO backlog VALUES (?, ?, ?, ?, ?)",
            [level.queue.rawValue, level.priority.rawValue, entry.number, Self.key(entry.key), entry.attempt])
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
        while let row = try rows.next() {
            ready.append(ReadyTask(number: row[0], key: Self.taskKey(row[1]), attempt: row[2]))
        }
        // Where fewer than asked for are ready, nothing before the end is.
        let last = ready.count < limit ? Int64.max : ready.last?.number ?? Int64.max
        try execute(
            "DELETE FROM backlog WHERE queue = ? AND priority = ? AND number <= ?",
            [level.queue.rawValue, level.priority.rawValue, last])
        return ready
    }

    func markPublished(_ key: TaskKey) throws {
        try execute("UPDATE tasks SET flags = (flags & ~32) | 16 WHERE key = ?", [Self.key(key)])
    }

    func append(_ entry: OutboxEntry) throws {
        let (kind, key, attempt, note): (Int, Int64, Int, String?) =
            switch entry.content {
            case .task(let key, let attempt): (0, Self.key(key), attempt, nil)
            case .outcome(let run): (1, Self.key(TaskKey(run, -1)), 0, nil)
            case .park(let key, let attempt, let reason): (2, Self.key(key), attempt, reason)
            }
        try execute("INSERT INTO outbox VALUES (?, ?, ?, ?, ?)", [entry.number, kind, key, attempt, note])
    }

    func removeOutbox(through number: Int64) throws {
        try execute("DELETE FROM outbox WHERE number <= ?", [number])
    }

    func revoke(_ attempt: AttemptID) throws {
        try execute("INSERT OR IGNORE INTO revoked VALUES (?)", [attempt.description])
    }

    func unrevoke(_ attempt: AttemptID) throws {
        try execute("DELETE FROM revoked WHERE attempt = ?", [attempt.description])
    }

    private static func text(of counts: [Int]) -> String { counts.map(String.init).joined(separator: ",") }
}
