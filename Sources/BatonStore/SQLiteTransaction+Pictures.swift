import BatonModel
import Foundation

/// What pictures of a run are made of.
extension SQLiteTransaction {
    /// Of a definition: what is needed to know a task by.
    static let outlineColumns = """
        definitions.id, handler, queue, priority, role, definitions.origin, definitions.number, settings, dependencies, parent
        """

    /// The node in the columns behind those of the task's state, and what its dependencies are called.
    static func outlinedNode(_ row: SQLiteRow, _ settings: inout SettingsCache) throws -> (node: TaskNode, aliases: [String?]) {
        let first = taskColumnCount
        let (spec, policies) = try settings.spec(row[first + 7])
        let role = (row[first + 4] as String?).flatMap(TaskNode.Role.init(rawValue:))
        let dependencies = try StoredDependency.read(row[first + 8])
        let node = TaskNode(
            id: TaskID(row[first] as String), handler: settings.handler(row[first + 1]), queue: settings.queue(row[first + 2]),
            priority: Priority(rawValue: row[first + 3]) ?? .normal, critical: spec.critical && (role?.counts ?? true),
            start: spec.start, policies: policies,
            dependencies: dependencies.map { TaskNode.Edge(task: $0.index, condition: $0.condition) }, role: role,
            origin: row[first + 5] ?? -1, number: row[first + 6])
        return (node, dependencies.map(\.alias))
    }

    func outlines(of run: RunNumber, limit: Int) throws -> [TaskOutline] {
        let (first, last) = Self.range(run)
        let rows = try rows(
            text: """
                SELECT \(Self.taskColumns), \(Self.outlineColumns), errors.body, total, next, open, failed
                FROM definitions JOIN tasks ON tasks.key = definitions.key LEFT JOIN errors ON errors.key = definitions.key
                LEFT JOIN loops ON loops.key = definitions.key
                WHERE definitions.key BETWEEN ? AND ? AND role IS NOT 'item' ORDER BY definitions.key LIMIT ?
                """, [first, last, limit])
        var settings = SettingsCache()
        var outlines: [TaskOutline] = []
        while let row = try rows.next() {
            let (node, aliases) = try Self.outlinedNode(row, &settings)
            let error = Self.taskColumnCount + 10
            outlines.append(
                TaskOutline(
                    index: Self.taskKey(row[0]).task, node: node, state: Self.state(row),
                    parent: (row[Self.taskColumnCount + 9] as String?).map(TaskID.init(rawValue:)), aliases: aliases,
                    loop: (row[error + 1] as Int?).map {
                        LoopState(total: $0, next: row[error + 2], open: row[error + 3], failed: row[error + 4])
                    },
                    error: Self.json(row, error).map { TaskError($0) }))
        }
        return outlines
    }

    func attempts(of run: RunNumber, limit: Int) throws -> [TaskAttempts] {
        let (first, last) = Self.range(run)
        let rows = try rows(
            text: """
                SELECT \(Self.taskColumns), definitions.id, handler, role, errors.body FROM definitions
                JOIN tasks ON tasks.key = definitions.key LEFT JOIN errors ON errors.key = definitions.key
                WHERE definitions.key BETWEEN ? AND ? AND tasks.attempt > 0 ORDER BY definitions.key LIMIT ?
                """, [first, last, limit])
        var tasks: [(key: Int64, state: TaskState, task: TaskAttempts, error: TaskError?)] = []
        while let row = try rows.next() {
            let task = TaskAttempts(
                id: TaskID(row[17] as String), handler: HandlerName(row[18] as String),
                role: (row[19] as String?).flatMap(TaskNode.Role.init(rawValue:)), attempts: [])
            tasks.append((row[0], Self.state(row), task, Self.json(row, 20).map { TaskError($0) }))
        }
        guard let highest = tasks.last?.key else { return [] }
        let earlier = try self.rows(
            "SELECT key, body FROM attempts WHERE key BETWEEN ? AND ? ORDER BY key, number", [first, highest])
        var place = 0
        while let row = try earlier.next() {
            let key = row[0] as Int64
            while place < tasks.count, tasks[place].key < key { place += 1 }
            guard place < tasks.count, tasks[place].key == key, let body = Self.json(row, 1) else { continue }
            tasks[place].task.attempts.append(try body.decode())
        }
        return tasks.map { entry in
            let state = entry.state
            var task = entry.task
            guard task.attempts.last?.number != Int(state.attempt) else { return task }
            task.attempts.append(
                AttemptView(
                    number: Int(state.attempt), status: state.status.rawValue, worker: state.worker, queuedAt: state.queuedAt,
                    startedAt: state.startedAt, finishedAt: state.finishedAt, error: entry.error))
            return task
        }
    }
}
