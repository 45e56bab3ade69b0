import BatonModel
import Foundation
import GRDB

/// What people and programs look at.
extension SQLiteTransaction {
    func runs(_ filter: RunFilter, limit: Int, before: RunNumber?) throws -> [StoredRun] {
        var conditions: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        for (column, value) in [
            ("name", filter.name), ("status", filter.status?.rawValue), ("owner", filter.owner),
            ("correlation", filter.correlationID),
        ] {
            guard let value else { continue }
            conditions.append("\(column) = ?")
            arguments.append(value)
        }
        if let before {
            conditions.append("number < ?")
            arguments.append(before.rawValue)
        }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try runs(
            "SELECT \(Self.runColumns) FROM runs \(condition) ORDER BY number DESC LIMIT ?", arguments + [limit])
    }

    func view(of run: StoredRun) throws -> RunView {
        var counts: [String: Int] = [:]
        for status in TaskStatus.allCases where run.progress[status] > 0 { counts[status.rawValue] = run.progress[status] }
        var view = RunView(
            id: run.header.id, name: run.header.name, status: run.progress.status, key: run.header.key,
            correlationId: run.header.correlationID, owner: run.header.owner, createdAt: run.header.createdAt,
            finishedAt: run.progress.finishedAt, counts: counts, total: run.progress.total, progress: run.progress.progress,
            error: run.progress.ending?.error)
        if run.progress[.skipped] > 0 { view.skipped = try ids(of: run.number, .skipped) { _ in true } }
        if run.progress[.failed] > 0 {
            let failed = try ids(of: run.number, .failed) { !$0.critical }
            if !failed.isEmpty { view.nonCriticalFailures = failed }
        }
        return view
    }

    private func ids(of run: RunNumber, _ status: TaskStatus, where condition: (TaskSpec) -> Bool) throws -> [TaskID] {
        let (first, last) = Self.range(run)
        let rows = try rows(
            """
            SELECT id, settings FROM tasks JOIN definitions USING (key)
            WHERE tasks.key BETWEEN ? AND ? AND status = ? AND hook IS NULL ORDER BY tasks.key LIMIT 1000
            """, [first, last, status.position])
        var ids: [TaskID] = []
        while ids.count < 100, let row = try rows.next() {
            var spec = TaskSpec(id: TaskID(row[0] as String), handler: "")
            try TaskSettings.apply(row[1], to: &spec)
            if condition(spec) { ids.append(spec.id) }
        }
        return ids
    }

    func tasks(of run: RunNumber, status: TaskStatus?, limit: Int, from task: Int) throws -> [(index: Int, view: TaskView)] {
        let (first, last) = Self.range(run)
        let condition = status.map { "AND status = \($0.position)" } ?? ""
        return try views(
            "tasks.key BETWEEN ? AND ? \(condition) ORDER BY tasks.key LIMIT ?", [first + Int64(task), last, limit], run,
            details: false)
    }

    func task(_ id: TaskID, of run: RunNumber) throws -> (index: Int, view: TaskView)? {
        try views("definitions.key >> 24 = ? AND definitions.id = ?", [run.rawValue, id.rawValue], run, details: true).first
    }

