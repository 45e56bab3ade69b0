/// A set of tasks with dependencies, as submitted.
public struct Graph: Sendable, Hashable {
    public enum FailureMode: String, Sendable, Codable, CaseIterable {
        /// What depends on the failed task is skipped; other branches finish.
        case stop
        /// Everything else is cancelled.
        case cancel
    }

    public var name: String
    /// The idempotency key, per owner: submitting the same graph under it again gives the first run.
    public var key: String?
    public var correlationID: String?
    public var owner: String?
    public var input: JSON?
    public var timeout: Duration?
    public var onFailure: FailureMode
    public var tasks: [TaskSpec]

    public init(
        name: String, key: String? = nil, correlationID: String? = nil, owner: String? = nil, input: JSON? = nil,
        timeout: Duration? = nil, onFailure: FailureMode = .stop, tasks: [TaskSpec]
    ) {
        self.name = name
        self.key = key
        self.correlationID = correlationID
        self.owner = owner
        self.input = input
        self.timeout = timeout
        self.onFailure = onFailure
        self.tasks = tasks
    }
}

/// One task of a graph: which handler, with what, after what.
public struct TaskSpec: Sendable, Hashable {
    public var id: TaskID
    public var handler: HandlerName
    /// Business data.
    public var inputs: JSON?
    /// Configuration of the handler.
    public var params: JSON?
    /// Organisation only; never affects when the task runs.
    public var parent: TaskID?
    public var dependencies: [Dependency]
    /// Puts the fields of the dependencies' results beside the inputs' own instead of under the dependencies' names.
    public var mergesFlat: Bool
    public var queue: QueueName
    public var priority: Priority
    public var start: Start
    public var retry: RetryPolicy?
    public var timeouts: Timeouts
    /// Whether its failure fails the run.
    public var critical: Bool

    /// When a task may start, once its dependencies allow it.
    public enum Start: Sendable, Hashable {
        case atOnce
        case after(Duration)
        case at(Timestamp)
    }

    public init(
        id: TaskID, handler: HandlerName, inputs: JSON? = nil, params: JSON? = nil, parent: TaskID? = nil,
        dependencies: [Dependency] = [], mergesFlat: Bool = false, queue: QueueName = .default, priority: Priority = .normal,
        start: Start = .atOnce, retry: RetryPolicy? = nil, timeouts: Timeouts = .none, critical: Bool = true
    ) {
        self.id = id
        self.handler = handler
        self.inputs = inputs
        self.params = params
        self.parent = parent
        self.dependencies = dependencies
        self.mergesFlat = mergesFlat
        self.queue = queue
        self.priority = priority
        self.start = start
        self.retry = retry
        self.timeouts = timeouts
        self.critical = critical
    }
}

/// That one task waits for another, for which outcome, and under which name it sees the result.
public struct Dependency: Sendable, Hashable {
    /// The outcome that lets the dependent run; any other final one skips it.
    public enum Condition: String, Sendable, Codable, CaseIterable {
        case completed
        case failed
        /// Any end.
        case finished

        public func isMet(by status: TaskStatus) -> Bool {
            switch self {
            case .completed: status == .completed
            case .failed: status == .failed
            case .finished: status.isFinal
            }
        }
    }

    public var task: TaskID
    public var condition: Condition
    /// The name in the dependent's inputs; the task's id where absent.
    public var alias: String?

    public init(_ task: TaskID, on condition: Condition = .completed, as alias: String? = nil) {
        self.task = task
        self.condition = condition
        self.alias = alias
    }

    public var name: String { alias ?? task.rawValue }
}
