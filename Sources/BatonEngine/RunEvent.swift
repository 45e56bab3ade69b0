public import BatonModel

/// Something that happened to a run, to be decided on.
public enum RunEvent: Sendable, Hashable {
    case started(AttemptID, worker: WorkerID?, at: Timestamp?)
    case completed(AttemptID, worker: WorkerID?, startedAt: Timestamp?, result: JSON, dispatch: [TaskSpec] = [])
    /// The handler gave a result that its schema turns down.
    case rejected(AttemptID, worker: WorkerID?, startedAt: Timestamp?, result: JSON, reason: String)
    case failed(AttemptID, worker: WorkerID?, startedAt: Timestamp?, error: TaskError)
    /// The handler stopped because it was told to, or a revoked attempt was dropped unstarted.
    case stopped(AttemptID, worker: WorkerID?)
    case progress(AttemptID, worker: WorkerID?, fraction: Double?, message: String?, checkpoint: JSON?)
    case heartbeat(AttemptID, worker: WorkerID?)
    case lease(AttemptID, worker: WorkerID)
    case claim(AttemptID, worker: WorkerID, redelivered: Bool)
    /// The broker gave the attempt's message up, since a worker rejected it for good, or it was given back too often.
    case givenUp(AttemptID, reason: String, isRejected: Bool)
    /// The broker has lost the queue that the attempt's message was in, or may have been.
    case messageGone(AttemptID)
    /// The attempt could not be given to a worker, and never can be.
    case undeliverable(AttemptID, error: TaskError)
    /// The attempt is not made, because its handler is being left alone.
    case refused(AttemptID, error: TaskError)
    /// The result is known from equal inputs.
    case cached(AttemptID, result: JSON)
    /// The run that the attempt is has ended.
    case childEnded(AttemptID, RunStatus, result: JSON, error: TaskError?)
    /// Somebody outside has answered a task that waits for it.
    case answered(AttemptID, result: JSON)
    case answerFailed(AttemptID, error: TaskError)
    case timer(TimerKind, task: Int)
    case cancelTask(Int, reason: String)
    case cancelRun(reason: String)
    /// An ended run goes on.
    case rerun(Rerun)
}

/// Which tasks of an ended run are run again; what depends on them follows.
public enum Rerun: Sendable, Hashable {
    case all
    /// Those that failed, were cancelled or skipped, and those that were undone.
    case failed
    case from([Int])
}

/// Settings of decisions that hold for all runs.
public struct EngineSettings: Sendable {
    /// How long a handler may take to stop after a cancel.
    public var cancelGrace: Duration = .seconds(10)
    /// How long the worker of a leased attempt may be silent, and that of any attempt where the worker announces what it runs.
    public var lease: Duration = .seconds(30)
    /// Which workers say from time to time what they run.
    public var announces: @Sendable (WorkerID) -> Bool = { _ in false }
    /// How many workers in a row a task may kill before it is put aside.
    public var poisonLimit = 3
    /// How often a route may lead back to a task that doesn't say so itself.
    public var maxIterations = 10
    /// The largest list of results that a loop gives, in bytes.
    public var loopResultBytes = 16 << 20
    /// Which life-cycle hooks workers offer for a handler.
    public var hooks: @Sendable (HandlerName) -> Set<TaskNode.Hook> = { _ in [] }

    /// What of a payload doesn't fit a schema; `nil` where everything does.
    public var problem: @Sendable (_ payload: JSON, _ schema: JSON) -> String? = { _, _ in nil }

    public init() {}
}

/// A step that the state machine doesn't allow: a mistake of ours, never of the input.
public struct IllegalTransition: Error, Sendable, Hashable, CustomStringConvertible {
    public var task: TaskID
    public var from: TaskStatus
    public var to: TaskStatus

    public var description: String { "task \(task) can't become \(to.rawValue) from \(from.rawValue)" }
}
