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

    public var id: TaskID
    public var handler: HandlerName
    public var queue: QueueName
    public var priority: Priority
    public var critical: Bool
    public var start: TaskSpec.Start
    /// `nil` for the default.
    public var policies: Policies?
    public var dependencies: [Edge]
    /// Set on work that a life-cycle hook of another task is; it does not count for the run's outcome.
    public var hook: Hook?
    /// The task whose hook it is.
    public var hookOf: Int32

    /// The rare settings, kept apart so that tasks without them stay small.
    public final class Policies: Sendable, Hashable {
        public let retry: RetryPolicy?
        public let timeouts: Timeouts

        public init(retry: RetryPolicy?, timeouts: Timeouts) {
            self.retry = retry
            self.timeouts = timeouts
        }

        public static func == (left: Policies, right: Policies) -> Bool {
            left.retry == right.retry && left.timeouts == right.timeouts
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(retry)
            hasher.combine(timeouts)
        }
    }

    public init(
        id: TaskID, handler: HandlerName, queue: QueueName = .default, priority: Priority = .normal, critical: Bool = true,
        start: TaskSpec.Start = .atOnce, policies: Policies? = nil, dependencies: [Edge] = [], hook: Hook? = nil,
        hookOf: Int = -1
    ) {
        self.id = id
        self.handler = handler
        self.queue = queue
        self.priority = priority
        self.critical = critical
        self.start = start
        self.policies = policies
        self.dependencies = dependencies
        self.hook = hook
        self.hookOf = Int32(hookOf)
    }

    public var retry: RetryPolicy { policies?.retry ?? .default }
    public var timeouts: Timeouts { policies?.timeouts ?? .none }
}
