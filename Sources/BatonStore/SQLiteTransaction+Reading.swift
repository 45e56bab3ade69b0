import BatonModel
import Foundation
import GRDB

extension SQLiteTransaction: StoreReader {
    func run(id: RunID) throws -> StoredRun? {
        try runs("SELECT \(Self.runColumns) FROM runs WHERE id = ?", [id.rawValue]).first
    }

    func run(owner: String?, key: String) throws -> (id: RunID, digest: [UInt8])? {
        guard let row = try first("SELECT id, digest FROM runs WHERE ifnull(owner, '') = ? AND key = ?", [owner ?? "", key])
        else { return nil }
        return (RunID(row[0] as String), Array(row[1] as Data))
    }

    func runID(of run: RunNumber) throws -> RunID? {
        try first("SELECT id FROM runs WHERE number = ?", [run.rawValue]).map { RunID($0[0] as String) }
    }

    func load(_ id: RunID) throws -> LoadedRun? {
        guard let run = try run(id: id) else { return nil }
        let (first, last) = Self.range(run.number)
        var nodes: [TaskNode] = []
        var settings = SettingsCache()
        let definitions = try rows(
            """
            SELECT id, handler, queue, priority, hook, hookOf, settings, dependencies FROM definitions
            WHERE key BETWEEN ? AND ? ORDER BY key
            """, [first, last])
        while let row = try definitions.next() {
            let (spec, policies) = try settings.spec(row[6])
            nodes.append(
                TaskNode(
                    id: TaskID(row[0] as String), handler: settings.handler(row[1]), queue: settings.queue(row[2]),
                    priority: Priority(rawValue: row[3]) ?? .normal, critical: spec.critical && row[4] == nil,
                    start: spec.start, policies: policies,
                    dependencies: try TaskDefinition.readDependencies(row[7]).map {
                        TaskNode.Edge(task: $0.index, condition: $0.condition)
                    },
                    hook: (row[4] as String?).flatMap(TaskNode.Hook.init(rawValue:)), hookOf: row[5] ?? -1))
        }
        var tasks: [TaskState] = []
        tasks.reserveCapacity(nodes.count)
        let states = try rows("SELECT * FROM tasks WHERE key BETWEEN ? AND ? ORDER BY key", [first, last])
        while let row = try states.next() { tasks.append(Self.state(row)) }
        return LoadedRun(run: run, nodes: nodes, tasks: tasks)
    }

    func dispatch(_ key: TaskKey) throws -> DispatchData? {
        guard
            let row = try first(
                """
                SELECT id, handler, queue, priority, hook, hookOf, settings, dependencies, params, inputs FROM definitions
                WHERE key = ?
                """, [Self.key(key)]),
            let run = try runs("SELECT \(Self.runColumns) FROM runs WHERE number = ?", [key.run.rawValue]).first,
            let state = try first("SELECT * FROM tasks WHERE key = ?", [Self.key(key)]).map(Self.state)
        else { return nil }
        var spec = TaskSpec(id: TaskID(row[0] as String), handler: HandlerName(row[1] as String))
        spec.queue = QueueName(row[2] as String)
        spec.priority = Priority(rawValue: row[3]) ?? .normal
        try TaskSettings.apply(row[6], to: &spec)
        spec.params = Self.json(row, 8)
        spec.inputs = Self.json(row, 9)
        var data = DispatchData(run: run.header, spec: spec, state: state, dependencies: [])
        data.hook = (row[4] as String?).flatMap(TaskNode.Hook.init(rawValue:))
        for dependency in try TaskDefinition.readDependencies(row[7]) {
            let other = TaskKey(key.run, dependency.index)
            data.dependencies.append(try input(dependency.name, other))
        }
        if data.hook != nil, let origin = row[5] as Int? {
            let other = TaskKey(key.run, origin)
            let definition = try first("SELECT id, inputs FROM definitions WHERE key = ?", [Self.key(other)])
            data.origin = (
                TaskID((definition?[0] as String?) ?? ""), definition.flatMap { Self.json($0, 1) }, try error(other)
            )
        }
        if state.attempt > 1 {
            data.lastAttempt = try first(
                "SELECT body FROM attempts WHERE key = ? ORDER BY number DESC LIMIT 1", [Self.key(key)]
            ).flatMap { Self.json($0, 0) }.map { try $0.decode() }
            data.checkpoint = try first("SELECT body FROM checkpoints WHERE key = ?", [Self.key(key)]).flatMap {
                Self.json($0, 0)
            }
        }
        return data
    }

