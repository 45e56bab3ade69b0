/// What has become of a handler's attempts, all of them since the database was made.
public struct HandlerStatistics: Sendable, Hashable {
    public var completed = 0
    public var failed = 0
    /// Attempts whose worker died, or fell silent.
    public var lost = 0
    public var cancelled = 0
    /// Attempts after a task's first.
    public var retries = 0
    /// Results that were there already, for equal inputs.
    public var cached = 0
    public var runTime = Histogram()
    public var queueTime = Histogram()
    /// The longest first.
    public var slowest: [SlowExecution] = []

    private static let kept = 20

    public init() {}

    public var executions: Int { completed + failed + lost + cancelled }

    public mutating func note(_ execution: SlowExecution) {
        if slowest.count >= Self.kept, let last = slowest.last, last.milliseconds >= execution.milliseconds { return }
        let place = slowest.firstIndex { $0.milliseconds < execution.milliseconds } ?? slowest.endIndex
        slowest.insert(execution, at: place)
        if slowest.count > Self.kept { slowest.removeLast() }
    }

    public mutating func merge(_ other: HandlerStatistics) {
        completed += other.completed
        failed += other.failed
        lost += other.lost
        cancelled += other.cancelled
        retries += other.retries
        cached += other.cached
        runTime.merge(other.runTime)
        queueTime.merge(other.queueTime)
        for execution in other.slowest { note(execution) }
    }

    package var json: JSON {
        var writer = JSONWriter(reserving: 512)
        writer.object { writer in
            writer.field("completed", completed)
            writer.field("failed", failed)
            writer.field("lost", lost)
            writer.field("cancelled", cancelled)
            writer.field("retries", retries)
            writer.field("cached", cached)
            writer.name("run")
            runTime.write(to: &writer)
            writer.name("queue")
            queueTime.write(to: &writer)
            writer.name("slowest")
            writer.array { writer in
                for execution in slowest {
                    writer.array {
                        $0.write(execution.run.rawValue)
                        $0.write(execution.task.rawValue)
                        $0.write(execution.attempt)
                        $0.write(JSONValue.number(execution.milliseconds))
                        $0.write(execution.finishedAt.description)
                    }
                }
            }
        }
        return writer.json
    }

    package init(_ json: JSON) {
        let value = json.value
        func number(_ name: String) -> Int { value[name]?.double.flatMap { Int(exactly: $0) } ?? 0 }
        completed = number("completed")
        failed = number("failed")
        lost = number("lost")
        cancelled = number("cancelled")
        retries = number("retries")
        cached = number("cached")
        runTime = Histogram(value["run"])
        queueTime = Histogram(value["queue"])
        slowest = (value["slowest"]?.array ?? []).compactMap { entry in
            guard let parts = entry.array, parts.count == 5, let run = parts[0].string, let task = parts[1].string,
                let attempt = parts[2].double, let milliseconds = parts[3].double, let at = parts[4].string.flatMap({ Timestamp($0) })
            else { return nil }
            return SlowExecution(
                run: RunID(run), task: TaskID(task), attempt: Int(attempt), milliseconds: milliseconds, finishedAt: at)
        }
    }
}
