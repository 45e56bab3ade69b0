import BatonModel
import Foundation

/// Runs and events, as people and programs look at them.
extension SQLiteTransaction {
    func runs(_ filter: RunFilter, limit: Int, before: RunNumber?) throws -> [StoredRun] {
        var conditions: [String] = []
        var arguments: SQLiteArguments = []
        // The one that picks the fewest first. A plus keeps the index of another one from being taken instead.
        for (column, value) in [
            ("origin", filter.origin?.rawValue), ("family", filter.family?.rawValue), ("correlation", filter.correlationID),
            ("schedule", filter.schedule), ("name", filter.name), ("owner", filter.owner), ("status", filter.status?.rawValue),
        ] {
            guard let value else { continue }
            conditions.append("\(conditions.isEmpty ? "" : "+")\(column) = ?")
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
        let lineage = run.header.lineage
        var view = RunView(
            id: run.header.id, name: run.header.name, status: run.progress.status, key: run.header.key,
            correlationId: run.header.correlationID, owner: run.header.owner, createdAt: run.header.createdAt,
            finishedAt: run.progress.finishedAt, counts: counts, total: run.progress.total, progress: run.progress.progress,
            error: run.progress.ending?.error)
        view.family = lineage.family
        view.parent = try lineage.parent.flatMap { try task(of: $0) }
        view.origin = lineage.origin
        view.kind = lineage.kind
        view.schedule = lineage.schedule
        view.traceparent = run.header.trace?.traceparent
        if run.progress[.skipped] > 0 { view.skipped = try ids(of: run.number, .skipped) { _ in true } }
        if run.progress[.failed] > 0 {
            let failed = try ids(of: run.number, .failed) { !$0.critical }
            if !failed.isEmpty { view.nonCriticalFailures = failed }
        }
        if run.progress.status != .running, run.progress.status != .completed { try addUndone(of: run.number, to: &view) }
        return view
    }

    private func task(of attempt: AttemptID) throws -> TaskReference? {
        let row = try first(
            """
            SELECT definitions.id FROM runs JOIN definitions ON definitions.key = (runs.number << 24) + ? WHERE runs.id = ?
            """, [attempt.task, attempt.run.rawValue])
        return row.map { TaskReference(run: attempt.run, task: TaskID($0[0] as String)) }
    }

    /// Among those that count as the run's tasks.
    private func ids(of run: RunNumber, _ status: TaskStatus, where condition: (TaskSpec) -> Bool) throws -> [TaskID] {
        let (first, last) = Self.range(run)
        let rows = try rows(
            """
            SELECT id, settings FROM tasks INDEXED BY tasks_remarkable JOIN definitions USING (key)
            WHERE tasks.key BETWEEN ? AND ? AND grade < 2 AND status IN (6, 8) AND status = ? ORDER BY tasks.key LIMIT 10000
            """, [first, last, status.position])
        var ids: [TaskID] = []
        var settings = SettingsCache()
        while ids.count < 100, let row = try rows.next() {
            if condition(try settings.spec(row[1]).0) { ids.append(TaskID(row[0] as String)) }
        }
        return ids
    }

    /// What has been undone, and what could not be. Of several compensations of one task the last one tells.
    private func addUndone(of run: RunNumber, to view: inout RunView) throws {
        let (first, last) = Self.range(run)
        let rows = try rows(
            """
            SELECT origin.id, tasks.status FROM definitions AS compensation INDEXED BY definitions_compensations
            JOIN tasks ON tasks.key = compensation.key JOIN definitions AS origin ON origin.key = ?1 + compensation.origin
            WHERE compensation.role = 'compensation' AND compensation.key BETWEEN ?1 AND ?2 ORDER BY compensation.key DESC
            """, [first, last])
        var seen: Set<TaskID> = []
        var undone: [TaskID] = []
        var notUndone: [TaskID] = []
        while undone.count < 100 || notUndone.count < 100, let row = try rows.next() {
            let id = TaskID(row[0] as String)
            guard seen.insert(id).inserted else { continue }
            switch Self.status(row[1]) {
            case .completed: if undone.count < 100 { undone.append(id) }
            case .failed, .cancelled: if notUndone.count < 100 { notUndone.append(id) }
            case .pending, .scheduled, .queued, .running, .retrying, .skipped: break
            }
        }
        if !undone.isEmpty { view.undone = undone.reversed() }
        if !notUndone.isEmpty { view.notUndone = notUndone.reversed() }
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
            if let event = Self.event(row, of: id) { events.append(event) }
        }
        return events
    }

    static func event(_ row: SQLiteRow, of run: RunID) -> EventView? {
        guard let type = EventType(rawValue: row[2]) else { return nil }
        return EventView(
            id: Int((row[0] as Int64) & 0xFFFF_FFFF), run: run, at: Timestamp(milliseconds: row[1]), type: type,
            task: (row[3] as String?).map(TaskID.init(rawValue:)), attempt: row[4], data: json(row, 5))
    }
}
