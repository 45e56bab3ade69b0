import BatonModel
import Foundation

/// Runs, tasks and what they leave behind.
extension SQLiteTransaction: StoreTransaction {
    func insert(_ run: NewRun) throws -> RunNumber {
        let header = run.header
        try execute(
            """
            INSERT INTO runs (id, name, owner, key, correlation, digest, input, timeout, onFailure, created, reply, family, parent,
              origin, kind, schedule, status, counts, fraction, lastEvent, completions, traceparent, tracestate)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                header.id.rawValue, header.name, header.owner, header.key, header.correlationID, run.digest,
                Self.blob(run.input), header.timeout?.milliseconds, header.onFailure.rawValue, header.createdAt.milliseconds,
                run.reply?.stored, header.lineage.family.rawValue,
                header.lineage.parent?.description, header.lineage.origin?.rawValue, header.lineage.kind?.rawValue,
                header.lineage.schedule, run.progress.status.rawValue, Self.text(of: run.progress.counts), run.progress.fraction,
                run.progress.lastEvent, run.progress.completions, header.trace?.traceparent, header.trace?.tracestate,
            ])
        return RunNumber(rawValue: lastRow)
    }

    func insert(_ definition: TaskDefinition, _ state: TaskState, at key: TaskKey) throws {
        let spec = definition.spec
        let isAdded = definition.role != nil
        try execute(
            """
            INSERT INTO definitions (key, id, handler, queue, priority, parent, role, origin, number, settings, dependencies, params,
              inputs)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """) { row in
            row.add(Self.key(key))
            row.add(spec.id.rawValue)
            row.add(spec.handler.rawValue)
            row.add(spec.queue.rawValue)
            row.add(spec.priority.rawValue)
            row.add(spec.parent?.rawValue)
            row.add(definition.role?.rawValue)
            row.add(isAdded && definition.origin >= 0 ? definition.origin : nil)
            row.add(definition.number)
            row.add(TaskSettings(spec).text)
            row.add(definition.dependencyText)
            row.add(spec.params?.bytes)
            row.add(spec.inputs?.bytes)
        }
        try execute(
            """
            INSERT INTO tasks (status, flags, attempt, losses, timers, progress, worker, firstQueued, queued, started, finished,
              due, base, iteration, rejections, ordinal, key, grade)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            Self.add(state, to: &row)
            row.add(Self.key(key))
            row.add(definition.role.map { $0.counts ? 1 : 2 } ?? 0)
        }
        if definition.role == .item {
            try execute(
                "UPDATE items SET task = ? WHERE key = ? AND number = ?",
                [key.task, Self.key(TaskKey(key.run, definition.origin)), definition.number])
        }
    }

    func update(_ state: TaskState, at key: TaskKey) throws {
        try execute(
            """
            UPDATE tasks SET status = ?, flags = ?, attempt = ?, losses = ?, timers = ?, progress = ?, worker = ?,
              firstQueued = ?, queued = ?, started = ?, finished = ?, due = ?, base = ?, iteration = ?, rejections = ?, ordinal = ?
            WHERE key = ?
            """
        ) { row in
            Self.add(state, to: &row)
            row.add(Self.key(key))
        }
    }

    private static func add(_ state: TaskState, to row: inout SQLiteBinder) {
        row.add(state.status.position)
        row.add(Int(state.flags.rawValue))
        row.add(Int(state.attempt))
        row.add(Int(state.losses))
        row.add(Int(state.timers.rawValue))
        row.add(Double(state.progress))
        row.add(state.worker?.rawValue)
        row.add(state.firstQueuedAt?.milliseconds)
        row.add(state.queuedAt?.milliseconds)
        row.add(state.startedAt?.milliseconds)
        row.add(state.finishedAt?.milliseconds)
        row.add(state.dueAt?.milliseconds)
        row.add(Int(state.base))
        row.add(Int(state.iteration))
        row.add(Int(state.rejections))
        row.add(Int(state.order))
    }

    func update(_ progress: RunProgress, of run: RunNumber) throws {
        try execute(
            """
            UPDATE runs SET status = ?, finished = ?, counts = ?, fraction = ?, lastEvent = ?, completions = ?, endingStatus = ?,
              endingError = ?
            WHERE number = ?
            """,
            [
                progress.status.rawValue, progress.finishedAt?.milliseconds, Self.text(of: progress.counts), progress.fraction,
                progress.lastEvent, progress.completions, progress.ending?.status.rawValue,
                Self.blob(progress.ending?.error.json), run.rawValue,
            ])
    }

    private static func text(of counts: [Int]) -> String { counts.map(String.init).joined(separator: ",") }

    func append(_ event: StoredEvent, to run: RunNumber) throws {
        try execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)") { row in
            row.add(run.rawValue << 32 | Int64(event.id))
            row.add(event.at.milliseconds)
            row.add(event.type.rawValue)
            row.add(event.task)
            row.add(event.attempt)
            row.add(event.data?.bytes)
        }
    }

    func put(result: JSON, at key: TaskKey) throws {
        try execute("INSERT OR REPLACE INTO results VALUES (?, ?)") { row in
            row.add(Self.key(key))
            row.add(result.bytes)
        }
        // Of an earlier attempt.
        try execute("DELETE FROM errors WHERE key = ?") { $0.add(Self.key(key)) }
    }

    func put(error: TaskError, at key: TaskKey) throws {
        try execute("INSERT OR REPLACE INTO errors VALUES (?, ?)", [Self.key(key), Self.blob(error.json)])
    }

    func put(_ part: TaskPart, _ payload: JSON?, at key: TaskKey) throws {
        if let payload {
            try execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", [Self.key(key), part.rawValue, payload.bytes])
        } else {
            try execute("DELETE FROM parts WHERE key = ? AND part = ?", [Self.key(key), part.rawValue])
        }
    }

    func put(_ attempt: AttemptView, at key: TaskKey) throws {
        try execute(
            "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?)",
            [Self.key(key), attempt.number, Self.blob(try JSON(encoding: attempt))])
    }

    func put(items: [JSON], at loop: TaskKey) throws {
        let key = Self.key(loop)
        try execute("DELETE FROM items WHERE key = ?", [key])
        for (number, item) in items.enumerated() {
            try execute("INSERT INTO items (key, number, body) VALUES (?, ?, ?)", [key, number, item.bytes])
        }
    }

    func put(_ loop: LoopState, at key: TaskKey) throws {
        try execute(
            "INSERT OR REPLACE INTO loops (key, total, next, open, failed, firstFailure) VALUES (?, ?, ?, ?, ?, ?)",
            [Self.key(key), loop.total, loop.next, loop.open, loop.failed, loop.firstFailure])
    }

    func clear(_ key: TaskKey) throws {
        let key = Self.key(key)
        try execute("DELETE FROM results WHERE key = ?", [key])
        try execute("DELETE FROM errors WHERE key = ?", [key])
        try execute("DELETE FROM parts WHERE key = ?", [key])
        try execute("DELETE FROM loops WHERE key = ?", [key])
        try execute("DELETE FROM links WHERE key = ?", [key])
    }

    func link(_ key: TaskKey, to source: TaskKey) throws {
        try execute(
            "INSERT OR REPLACE INTO links VALUES (?1, ifnull((SELECT source FROM links WHERE key = ?2), ?2))",
            [Self.key(key), Self.key(source)])
    }
}