    private func input(_ name: String, _ key: TaskKey) throws -> DispatchData.Input {
        let row = try first(
            """
            SELECT definitions.id, tasks.status, results.body FROM tasks JOIN definitions USING (key)
            LEFT JOIN results USING (key) WHERE tasks.key = ?
            """, [Self.key(key)])
        let status = row.map { Self.status($0[1]) } ?? .skipped
        return DispatchData.Input(
            name: name, task: TaskID((row?[0] as String?) ?? name), status: status,
            result: status == .completed ? row.flatMap { Self.json($0, 2) } : nil,
            error: status == .completed ? nil : try error(key))
    }

    func result(_ key: TaskKey) throws -> JSON? {
        try first("SELECT body FROM results WHERE key = ?", [Self.key(key)]).flatMap { Self.json($0, 0) }
    }

    private func error(_ key: TaskKey) throws -> TaskError? {
        try first("SELECT body FROM errors WHERE key = ?", [Self.key(key)]).flatMap { Self.json($0, 0) }
            .map { TaskError($0) }
    }

    func results(of run: RunNumber, limit: Int) throws -> [(TaskID, JSON)]? {
        let (first, last) = Self.range(run)
        var inner: Set<Int> = []
        let edges = try rows(
            "SELECT dependencies FROM definitions WHERE key BETWEEN ? AND ? AND dependencies IS NOT NULL", [first, last])
        while let row = try edges.next() { for entry in try TaskDefinition.readDependencies(row[0]) { inner.insert(entry.index) } }
        var results: [(TaskID, JSON)] = []
        var size = 0
        let rows = try rows(
            """
            SELECT results.key, definitions.id, body FROM results JOIN definitions USING (key)
            WHERE results.key BETWEEN ? AND ? AND hook IS NULL ORDER BY results.key
            """, [first, last])
        while let row = try rows.next() {
            guard !inner.contains(Self.taskKey(row[0]).task), let body = Self.json(row, 2) else { continue }
            size += body.bytes.count
            if size > limit { return nil }
            results.append((TaskID(row[1] as String), body))
        }
        return results
    }

    // MARK: - Recovery

    func dueTimers(by time: Timestamp, limit: Int) throws -> [(key: TaskKey, kind: TimerKind)] {
        let rows = try rows(
            "SELECT key, kind FROM timers WHERE due <= ? ORDER BY due LIMIT ?", [time.milliseconds, limit])
        var due: [(TaskKey, TimerKind)] = []
        while let row = try rows.next() {
            if let kind = TimerKind(rawValue: row[1]) { due.append((Self.taskKey(row[0]), kind)) }
        }
        return due
    }

