import BatonModel
import Foundation

/// Runs, and what decisions need of them.
extension SQLiteTransaction: StoreReader {
    func run(id: RunID) throws -> StoredRun? {
        try runs("SELECT \(Self.runColumns) FROM runs WHERE id = ?", [id.rawValue]).first
    }

    func run(number: RunNumber) throws -> StoredRun? {
        try runs("SELECT \(Self.runColumns) FROM runs WHERE number = ?", [number.rawValue]).first
    }

    func run(owner: String?, key: String) throws -> (id: RunID, digest: [UInt8])? {
        guard let row = try first("SELECT id, digest FROM runs WHERE ifnull(owner, '') = ? AND key = ?", [owner ?? "", key])
        else { return nil }
        return (RunID(row[0] as String), row[1])
    }

    func runID(of run: RunNumber) throws -> RunID? {
        try first("SELECT id FROM runs WHERE number = ?", [run.rawValue]).map { RunID($0[0] as String) }
    }

    func child(of attempt: AttemptID) throws -> RunID? {
        try first("SELECT id FROM runs WHERE parent = ? ORDER BY number LIMIT 1", [attempt.description])
            .map { RunID($0[0] as String) }
    }

    func load(_ id: RunID) throws -> LoadedRun? {
        guard let run = try run(id: id) else { return nil }
        let (first, last) = Self.range(run.number)
        var settings = SettingsCache()
        let nodes = try documentNodes(first, last, &settings)
        var tasks: [TaskState] = []
        tasks.reserveCapacity(nodes.count)
        let states = try rows(
            text: "SELECT \(Self.taskColumns) FROM tasks WHERE key BETWEEN ? AND ? ORDER BY key",
            [first, first + Int64(nodes.count) - 1])
        while let row = try states.next() { tasks.append(Self.state(row)) }
        guard tasks.count == nodes.count else {
            throw StoreError(.unusable, "the run '\(id)' is stored with \(nodes.count) tasks, but with the states of \(tasks.count)")
        }
        return LoadedRun(
            run: run, nodes: nodes, tasks: tasks, added: try neededAdded(first, last, &settings),
            count: try taskCount(of: run.number), loops: try unfinishedLoops(first, last))
    }

    /// They come before all that were added, so that reading can stop at the first of these.
    private func documentNodes(_ first: Int64, _ last: Int64, _ settings: inout SettingsCache) throws -> [TaskNode] {
        var nodes: [TaskNode] = []
        let definitions = try rows(
            text: "SELECT \(Self.nodeColumns) FROM definitions WHERE key BETWEEN ? AND ? ORDER BY key", [first, last])
        while let row = try definitions.next() {
            let node = try Self.node(row, at: 0, &settings)
            if node.role != nil { break }
            nodes.append(node)
        }
        return nodes
    }

    /// Those that have not ended, and those that decide over the run after their end: what failed, and what is kept.
    private func neededAdded(
        _ first: Int64, _ last: Int64, _ settings: inout SettingsCache
    ) throws -> [Int: (node: TaskNode, state: TaskState)] {
        var added: [Int: (node: TaskNode, state: TaskState)] = [:]
        let columns = "SELECT \(Self.taskColumns), \(Self.nodeColumns) FROM"
        for (index, condition) in [
            ("tasks_added", "grade > 0 AND status < 5"),
            ("tasks_needed", "grade = 1 AND (status IN (6, 7) OR flags & 32768)"),
        ] {
            let selection = "tasks INDEXED BY \(index) JOIN definitions USING (key) WHERE \(condition)"
            let rows = try rows(text: "\(columns) \(selection) AND tasks.key BETWEEN ? AND ?", [first, last])
            while let row = try rows.next() {
                added[Self.taskKey(row[0]).task] = (try Self.node(row, at: Self.taskColumnCount, &settings), Self.state(row))
            }
        }
        return added
    }

    private func unfinishedLoops(_ first: Int64, _ last: Int64) throws -> [Int: LoopState] {
        var loops: [Int: LoopState] = [:]
        let rows = try rows(
            """
            SELECT loops.key, total, next, open, failed, firstFailure FROM loops JOIN tasks USING (key)
            WHERE loops.key BETWEEN ? AND ? AND status < 5
            """, [first, last])
        while let row = try rows.next() {
            loops[Self.taskKey(row[0]).task] = LoopState(
                total: row[1], next: row[2], open: row[3], failed: row[4], firstFailure: row[5])
        }
        return loops
    }

    private func taskCount(of run: RunNumber) throws -> Int {
        let (first, last) = Self.range(run)
        let row = try self.first("SELECT key FROM definitions WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1", [first, last])
        return row.map { Self.taskKey($0[0]).task + 1 } ?? 0
    }

