import BatonEngine
import BatonModel
import BatonStore
import BatonWire

/// Schedules: what is due starts a run, in the transaction that notes that it did.
extension Batch {
    mutating func visit(schedule name: String) throws {
        guard var stored = try transaction.schedule(name) else { return }
        guard let schedule = try? ScheduleReader.read(checked: stored.document),
            var series = Series(schedule, document: stored.series)
        else { return try stop(&stored, because: UnreadableSchedule(name: name)) }
        let isRunning = try transaction.openRuns(of: name) > 0
        for _ in series.due(now: now, isRunning: isRunning) {
            let graph: Graph
            let prepared: PreparedGraph
            do {
                graph = try self.graph(of: schedule)
                prepared = try PreparedGraph(graph)
            } catch {
                return try stop(&stored, because: error)
            }
            stored.lastRun = try begin(prepared, digest: Intake.digest(graph)) { $0.schedule = schedule.name }.state.id
        }
        stored.series = series.document
        stored.due = series.next
        try transaction.put(stored)
    }

    /// Each occurrence is a run of its own, whatever key its graph has.
    private func graph(of schedule: Schedule) throws -> Graph {
        var limits = limits
        limits.payloadBytes = .max
        var graph = try GraphReader.read(json: schedule.graph.bytes, limits: limits)
        graph.key = nil
        return graph
    }

    /// It stays as it is, to be looked at, but nothing of it is due any more. What it was looked at for goes on.
    private mutating func stop(_ stored: inout StoredSchedule, because error: any Error) throws {
        stored.due = nil
        try transaction.put(stored)
        after.warnings.append("the schedule '\(stored.name)' can't go on, and starts nothing more: \(error)")
    }

    mutating func create(_ schedule: Schedule, document: JSON) throws -> ScheduleView {
        guard try transaction.schedule(schedule.name) == nil else {
            throw OperationError(.conflict, "there is a schedule '\(schedule.name)': delete it first, or choose another name")
        }
        let series = Series(schedule, startingAt: now)
        guard !series.isEnded else {
            throw OperationError(
                InvalidGraph("the schedule has no occurrence from now on: look at 'from', 'until' and 'times'", at: "until"))
        }
        let stored = StoredSchedule(
            name: schedule.name, document: document, series: series.document, due: series.next, lastRun: nil, createdAt: now)
        try transaction.put(stored)
        return try ScheduleView(stored)
    }

    mutating func change(_ name: String, _ change: ScheduleChange) throws -> ScheduleView {
        var stored = try findSchedule(name)
        guard let schedule = try? ScheduleReader.read(checked: stored.document),
            var series = Series(schedule, document: stored.series)
        else { throw UnreadableSchedule(name: name) }
        switch change.paused {
        case true?: series.pause()
        case false?: series.resume(now: now)
        case nil: break
        }
        stored.series = series.document
        stored.due = series.next
        try transaction.put(stored)
        return try ScheduleView(stored)
    }

    func removeSchedule(_ name: String) throws {
        _ = try findSchedule(name)
        try transaction.removeSchedule(name)
    }

    private func findSchedule(_ name: String) throws -> StoredSchedule {
        guard let stored = try transaction.schedule(name) else {
            throw OperationError(.notFound, "there is no schedule '\(name)'")
        }
        return stored
    }
}

/// The store holds a schedule that this version, or these limits, can't read.
struct UnreadableSchedule: Error, CustomStringConvertible {
    var name: String
    var description: String { "the schedule '\(name)' can't be read back" }
}

extension ScheduleView {
    /// - Throws: where the store holds what can't be read back.
    init(_ stored: StoredSchedule) throws {
        let schedule = try ScheduleReader.read(checked: stored.document)
        guard let series = Series(schedule, document: stored.series) else {
            throw UnreadableSchedule(name: stored.name)
        }
        self.init(
            name: stored.name, status: series.isPaused ? .paused : series.isEnded ? .ended : .active, next: series.next,
            lastScheduled: series.lastScheduled, lastRun: stored.lastRun, started: series.startedCount, missed: series.missedCount,
            overlapped: series.overlappedCount, waiting: series.waiting.count, createdAt: stored.createdAt, owner: schedule.owner,
            document: stored.document)
    }
}