    func nextTimer() throws -> Timestamp? {
        try first("SELECT min(due) FROM timers", []).flatMap { Self.time($0, 0) }
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
                default: .park(key, attempt: row[3], reason: row[4] ?? "")
                }
            entries.append(OutboxEntry(number: row[0], content: content))
        }
        return entries
    }

    func lastNumbers() throws -> (outbox: Int64, backlog: Int64) {
        let row = try first("SELECT (SELECT max(number) FROM outbox), (SELECT max(number) FROM backlog)", [])
        return (row?[0] ?? 0, row?[1] ?? 0)
    }

    func revoked() throws -> [String] {
        let rows = try rows("SELECT attempt FROM revoked", [])
        var list: [String] = []
        while let row = try rows.next() { list.append(row[0]) }
        return list
    }

    func levels() throws -> [(level: QueueLevel, waiting: Int, published: Int)] {
        let rows = try rows(
            """
            SELECT queue, priority, sum(waiting), sum(published) FROM (
              SELECT d.queue, d.priority, 0 AS waiting, 1 AS published FROM runs JOIN tasks t
                ON t.key BETWEEN runs.number << 24 AND (runs.number << 24) + 16777215 AND t.status IN (2, 3) AND t.flags & 16
              JOIN definitions d ON d.key = t.key WHERE runs.status = 'running'
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

    // MARK: - Rows

    static func status(_ position: Int) -> TaskStatus {
        TaskStatus.allCases.first { $0.position == position } ?? .pending
    }

    static func state(_ row: Row) -> TaskState {
        var state = TaskState(status: status(row[1]))
        state.flags = TaskState.Flags(rawValue: UInt8(truncatingIfNeeded: row[2] as Int))
        state.attempt = Int32(truncatingIfNeeded: row[3] as Int)
        state.losses = Int32(truncatingIfNeeded: row[4] as Int)
        state.timers = TimerSet(rawValue: UInt16(truncatingIfNeeded: row[5] as Int))
        state.progress = Float(row[6] as Double)
        state.worker = (row[7] as String?).map(WorkerID.init(rawValue:))
        state.firstQueuedAt = time(row, 8)
        state.queuedAt = time(row, 9)
        state.startedAt = time(row, 10)
        state.finishedAt = time(row, 11)
        state.dueAt = time(row, 12)
        return state
    }

    static let runColumns = """
        number, id, name, owner, key, correlation, timeout, onFailure, created, reply, status, finished, counts, fraction,
        lastEvent, endingStatus, endingError
        """

    func runs(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> [StoredRun] {
        let cursor = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        var runs: [StoredRun] = []
        while let row = try cursor.next() {
            let header = RunHeader(
                id: RunID(row[1] as String), name: row[2], key: row[4], correlationID: row[5], owner: row[3],
                timeout: (row[6] as Int64?).map { .milliseconds($0) },
                onFailure: Graph.FailureMode(rawValue: row[7]) ?? .stop, createdAt: Timestamp(milliseconds: row[8]))
            var progress = RunProgress()
            progress.status = RunStatus(rawValue: row[10]) ?? .running
            progress.finishedAt = Self.time(row, 11)
            let counts = (row[12] as String).split(separator: ",").compactMap { Int($0) }
            if counts.count == progress.counts.count { progress.counts = counts }
            progress.fraction = row[13]
            progress.lastEvent = row[14]
            if let status = (row[15] as String?).flatMap(RunStatus.init(rawValue:)), let error = Self.json(row, 16) {
                progress.ending = RunProgress.Ending(status: status, error: TaskError(error))
            }
            let reply = try (row[9] as String?).map { try JSON(parsing: $0).decode(as: ReplyAddress.self) }
            runs.append(StoredRun(number: RunNumber(rawValue: row[0]), header: header, progress: progress, reply: reply))
        }
        return runs
    }
}

/// Reads equal settings once, and gives equal names one storage.
private struct SettingsCache {
    private var specs: [String: (TaskSpec, TaskNode.Policies?)] = [:]
    private var handlers: [String: HandlerName] = [:]
    private var queues: [String: QueueName] = [:]

    mutating func spec(_ text: String?) throws -> (TaskSpec, TaskNode.Policies?) {
        if let known = specs[text ?? ""] { return known }
        var spec = TaskSpec(id: "", handler: "")
        try TaskSettings.apply(text, to: &spec)
        let plain = spec.retry == nil && spec.timeouts == .none
        let entry = (spec, plain ? nil : TaskNode.Policies(retry: spec.retry, timeouts: spec.timeouts))
        specs[text ?? ""] = entry
        return entry
    }

    mutating func handler(_ name: String) -> HandlerName {
        if let known = handlers[name] { return known }
        handlers[name] = HandlerName(name)
        return HandlerName(name)
    }

    mutating func queue(_ name: String) -> QueueName {
        if let known = queues[name] { return known }
        queues[name] = QueueName(name)
        return QueueName(name)
    }
}
