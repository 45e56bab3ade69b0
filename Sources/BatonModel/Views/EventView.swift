/// One thing that happened in a run. Events of a run are numbered from 1 without gaps.
public struct EventView: Sendable, Codable, Hashable, Identifiable {
    public var id: Int
    public var run: RunID
    public var at: Timestamp
    public var type: EventType
    public var task: TaskID?
    public var attempt: Int?
    /// What belongs to the type: the error of a failure, the fraction of a progress, and so on.
    public var data: JSON?

    public init(
        id: Int, run: RunID, at: Timestamp, type: EventType, task: TaskID? = nil, attempt: Int? = nil, data: JSON? = nil
    ) {
        self.id = id
        self.run = run
        self.at = at
        self.type = type
        self.task = task
        self.attempt = attempt
        self.data = data
    }
}

public enum EventType: String, Sendable, Codable, CaseIterable {
    case runSubmitted = "run.submitted"
    case runCompleted = "run.completed"
    case runFailed = "run.failed"
    case runCancelled = "run.cancelled"
    /// A cancel, or a failure that cancels the rest, has been accepted.
    case runCancelling = "run.cancelling"
    /// The run begins to undo what had completed.
    case runCompensating = "run.compensating"
    /// An ended run goes on: some of its tasks run again.
    case runRestarted = "run.restarted"
    case taskScheduled = "task.scheduled"
    case taskQueued = "task.queued"
    case taskStarted = "task.started"
    case taskProgress = "task.progress"
    case taskRetrying = "task.retrying"
    case taskCancelling = "task.cancelling"
    case taskCompleted = "task.completed"
    case taskFailed = "task.failed"
    case taskCancelled = "task.cancelled"
    case taskSkipped = "task.skipped"
    /// A task was added to the run: a continuation, a compensation, and the like.
    case taskAdded = "task.added"
    /// A decision chose a route.
    case taskRouted = "task.routed"
    /// It is to run again, with all that follows from it.
    case taskReset = "task.reset"
    /// Its result was turned down.
    case taskRejected = "task.rejected"
    /// Its worker died; the next attempt is queued.
    case attemptLost = "attempt.lost"
    /// Nobody is known to have started it, and the broker gave its message up; it is sent again.
    case attemptReturned = "attempt.returned"
    /// A report that came too late, or after a cancel: nothing of it was applied.
    case reportDiscarded = "report.discarded"

    public var endsTask: Bool { self == .taskCompleted || self == .taskFailed || self == .taskCancelled }
    public var endsRun: Bool { self == .runCompleted || self == .runFailed || self == .runCancelled }
}

extension EventView {
    /// As the HTTP API shows it, fields in alphabetical order; `data` is copied as it came.
    package var json: JSON {
        var writer = JSONWriter(reserving: 128 + (data?.bytes.count ?? 0))
        writer.object { writer in
            writer.field("at", at.description)
            writer.field("attempt", attempt)
            writer.field("id", id)
            writer.field("run", run.rawValue)
            writer.field("task", task?.rawValue)
            writer.field("type", type.rawValue)
            writer.field("data", data)
        }
        return writer.json
    }
}
