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

extension ServerAPI {
    /// Waits for the run's end, and checks what must hold of any run, whatever has happened to it: it was submitted once and
    /// ended once, its events have no gaps, and each of its tasks was recorded once, with an end that fits its events and
    /// times and a count that fits its attempts.
    @discardableResult
    func recorded(
        _ id: RunID, as status: RunStatus = .completed, within limit: Duration = .seconds(60),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Recorded {
        let run = try await end(of: id, within: limit)
        try #require(run.status == status, "\(String(describing: run.error))", sourceLocation: sourceLocation)
        let record = Recorded(run: run, tasks: try await tasks(of: id), events: try await events(of: id))
        try #require(record.tasks.values.count { $0.role?.counts ?? true } == run.total, sourceLocation: sourceLocation)
        #expect(record.events.map(\.id) == Array(1...record.events.count), "events without gaps", sourceLocation: sourceLocation)
        #expect(record.events(.runSubmitted).count == 1, sourceLocation: sourceLocation)
        #expect(record.events.filter(\.type.endsRun).count == 1, sourceLocation: sourceLocation)
        let ends = Dictionary(grouping: record.events.filter { $0.type.finalStatus != nil }) { $0.task ?? "" }
        let queued = Dictionary(grouping: record.events(.taskQueued)) { $0.task ?? "" }
        var mistakes: [String] = []
        for task in record.tasks.values {
            let own = ends[task.id] ?? []
            // A route that leads back lets a task end once more.
            let most = 1 + record.events(.taskReset, of: task.id).count
            if !(1...most).contains(own.count) { mistakes.append("\(task.id) ended \(own.count) times") }
            if own.last?.type.finalStatus != task.status { mistakes.append("\(task.id) is \(task.status) but ended by \(own)") }
            // No worker takes what isn't queued for one.
            if task.handler == .graph || task.handler == .answer || task.items != nil { continue }
            let numbers = (queued[task.id] ?? []).compactMap(\.attempt)
            if numbers != Array(1..<task.attempts + 1) { mistakes.append("\(task.id) has \(task.attempts) attempts, but queued \(numbers)") }
            if let start = task.startedAt, let finish = task.finishedAt, start > finish { mistakes.append("\(task.id) ends before it starts") }
            if task.finishedAt == nil { mistakes.append("\(task.id) has no end") }
        }
        #expect(mistakes.isEmpty, "\(mistakes.prefix(10))", sourceLocation: sourceLocation)
        #expect(run.counts.values.reduce(0, +) == run.total, sourceLocation: sourceLocation)
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