    func index(of task: TaskID, in run: RunNumber) throws -> Int? {
        try first("SELECT key FROM definitions WHERE key >> 24 = ? AND id = ?", [run.rawValue, task.rawValue])
            .map { Self.taskKey($0[0]).task }
    }

    // MARK: - Rows

    private static let statuses: [TaskStatus] = TaskStatus.allCases.sorted { $0.position < $1.position }

    static func status(_ position: Int) -> TaskStatus {
        statuses.indices.contains(position) ? statuses[position] : .pending
    }

    static let taskColumnCount = 17
    static let taskColumns = """
        tasks.key, tasks.status, flags, tasks.attempt, losses, timers, progress, worker, firstQueued, queued, started,
        tasks.finished, tasks.due, base, iteration, rejections, ordinal
        """

    static func state(_ row: SQLiteRow) -> TaskState {
        var state = TaskState(status: status(row[1]))
        state.flags = TaskState.Flags(rawValue: UInt16(truncatingIfNeeded: row[2] as Int))
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
        state.base = Int32(truncatingIfNeeded: row[13] as Int)
        state.iteration = Int32(truncatingIfNeeded: row[14] as Int)
        state.rejections = Int32(truncatingIfNeeded: row[15] as Int)
        state.order = Int32(truncatingIfNeeded: row[16] as Int)
        return state
    }

    private static let nodeColumns = """
        definitions.id, handler, queue, priority, role, definitions.origin, definitions.number, settings, dependencies
        """

    private static func node(_ row: SQLiteRow, at first: Int, _ settings: inout SettingsCache) throws -> TaskNode {
        let (spec, policies) = try settings.spec(row[first + 7])
        let role = (row[first + 4] as String?).flatMap(TaskNode.Role.init(rawValue:))
        return TaskNode(
            id: TaskID(row[first] as String), handler: settings.handler(row[first + 1]), queue: settings.queue(row[first + 2]),
            priority: Priority(rawValue: row[first + 3]) ?? .normal, critical: spec.critical && (role?.counts ?? true),
            start: spec.start, policies: policies,
            dependencies: try StoredDependency.read(row[first + 8]).map { TaskNode.Edge(task: $0.index, condition: $0.condition) },
            role: role, origin: row[first + 5] ?? -1, number: row[first + 6])
    }

    static let runColumns = """
        number, id, name, owner, key, correlation, timeout, onFailure, created, reply, status, finished, counts, fraction,
        lastEvent, endingStatus, endingError, completions, family, parent, origin, kind, schedule,
        traceparent, tracestate
        """

    func runs(_ sql: String, _ arguments: SQLiteArguments) throws -> [StoredRun] {
        let cursor = try rows(text: sql, arguments)
        var runs: [StoredRun] = []
        while let row = try cursor.next() {
            let reply = try (row[9] as String?).map { try ReplyAddress(stored: $0) }
            runs.append(
                StoredRun(number: RunNumber(rawValue: row[0]), header: Self.header(row), progress: Self.progress(row), reply: reply))
        }
        return runs
    }

    private static func header(_ row: SQLiteRow) -> RunHeader {
        RunHeader(
            id: RunID(row[1] as String), name: row[2], key: row[4], correlationID: row[5], owner: row[3],
            timeout: (row[6] as Int64?).map { .milliseconds($0) }, onFailure: Graph.FailureMode(rawValue: row[7]) ?? .stop,
            createdAt: Timestamp(milliseconds: row[8]),
            lineage: Lineage(
                family: RunID(row[18] as String), parent: (row[19] as String?).flatMap { AttemptID($0) },
                origin: (row[20] as String?).map(RunID.init(rawValue:)),
                kind: (row[21] as String?).flatMap(Lineage.Kind.init(rawValue:)), schedule: row[22]),
            trace: (row[23] as String?).flatMap { TraceContext(traceparent: $0, tracestate: row[24]) })
    }

    private static func progress(_ row: SQLiteRow) -> RunProgress {
        var progress = RunProgress()
        progress.status = RunStatus(rawValue: row[10]) ?? .running
        progress.finishedAt = time(row, 11)
        let counts = (row[12] as String).split(separator: ",").compactMap { Int($0) }
        if counts.count == progress.counts.count { progress.counts = counts }
        progress.fraction = row[13]
        progress.lastEvent = row[14]
        progress.completions = row[17]
        if let status = (row[15] as String?).flatMap(RunStatus.init(rawValue:)), let error = json(row, 16) {
            progress.ending = RunProgress.Ending(status: status, error: TaskError(error))
        }
        return progress
    }
}
