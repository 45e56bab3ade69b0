/// A worker that has been heard of lately.
public struct WorkerView: Sendable, Codable, Hashable {
    public var id: WorkerID
    /// `starting`, `running`, `draining`, or `silent` after missing three signs of life.
    public var state: String
    public var host: String
    public var handlers: [HandlerName]
    public var queues: [QueueName]
    public var slots: Int
    public var tags: [String]
    public var running: Int
    public var startedAt: Timestamp
    public var lastSeenAt: Timestamp

    public init(
        id: WorkerID, state: String, host: String, handlers: [HandlerName], queues: [QueueName], slots: Int, tags: [String],
        running: Int, startedAt: Timestamp, lastSeenAt: Timestamp
    ) {
        self.id = id
        self.state = state
        self.host = host
        self.handlers = handlers
        self.queues = queues
        self.slots = slots
        self.tags = tags
        self.running = running
        self.startedAt = startedAt
        self.lastSeenAt = lastSeenAt
    }
}

/// A queue with its ready work.
public struct QueueView: Sendable, Codable, Hashable {
    public struct Level: Sendable, Codable, Hashable {
        public var priority: Priority
        /// Ready tasks that wait in the store for room with the broker.
        public var waiting: Int
        /// Tasks given to the broker that have not ended.
        public var published: Int

        public init(priority: Priority, waiting: Int, published: Int) {
            self.priority = priority
            self.waiting = waiting
            self.published = published
        }
    }

    public var name: QueueName
    public var levels: [Level]
    public var workers: Int
    public var slots: Int
    /// Nothing of it is started until it is resumed.
    public var paused: Bool

    public init(name: QueueName, levels: [Level], workers: Int, slots: Int, paused: Bool = false) {
        self.paused = paused
        self.name = name
        self.levels = levels
        self.workers = workers
        self.slots = slots
    }
}

/// What a cancel did, for a run or a task.
public struct CancelView: Sendable, Codable, Hashable {
    /// `cancelled`; `cancelling` while running attempts are being stopped; `alreadyEnded` where it came too late.
    public enum Outcome: String, Sendable, Codable { case cancelled, cancelling, alreadyEnded }

    public var run: RunID
    public var task: TaskID?
    public var outcome: Outcome
    /// The status of the run or the task.
    public var status: String

    public init(run: RunID, task: TaskID? = nil, outcome: Outcome, status: String) {
        self.run = run
        self.task = task
        self.outcome = outcome
        self.status = status
    }
}

/// Whether the coordinator can work.
public struct HealthView: Sendable, Codable, Hashable {
    /// `ok`, or the reason why not.
    public var store: String
    public var broker: String
    public var ready: Bool

    public init(store: String, broker: String, ready: Bool) {
        self.store = store
        self.broker = broker
        self.ready = ready
    }
}
