import BatonModel
import Foundation

/// What tasks wait for.
extension SQLiteTransaction {
    func standing(_ key: TaskKey) throws -> TaskStanding? {
        guard let row = try first(text: Self.standingQuery, [Self.key(key)]) else { return nil }
        var settings = SettingsCache()
        return TaskStanding(
            key: key, node: try Self.outlinedNode(row, &settings).node, state: Self.state(row),
            error: Self.json(row, Self.taskColumnCount + 10).map { TaskError($0) })
    }

    private static let standingQuery = """
        SELECT \(taskColumns), \(outlineColumns), errors.body FROM tasks JOIN definitions USING (key)
        LEFT JOIN errors USING (key) WHERE tasks.key = ?
        """

    func dependencyStandings(of key: TaskKey) throws -> [DependencyStanding] {
        let row = try first("SELECT dependencies FROM definitions WHERE key = ?", [Self.key(key)])
        let stored = try StoredDependency.read(row?[0])
        if stored.isEmpty { return [] }
        let list = "[" + stored.lazy.map { String($0.index) }.joined(separator: ",") + "]"
        let rows = try rows(
            """
            SELECT definitions.id, tasks.status FROM json_each(?1) AS place
            LEFT JOIN definitions ON definitions.key = ?2 + place.value LEFT JOIN tasks ON tasks.key = definitions.key
            """, [list, Self.range(key.run).0])
        var standings: [DependencyStanding] = []
        standings.reserveCapacity(stored.count)
        while standings.count < stored.count, let row = try rows.next() {
            let entry = stored[standings.count]
            standings.append(
                DependencyStanding(
                    task: entry.index, id: TaskID((row[0] as String?) ?? "?"), condition: entry.condition,
                    status: (row[1] as Int?).map(Self.status) ?? .skipped))
        }
        return standings
    }

    func underWay(in run: RunNumber, limit: Int) throws -> [Int] {
        let (first, last) = Self.range(run)
        return try indices(
            """
            SELECT tasks.key FROM tasks JOIN definitions USING (key)
            WHERE tasks.key BETWEEN ? AND ? AND status BETWEEN 1 AND 4 AND role IS NOT 'item' ORDER BY tasks.key LIMIT ?
            """, [first, last, limit])
    }

    func open(_ role: TaskNode.Role, for task: Int, in run: RunNumber, limit: Int) throws -> [Int] {
        let (first, last) = Self.range(run)
        return try indices(
            """
            SELECT tasks.key FROM tasks INDEXED BY tasks_added JOIN definitions USING (key)
            WHERE grade > 0 AND status < 5 AND tasks.key BETWEEN ? AND ? AND role = ? AND origin = ? ORDER BY tasks.key LIMIT ?
            """, [first, last, role.rawValue, task, limit])
    }

    private func indices(_ sql: StaticString, _ arguments: SQLiteArguments) throws -> [Int] {
        let rows = try rows(sql, arguments)
        var found: [Int] = []
        while let row = try rows.next() { found.append(Self.taskKey(row[0]).task) }
        return found
    }

    func dueTimes(of key: TaskKey) throws -> [TimerKind: Timestamp] {
        let rows = try rows("SELECT kind, due FROM timers WHERE key = ?", [Self.key(key)])
        var times: [TimerKind: Timestamp] = [:]
        while let row = try rows.next() {
            if let kind = TimerKind(rawValue: row[0]) { times[kind] = Timestamp(milliseconds: row[1]) }
        }
        return times
    }

    func place(of standing: TaskStanding) throws -> WaitingPlace {
        let key = Self.key(standing.key)
        let level: SQLiteArguments = [standing.node.queue.rawValue, standing.node.priority.rawValue]
        if standing.state.flags.contains(.held) {
            let row = try first(
                """
                SELECT gate, (SELECT count(*) FROM held AS other WHERE other.gate = held.gate AND other.number < held.number)
                FROM held WHERE key = ? AND attempt = ?
                """, [key, standing.state.attempt])
            return WaitingPlace(gate: row?[0], ahead: row?[1] ?? 0)
        }
        if standing.state.flags.contains(.backlogged) {
            let row = try first(
                """
                SELECT count(*) FROM backlog WHERE queue = ?1 AND priority = ?2
                AND number < (SELECT number FROM backlog WHERE queue = ?1 AND priority = ?2 AND key = ?3 AND attempt = ?4)
                """, level + [key, standing.state.attempt])
            return WaitingPlace(ahead: row?[0] ?? 0)
        }
        let row = try first(
            """
            SELECT count(*) FROM tasks INDEXED BY tasks_published JOIN definitions USING (key)
            WHERE status IN (2, 3) AND flags & 16 AND status = 2 AND queue = ?1
            AND (priority < ?2 OR (priority = ?2 AND (queued, tasks.key) < (?3, ?4)))
            """, level + [standing.state.queuedAt?.milliseconds, key])
        return WaitingPlace(ahead: row?[0] ?? 0)
    }

    func inside(_ gate: String, limit: Int) throws -> [TaskReference] {
        let rows = try rows(
            """
            SELECT runs.id, definitions.id FROM passes JOIN definitions USING (key) JOIN runs ON runs.number = passes.key >> 24
            WHERE gate = ? ORDER BY passes.key LIMIT ?
            """, [gate, limit])
        var tasks: [TaskReference] = []
        while let row = try rows.next() { tasks.append(TaskReference(run: RunID(row[0] as String), task: TaskID(row[1] as String))) }
        return tasks
    }

    func runningCounts() throws -> [WorkerID: Int] {
        let rows = try rows(
            """
            SELECT worker, count(*) FROM tasks INDEXED BY tasks_published
            WHERE status IN (2, 3) AND flags & 16 AND status = 3 AND worker IS NOT NULL GROUP BY worker
            """, [])
        var counts: [WorkerID: Int] = [:]
        while let row = try rows.next() { counts[WorkerID(row[0] as String)] = row[1] }
        return counts
    }
}
