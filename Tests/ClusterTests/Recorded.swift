import BatonModel
import Testing

/// What is on record of a run that has ended.
struct Recorded: Sendable {
    let run: RunView
    let tasks: [TaskID: TaskView]
    let events: [EventView]

    func events(_ type: EventType, of task: TaskID? = nil) -> [EventView] {
        events.filter { $0.type == type && (task == nil || $0.task == task) }
    }

    /// The number of the event by which the task ended.
    func ending(of task: TaskID) throws -> Int {
        try #require(events.first { $0.task == task && $0.type.finalStatus != nil }?.id)
    }
}

extension Recorded {
    /// What must hold of any run, whatever has happened to it, and doesn't: it was submitted once and ended once, its events have no
    /// gaps, and each of its tasks was recorded once, with an end that fits its events and times and a count that fits its attempts.
    var mistakes: [String] {
        var mistakes: [String] = []
        func check(_ holds: Bool, _ mistake: @autoclosure () -> String) { if !holds { mistakes.append(mistake()) } }
        let counted = tasks.values.count { $0.role?.counts ?? true }
        check(counted == run.total, "the run has \(run.total) tasks, and \(counted) are recorded")
        check(run.counts.values.reduce(0, +) == run.total, "of \(run.total) tasks, it counts \(run.counts)")
        check(events.map(\.id) == Array(1..<events.count + 1), "the events have gaps")
        check(events(.runSubmitted).count == 1, "it was submitted \(events(.runSubmitted).count) times")
        check(events.filter(\.type.endsRun).count == 1, "it ended \(events.filter(\.type.endsRun).count) times")
        let ends = Dictionary(grouping: events.filter { $0.type.finalStatus != nil }) { $0.task ?? "" }
        let queued = Dictionary(grouping: events(.taskQueued)) { $0.task ?? "" }
        for task in tasks.values {
            let own = ends[task.id] ?? []
            // A route that leads back lets a task end once more.
            let most = 1 + events(.taskReset, of: task.id).count
            check((1..<most + 1).contains(own.count), "\(task.id) ended \(own.count) times")
            check(own.last?.type.finalStatus == task.status, "\(task.id) is \(task.status) but ended by \(own)")
            // No worker takes what isn't queued for one.
            if task.handler == .graph || task.handler == .answer || task.items != nil { continue }
            let numbers = (queued[task.id] ?? []).compactMap(\.attempt)
            check(numbers == Array(1..<task.attempts + 1), "\(task.id) has \(task.attempts) attempts, but queued \(numbers)")
            if let start = task.startedAt, let finish = task.finishedAt { check(start <= finish, "\(task.id) ends before it starts") }
            check(task.finishedAt != nil, "\(task.id) has no end")
        }
        return mistakes
    }
}

extension ServerAPI {
    /// Waits for the run's end, and reads all that is on record of it.
    func record(of id: RunID, within limit: Duration = .seconds(60)) async throws -> Recorded {
        let run = try await end(of: id, within: limit)
        return Recorded(run: run, tasks: try await tasks(of: id), events: try await events(of: id))
    }

    /// Waits for the run's end, and checks what must hold of any run.
    @discardableResult
    func recorded(
        _ id: RunID, as status: RunStatus = .completed, within limit: Duration = .seconds(60),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Recorded {
        let record = try await record(of: id, within: limit)
        try #require(record.run.status == status, "\(String(describing: record.run.error))", sourceLocation: sourceLocation)
        let mistakes = record.mistakes
        #expect(mistakes.isEmpty, "\(mistakes.prefix(10))", sourceLocation: sourceLocation)
        return record
    }
}

extension EventType {
    /// Of an event that ends a task.
    var finalStatus: TaskStatus? {
        switch self {
        case .taskCompleted: .completed
        case .taskFailed: .failed
        case .taskCancelled: .cancelled
        case .taskSkipped: .skipped
        default: nil
        }
    }
}
