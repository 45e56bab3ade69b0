public import BatonModel

/// A run about to be stored.
public struct NewRun: Sendable {
    public var header: RunHeader
    /// Tells graphs apart that were submitted under one key.
    public var digest: [UInt8]
    public var input: JSON?
    public var progress: RunProgress
    public var reply: ReplyAddress?

    public init(header: RunHeader, digest: [UInt8], input: JSON?, progress: RunProgress, reply: ReplyAddress?) {
        self.header = header
        self.digest = digest
        self.input = input
        self.progress = progress
        self.reply = reply
    }
}

/// Where a producer wants the outcome of its run.
public struct ReplyAddress: Sendable, Hashable, Codable {
    public var replyTo: String
    public var correlationID: String?
    /// Whether the run is a bare task, so that its result answers alone.
    public var isSingleTask: Bool

    public init(replyTo: String, correlationID: String?, isSingleTask: Bool) {
        self.replyTo = replyTo
        self.correlationID = correlationID
        self.isSingleTask = isSingleTask
    }
}

public struct StoredRun: Sendable {
    public var number: RunNumber
    public var header: RunHeader
    public var progress: RunProgress
    public var reply: ReplyAddress?

    public init(number: RunNumber, header: RunHeader, progress: RunProgress, reply: ReplyAddress?) {
        self.number = number
        self.header = header
        self.progress = progress
        self.reply = reply
    }
}

public struct LoadedRun: Sendable {
    public var run: StoredRun
    public var nodes: [TaskNode]
    public var tasks: [TaskState]
}

public struct StoredEvent: Sendable {
    /// From 1, without gaps, in its run.
    public var id: Int
    public var at: Timestamp
    public var type: EventType
    public var task: Int?
    public var attempt: Int?
    public var data: JSON?

    public init(id: Int, at: Timestamp, type: EventType, task: Int?, attempt: Int?, data: JSON?) {
        self.id = id
        self.at = at
        self.type = type
        self.task = task
        self.attempt = attempt
        self.data = data
    }
}

/// One priority of one queue: a queue of the broker.
public struct QueueLevel: Hashable, Sendable {
    public var queue: QueueName
    public var priority: Priority

    public init(_ queue: QueueName, _ priority: Priority) {
        self.queue = queue
        self.priority = priority
    }
}

public struct ReadyTask: Sendable, Hashable {
    /// Its place in the order of readiness.
    public var number: Int64
    public var key: TaskKey
    public var attempt: Int

    public init(number: Int64, key: TaskKey, attempt: Int) {
        self.number = number
        self.key = key
        self.attempt = attempt
    }
}

/// A message to be sent: what it is, not its content, which is read when its turn comes.
public struct OutboxEntry: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        case task(TaskKey, attempt: Int)
        /// The outcome of a run, to its producer.
        case outcome(RunNumber)
        /// An attempt's message, for people to look at.
        case park(TaskKey, attempt: Int, reason: String)
    }

    public var number: Int64
    public var content: Content

    public init(number: Int64, content: Content) {
        self.number = number
        self.content = content
    }
}

/// A task as it is stored once and never changed.
public struct TaskDefinition: Sendable {
    public var spec: TaskSpec
    /// The indices of the tasks it depends on, in the order of `spec.dependencies`.
    public var dependencies: [Int]
    public var hook: TaskNode.Hook?
    public var hookOf: Int

    public init(_ spec: TaskSpec, dependencies: [Int], hook: TaskNode.Hook? = nil, hookOf: Int = -1) {
        self.spec = spec
        self.dependencies = dependencies
        self.hook = hook
        self.hookOf = hookOf
    }
}

/// All that a task's message is made of.
public struct DispatchData: Sendable {
    public struct Input: Sendable {
        public var name: String
        public var task: TaskID
        public var status: TaskStatus
        public var result: JSON?
        public var error: TaskError?
    }

    public var run: RunHeader
    public var spec: TaskSpec
    public var state: TaskState
    public var dependencies: [Input]
    public var checkpoint: JSON?
    public var lastAttempt: AttemptView?
    public var hook: TaskNode.Hook?
    /// The task whose hook it is.
    public var origin: (id: TaskID, inputs: JSON?, error: TaskError?)?
}