    private func views(
        _ condition: String, _ arguments: [(any DatabaseValueConvertible)?], _ run: RunNumber, details: Bool
    ) throws -> [(index: Int, view: TaskView)] {
        let sql = """
            SELECT tasks.*, id, handler, queue, priority, parent, hook, hookOf, settings, dependencies,
              \(details ? "params, inputs" : "NULL, NULL"), errors.body
            FROM definitions JOIN tasks USING (key) LEFT JOIN errors USING (key) WHERE \(condition)
            """
        let cursor = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        var views: [(Int, TaskView)] = []
        while let row = try cursor.next() {
            let state = Self.state(row)
            var spec = TaskSpec(id: TaskID(row[13] as String), handler: HandlerName(row[14] as String))
            try TaskSettings.apply(row[20], to: &spec)
            let key = Self.taskKey(row[0])
            var view = TaskView(
                id: spec.id, handler: spec.handler, status: state.status,
                parent: (row[17] as String?).map(TaskID.init(rawValue:)), queue: QueueName(row[15] as String),
                priority: Priority(rawValue: row[16]) ?? .normal, attempts: Int(state.attempt),
                maxAttempts: (spec.retry ?? .default).maxAttempts, critical: spec.critical && row[18] == nil)
            view.dependencies = try TaskDefinition.readDependencies(row[21]).map {
                try id(of: TaskKey(run, $0.index))
            }
            if row[18] != nil, let origin = row[19] as Int? { view.causedBy = try id(of: TaskKey(run, origin)) }
            view.queuedAt = state.queuedAt
            view.startedAt = state.startedAt
            view.finishedAt = state.finishedAt
            view.worker = state.worker
            view.dueAt = state.dueAt
            if state.status == .running, state.progress > 0 { view.progress = Double(state.progress) }
            if state.status == .running, state.flags.contains(.cancelRequested) { view.cancelRequested = true }
            if state.status == .cancelled, state.startedAt != nil {
                view.stopConfirmed = !state.flags.contains(.stopUnconfirmed)
            }
            let showsError: Bool =
                switch state.status {
                case .failed, .cancelled, .skipped, .retrying: true
                case .pending, .scheduled, .queued, .running, .completed: false
                }
            if showsError { view.error = Self.json(row, 24).map { TaskError($0) } }
            if details {
                view.params = Self.json(row, 22)
                view.inputs = Self.json(row, 23)
                if state.status == .completed { view.result = try result(key) }
                view.history = try attempts(key, state, view.error)
            }
            views.append((key.task, view))
        }
        return views
    }

    private func id(of key: TaskKey) throws -> TaskID {
        TaskID((try first("SELECT id FROM definitions WHERE key = ?", [Self.key(key)])?[0] as String?) ?? "?")
    }

    /// The earlier attempts as they were stored, and the present or last one as the task's own state says.
    private func attempts(_ key: TaskKey, _ state: TaskState, _ error: TaskError?) throws -> [AttemptView] {
        let rows = try rows("SELECT body FROM attempts WHERE key = ? ORDER BY number", [Self.key(key)])
        var attempts: [AttemptView] = []
        while let row = try rows.next() {
            if let body = Self.json(row, 0) { attempts.append(try body.decode()) }
        }
        if state.attempt > 0, attempts.last?.number != Int(state.attempt) {
            attempts.append(
                AttemptView(
                    number: Int(state.attempt), status: state.status.rawValue, worker: state.worker, queuedAt: state.queuedAt,
                    startedAt: state.startedAt, finishedAt: state.finishedAt, error: error))
        }
        return attempts
    }

    func events(of run: RunNumber, id: RunID, after event: Int, limit: Int) throws -> [EventView] {
        let first = run.rawValue << 32 | Int64(clamping: min(event, Int(UInt32.max)))
        let rows = try rows(
            """
            SELECT events.key, at, type, definitions.id, attempt, data FROM events
            LEFT JOIN definitions ON definitions.key = (? << 24) + task
            WHERE events.key > ? AND events.key < ? ORDER BY events.key LIMIT ?
            """, [run.rawValue, first, (run.rawValue + 1) << 32, limit])
        var events: [EventView] = []
        while let row = try rows.next() {
            guard let type = EventType(rawValue: row[2]) else { continue }
            events.append(
                EventView(
                    id: Int((row[0] as Int64) & 0xFFFF_FFFF), run: id, at: Timestamp(milliseconds: row[1]), type: type,
                    task: (row[3] as String?).map(TaskID.init(rawValue:)), attempt: row[4], data: Self.json(row, 5)))
        }
        return events
    }
}
