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
public struct ReplyAddress: Sendable, Hashable {
    public var replyTo: String
    public var correlationID: String?
    /// Whether the run is a bare task, so that its result answers alone.
    public var isSingleTask: Bool
    /// How the outcome is written, where it is not Baton's own way.
    public var format: Format?

    public enum Format: String, Sendable {
        /// As Celery's `rpc://` result backend does.
        case celery
    }

    public init(replyTo: String, correlationID: String?, isSingleTask: Bool, format: Format? = nil) {
        self.replyTo = replyTo
        self.correlationID = correlationID
        self.isSingleTask = isSingleTask
        self.format = format
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
    /// Of the document.
    public var nodes: [TaskNode]
    public var tasks: [TaskState]
    /// Tasks that were added since: those that have not ended, and those that count and failed, or can be undone.
    public var added: [Int: (node: TaskNode, state: TaskState)]
    /// How many tasks there have been.
    public var count: Int
    public var loops: [Int: LoopState]
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

/// An attempt whose message is with the broker or with a worker.
public struct PublishedAttempt: Sendable, Hashable {
    public var key: TaskKey
    public var attempt: Int
    /// A worker has said that it runs it.
    public var isStarted: Bool

    public init(key: TaskKey, attempt: Int, isStarted: Bool) {
        self.key = key
        self.attempt = attempt
        self.isStarted = isStarted
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
        /// Events of a run, from one to another, to whoever listens.
        case events(RunNumber, first: Int, last: Int)
        /// An attempt's message, for people to look at.
        case park(TaskKey, attempt: Int, reason: String)
    }

    public var number: Int64
    public var content: Content

    public init(number: Int64, content: Content) {
        self.number = number
        self.content = content
    }

    public var isOfEvents: Bool { if case .events = content { true } else { false } }
}

/// A task as it is stored once and never changed.
public struct TaskDefinition: Sendable {
    public var spec: TaskSpec
    /// The indices of the tasks it depends on, in the order of `spec.dependencies`.
    public var dependencies: [Int]
    /// Absent for the tasks of the document.
    public var role: TaskNode.Role?
    /// The task that it was added for; -1 for none.
    public var origin: Int
    /// Of an item its place in the list, of a validator its place among those of its task.
    public var number: Int

    public init(
        _ spec: TaskSpec, dependencies: [Int], role: TaskNode.Role? = nil, origin: Int = -1, number: Int = 0
    ) {
        self.spec = spec
        self.dependencies = dependencies
        self.role = role
        self.origin = origin
        self.number = number
    }
}

/// All that a task's message is made of.
public struct DispatchData: Sendable {
    public struct Input: Sendable {
        public var dependency: Dependency
        public var status: TaskStatus
        public var finishedAt: Timestamp?
        public var result: JSON?
        public var error: TaskError?
    }

    /// The task that another one was added for.
    public struct Origin: Sendable {
        public var index: Int
        public var spec: TaskSpec
        public var result: JSON?
        public var error: TaskError?
        public var draft: JSON?
    }

    public var run: RunHeader
    public var spec: TaskSpec
    public var state: TaskState
    /// Of the task itself, or, unless it counts among the run's tasks, of the one that it was added for.
    public var dependencies: [Input]
    /// The parts that the task has at present.
    public var parts: [TaskPart: JSON]
    public var lastAttempt: AttemptView?
    public var role: TaskNode.Role?
    public var number: Int
    public var origin: Origin?
    /// Of an item, and of what was added for one: the item, its place, and the loop it belongs to.
    public var item: JSON?
    public var itemNumber: Int?
    public var loop: TaskSpec?
}

/// A place that lets only so many attempts pass at a time, or in a period; the others wait before it.
public struct Gate: Sendable, Hashable {
    public var name: String
    /// Attempts that have passed and not ended.
    public var inside: Int
    /// How many have passed in the present period, and when that began.
    public var used: Int
    public var periodStart: Timestamp?

    public init(name: String, inside: Int = 0, used: Int = 0, periodStart: Timestamp? = nil) {
        self.name = name
        self.inside = inside
        self.used = used
        self.periodStart = periodStart
    }
}

/// How often a handler has failed in a row, and until when it is left alone.
public struct Breaker: Sendable, Hashable {
    public var failures: Int
    public var openUntil: Timestamp?
    /// The attempt that tries whether the handler works again.
    public var probe: AttemptID?

    public init(failures: Int = 0, openUntil: Timestamp? = nil, probe: AttemptID? = nil) {
        self.failures = failures
        self.openUntil = openUntil
        self.probe = probe
    }
}

public struct StoredSchedule: Sendable, Hashable {
    public var name: String
    /// As it came.
    public var document: JSON
    /// What has become of it, as `Series` writes it.
    public var series: JSON
    /// When to look at it again.
    public var due: Timestamp?
    public var lastRun: RunID?
    public var createdAt: Timestamp

    public init(name: String, document: JSON, series: JSON, due: Timestamp?, lastRun: RunID?, createdAt: Timestamp) {
        self.name = name
        self.document = document
        self.series = series
        self.due = due
        self.lastRun = lastRun
        self.createdAt = createdAt
    }
}

/// A log line's place among those of its task.
public struct LogPosition: Sendable, Hashable {
    public var attempt: Int
    /// From 1.
    public var number: Int

    public init(attempt: Int = 0, number: Int = 0) {
        self.attempt = attempt
        self.number = number
    }
}
