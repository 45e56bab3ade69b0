import BatonModel
import Foundation

/// Tasks, as people and programs look at them.
extension SQLiteTransaction {
    func tasks(of run: RunNumber, status: TaskStatus?, limit: Int, from task: Int) throws -> [(index: Int, view: TaskView)] {
        let (first, last) = Self.range(run)
        let condition = status.map { "AND tasks.status = \($0.position)" } ?? ""
        return try views(
            "tasks.key BETWEEN ? AND ? \(condition) ORDER BY tasks.key LIMIT ?", [first + Int64(task), last, limit], run,
            details: false)
    }

    func task(_ id: TaskID, of run: RunNumber) throws -> (index: Int, view: TaskView)? {
        try views("definitions.key >> 24 = ? AND definitions.id = ?", [run.rawValue, id.rawValue], run, details: true).first
    }

    private func views(
        _ condition: String, _ arguments: SQLiteArguments, _ run: RunNumber, details: Bool
    ) throws -> [(index: Int, view: TaskView)] {
        let rows = try rows(
            text: """
                SELECT \(Self.taskColumns), definitions.id, handler, queue, priority, parent, role, definitions.origin, settings,
                  dependencies, errors.body, links.source, total, next, open, failed,
                  \(details ? "params, inputs" : "NULL, NULL")
                FROM definitions JOIN tasks ON tasks.key = definitions.key LEFT JOIN errors ON errors.key = definitions.key
                LEFT JOIN links ON links.key = definitions.key LEFT JOIN loops ON loops.key = definitions.key
                WHERE \(condition)
                """, arguments)
        var settings = SettingsCache()
        var views: [(Int, TaskView)] = []
        var runID: RunID?
        while let row = try rows.next() {
            let state = Self.state(row)
            let key = Self.taskKey(row[0])
            var view = try view(row, state, run, &settings)
            if view.handler == .graph || view.handler == .answer, state.attempt > 0 {
                if runID == nil { runID = try self.runID(of: run) }
                if let runID {
                    let attempt = AttemptID(run: runID, task: key.task, number: Int(state.attempt))
                    if view.handler == .graph { view.child = try child(of: attempt) }
                    if view.handler == .answer, state.status == .queued || state.status == .running { view.token = attempt }
                }
            }
            if details {
                view.params = Self.json(row, 32)
                view.inputs = Self.json(row, 33)
                view.feedback = try part(.feedback, key)
                if state.status == .completed { view.result = try result(key) }
                view.history = try attempts(key, state, view.error)
            }
            views.append((key.task, view))
        }
        return views
    }

    private func view(_ row: SQLiteRow, _ state: TaskState, _ run: RunNumber, _ settings: inout SettingsCache) throws -> TaskView {
        let (spec, policies) = try settings.spec(row[24])
        let role = (row[22] as String?).flatMap(TaskNode.Role.init(rawValue:))
        let node = TaskNode(id: TaskID(row[17] as String), handler: HandlerName(row[18] as String), policies: policies)
        var view = TaskView(
            id: node.id, handler: node.handler, status: state.status, parent: (row[21] as String?).map(TaskID.init(rawValue:)),
            queue: QueueName(row[19] as String), priority: Priority(rawValue: row[20]) ?? .normal, attempts: Int(state.attempt),
            maxAttempts: node.retry.maxAttempts, critical: spec.critical && (role?.counts ?? true))
        view.dependencies = try ids(of: try StoredDependency.read(row[25]), in: run)
        view.role = role
        if role != nil, let origin = row[23] as Int? { view.causedBy = try reference(to: TaskKey(run, origin))?.task }
        if let source = row[27] as Int64? { view.linkedTo = try reference(to: Self.taskKey(source)) }
        if let total = row[28] as Int? {
            let loop = LoopState(total: total, next: row[29], open: row[30], failed: row[31])
            view.items = LoopView(total: loop.total, ended: loop.ended, running: loop.open, failed: loop.failed)
        }
        Self.show(state, in: &view)
        if state.flags.contains(.undone) { view.undone = try isUndone(Self.taskKey(row[0])) }
        if state.flags.contains(.fallback), state.status == .completed, spec.hasRules { view.madeBy = spec.rules.fallback }
        let showsError: Bool =
            switch state.status {
            case .failed, .cancelled, .skipped, .retrying: true
            case .pending, .scheduled, .queued, .running, .completed: false
            }
        if showsError { view.error = Self.json(row, 26).map { TaskError($0) } }
        return view
    }

    private static func show(_ state: TaskState, in view: inout TaskView) {
        view.queuedAt = state.queuedAt
        view.startedAt = state.startedAt
        view.finishedAt = state.finishedAt
        view.worker = state.worker
        view.dueAt = state.dueAt
        if state.status == .running, state.progress > 0 { view.progress = Double(state.progress) }
        if state.status == .running, state.flags.contains(.cancelRequested) { view.cancelRequested = true }
        if state.status == .cancelled, state.startedAt != nil { view.stopConfirmed = !state.flags.contains(.stopUnconfirmed) }
        if state.flags.contains(.cached) { view.cached = true }
        if state.iteration > 0 { view.iteration = Int(state.iteration) }
    }

    /// Whether the latest compensation of a task has come to its good end; `nil` before its end.
    private func isUndone(_ key: TaskKey) throws -> Bool? {
        let (lowest, highest) = Self.range(key.run)
        let row = try first(
            """
            SELECT tasks.status FROM definitions INDEXED BY definitions_compensations JOIN tasks USING (key)
            WHERE role = 'compensation' AND definitions.key BETWEEN ? AND ? AND origin = ? ORDER BY definitions.key DESC LIMIT 1
            """, [lowest, highest, key.task])
        guard let status = row.map({ Self.status($0[0]) }), status.isFinal else { return nil }
        return status == .completed
    }

    private func reference(to key: TaskKey) throws -> TaskReference? {
        let row = try first(
            "SELECT runs.id, definitions.id FROM definitions JOIN runs ON runs.number = ? WHERE definitions.key = ?",
            [key.run.rawValue, Self.key(key)])
        return row.map { TaskReference(run: RunID($0[0] as String), task: TaskID($0[1] as String)) }
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
}
