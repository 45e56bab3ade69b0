/// What a task is within its run, apart from its payloads: all that decisions need.
public struct TaskNode: Sendable, Hashable {
    public struct Edge: Sendable, Hashable {
        public var task: Int32
        public var condition: Dependency.Condition

        public init(task: Int, condition: Dependency.Condition) {
            self.task = Int32(task)
            self.condition = condition
        }
    }

    public enum Hook: String, Sendable, Codable { case onFailed, onCancelled }

    /// What a task is for that the run added to those of its document.
    public enum Role: String, Sendable, Codable {
        /// A life-cycle hook of a handler, run as work of its own since the worker may be dead.
        case onFailed, onCancelled
        /// Declared to follow another task; it gets to know that one's inputs and outcome.
        case continuation
        /// Sent by another task's handler with its completion.
        case dispatched
        /// Undoes a completed task.
        case compensation
        /// One execution of a loop.
        case item
        /// Looks at a result before it counts.
        case validator
        /// Makes a task's context smaller.
        case compressor

        public init(_ hook: Hook) { self = hook == .onFailed ? .onFailed : .onCancelled }

        public var hook: Hook? {
            switch self {
            case .onFailed: .onFailed
            case .onCancelled: .onCancelled
            case .continuation, .dispatched, .compensation, .item, .validator, .compressor: nil
            }
        }

        /// Whether it is one of the run's tasks to those who count them, and for the run's outcome.
        public var counts: Bool { self == .continuation || self == .dispatched }
    }

    public var id: TaskID
    public var handler: HandlerName
    public var queue: QueueName
    public var priority: Priority
    public var critical: Bool
    public var start: TaskSpec.Start
    /// `nil` for the default.
    public var policies: Policies?
    public var dependencies: [Edge]
    /// Absent for the tasks of the document.
    public var role: Role?
    /// The task that it was added for; -1 for none.
    public var origin: Int32
    /// Of an item its place in the list, of a validator its place among those of its task; of a continuation and of what was
    /// dispatched `cleanup`, where it follows from a failure or a cancel.
    public var number: Int32

    /// The number of tasks that run to their end even where the run is being ended.
    public static let cleanup = 1

    /// The rare settings, kept apart so that tasks without them stay small.
    public final class Policies: Sendable, Hashable {
        public let retry: RetryPolicy?
        public let timeouts: Timeouts
        public let rules: TaskRules

        public init(retry: RetryPolicy?, timeouts: Timeouts, rules: TaskRules = .none) {
            self.retry = retry
            self.timeouts = timeouts
            self.rules = rules
        }

        /// Those of a task; `nil` where all are the default.
        public convenience init?(_ spec: TaskSpec) {
            if spec.retry == nil, spec.timeouts == .none, !spec.hasRules { return nil }
            self.init(retry: spec.retry, timeouts: spec.timeouts, rules: spec.rules)
        }

        public static func == (left: Policies, right: Policies) -> Bool {
            left.retry == right.retry && left.timeouts == right.timeouts && left.rules == right.rules
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(retry)
            hasher.combine(timeouts)
            hasher.combine(rules)
        }
    }

    public init(
        id: TaskID, handler: HandlerName, queue: QueueName = .default, priority: Priority = .normal, critical: Bool = true,
        start: TaskSpec.Start = .atOnce, policies: Policies? = nil, dependencies: [Edge] = [], role: Role? = nil,
        origin: Int = -1, number: Int = 0
    ) {
        self.id = id
        self.handler = handler
        self.queue = queue
        self.priority = priority
        self.critical = critical
        self.start = start
        self.policies = policies
        self.dependencies = dependencies
        self.role = role
        self.origin = Int32(origin)
        self.number = Int32(number)
    }

    /// A graph is tried once unless it says otherwise: its own tasks have their retries.
    public var retry: RetryPolicy { policies?.retry ?? (handler == .graph ? .none : .default) }
    public var timeouts: Timeouts { policies?.timeouts ?? .none }
    public var rules: TaskRules { policies?.rules ?? .none }

    /// Whether it is one of the run's tasks to those who count them, and for the run's outcome.
    public var counts: Bool { role?.counts ?? true }

    /// Whether it follows from a failure or a cancel, and isn't cancelled with its run.
    public var isCleanup: Bool { (role == .continuation || role == .dispatched) && number == Self.cleanup }
}
