/// A task, as the HTTP API and clients show it. Lists leave out inputs, results and attempts.
public struct TaskView: Sendable, Codable, Hashable {
    public var id: TaskID
    public var handler: HandlerName
    public var status: TaskStatus
    public var parent: TaskID?
    public var dependencies: [TaskID]
    public var queue: QueueName
    public var priority: Priority
    /// How many attempts there have been, the present one included.
    public var attempts: Int
    public var maxAttempts: Int
    public var critical: Bool
    public var queuedAt: Timestamp?
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    public var worker: WorkerID?
    /// Of a running task, from 0 to 1, as its handler reports it.
    public var progress: Double?
    public var progressMessage: String?
    /// Why it failed, was cancelled or was skipped; of a retrying one, why the last attempt failed.
    public var error: TaskError?
    /// When a scheduled or retrying task goes on.
    public var dueAt: Timestamp?
    /// Of a running task: a cancel has been asked for.
    public var cancelRequested: Bool?
    /// Of a cancelled task that was running: whether its handler was seen to stop.
    public var stopConfirmed: Bool?
    /// Of a task that the run added for another one: that task, and what for.
    public var causedBy: TaskID?
    public var role: TaskNode.Role?
    /// Of a link: the task of another run whose result it shows.
    public var linkedTo: TaskReference?
    /// Of a task that is a graph: the run that is its present attempt.
    public var child: RunID?
    /// Of a task that waits for an answer: what completes or fails it.
    public var token: AttemptID?
    /// Of a loop: how far it has come.
    public var items: LoopView?
    /// The handler that made the result, where it wasn't the task's own.
    public var madeBy: HandlerName?
    /// The result was stored before, for equal inputs.
    public var cached: Bool?
    /// The task's work is undone.
    public var undone: Bool?
    /// How often a route or a rerun led back to it, and what it was told then.
    public var iteration: Int?
    public var feedback: JSON?

    public var inputs: JSON?
    public var params: JSON?
    public var result: JSON?
    public var history: [AttemptView]?

    public init(
        id: TaskID, handler: HandlerName, status: TaskStatus, parent: TaskID? = nil, dependencies: [TaskID] = [],
        queue: QueueName, priority: Priority, attempts: Int, maxAttempts: Int, critical: Bool = true
    ) {
        self.id = id
        self.handler = handler
        self.status = status
        self.parent = parent
        self.dependencies = dependencies
        self.queue = queue
        self.priority = priority
        self.attempts = attempts
        self.maxAttempts = maxAttempts
        self.critical = critical
    }
}

/// One try of a task.
public struct AttemptView: Sendable, Codable, Hashable {
    /// From 1.
    public var number: Int
    /// `queued`, `running`, `completed`, `failed`, `cancelled`, or `lost` where its worker died.
    public var status: String
    public var worker: WorkerID?
    public var queuedAt: Timestamp?
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    public var error: TaskError?

    public init(
        number: Int, status: String, worker: WorkerID? = nil, queuedAt: Timestamp? = nil, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil, error: TaskError? = nil
    ) {
        self.number = number
        self.status = status
        self.worker = worker
        self.queuedAt = queuedAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.error = error
    }
}

/// How far a loop has come.
public struct LoopView: Sendable, Codable, Hashable {
    public var total: Int
    public var ended: Int
    public var running: Int
    public var failed: Int

    public init(total: Int, ended: Int, running: Int, failed: Int) {
        self.total = total
        self.ended = ended
        self.running = running
        self.failed = failed
    }
}
