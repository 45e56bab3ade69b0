/// A set of tasks with dependencies, as submitted.
public struct Graph: Sendable, Hashable {
    public enum FailureMode: String, Sendable, Codable, CaseIterable {
        /// What depends on the failed task is skipped; other branches finish.
        case stop
        /// Everything else is cancelled.
        case cancel
        /// Everything else is cancelled, and what had completed is undone. The default where a task says how.
        case compensate
        /// In sequential mode: the next task runs all the same.
        case `continue`
    }

    public enum Mode: String, Sendable, Codable, CaseIterable {
        /// Dependencies decide.
        case graph
        /// One after another in the order given, each with the result of the one before.
        case sequential
    }

    public var name: String
    /// The idempotency key, per owner: submitting the same graph under it again gives the first run.
    public var key: String?
    public var correlationID: String?
    public var owner: String?
    public var input: JSON?
    /// A JSON Schema for `input`.
    public var inputSchema: JSON?
    public var timeout: Duration?
    public var mode: Mode
    public var onFailure: FailureMode
    public var tasks: [TaskSpec]
    /// The trace that the producer was in. It comes with the document, and is no part of it.
    public var trace: TraceContext?

    /// - Parameter onFailure: by default `compensate` where a task declares a compensation, else `stop`.
    public init(
        name: String, key: String? = nil, correlationID: String? = nil, owner: String? = nil, input: JSON? = nil,
        inputSchema: JSON? = nil, timeout: Duration? = nil, mode: Mode = .graph, onFailure: FailureMode? = nil, tasks: [TaskSpec]
    ) {
        self.name = name
        self.key = key
        self.correlationID = correlationID
        self.owner = owner
        self.input = input
        self.inputSchema = inputSchema
        self.timeout = timeout
        self.mode = mode
        self.onFailure = onFailure ?? Self.defaultOnFailure(tasks)
        self.tasks = tasks
    }

    static func defaultOnFailure(_ tasks: [TaskSpec]) -> FailureMode {
        tasks.contains { $0.hasRules && $0.rules.compensation != nil } ? .compensate : .stop
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
    /// Whether its failure fails the run.
    public var critical: Bool
    private var ownTiming: Box<Timing>?
    private var ownRules: Box<TaskRules>?

    public var start: Start {
        get { timing.start }
        set { timing.start = newValue }
    }

    public var retry: RetryPolicy? {
        get { timing.retry }
        set { timing.retry = newValue }
    }

    public var timeouts: Timeouts {
        get { timing.timeouts }
        set { timing.timeouts = newValue }
    }

    private var timing: Timing {
        get { ownTiming?.value ?? .none }
        set { ownTiming = newValue == .none ? nil : Box(newValue) }
    }

    /// What few tasks have.
    public var rules: TaskRules {
        get { ownRules?.value ?? .none }
        set { ownRules = newValue == .none ? nil : Box(newValue) }
    }

    public var hasRules: Bool { ownRules != nil }

    private struct Timing: Sendable, Hashable {
        var start = Start.atOnce
        var retry: RetryPolicy?
        var timeouts = Timeouts.none

        static let none = Timing()
    }

    /// One word in the task instead of many: a million plain tasks are to stay small.
    private final class Box<Value: Sendable & Hashable>: Sendable, Hashable {
        let value: Value
        init(_ value: Value) { self.value = value }
        static func == (left: Box, right: Box) -> Bool { left === right || left.value == right.value }
        func hash(into hasher: inout Hasher) { hasher.combine(value) }
    }

    /// When a task may start, once its dependencies allow it.
    public enum Start: Sendable, Hashable {
        case atOnce
        case after(Duration)
        case at(Timestamp)
    }

    public init(
        id: TaskID, handler: HandlerName, inputs: JSON? = nil, params: JSON? = nil, parent: TaskID? = nil,
        dependencies: [Dependency] = [], mergesFlat: Bool = false, queue: QueueName = .default, priority: Priority = .normal,
        start: Start = .atOnce, retry: RetryPolicy? = nil, timeouts: Timeouts = .none, critical: Bool = true,
        rules: TaskRules = .none
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
        self.critical = critical
        timing = Timing(start: start, retry: retry, timeouts: timeouts)
        self.rules = rules
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
        /// A decision whose result chose the dependent. Made by the decision's routes; documents don't say it.
        case routed
        /// Completed, or passed over because its condition was not met. Made by the order of a sequence; documents don't say it.
        case sequential

        public static let allCases: [Condition] = [.completed, .failed, .finished]

        /// Whether documents may name it.
        var isPublic: Bool { Self.allCases.contains(self) }

        public func isMet(by status: TaskStatus) -> Bool {
            switch self {
            case .completed, .routed, .sequential: status == .completed
            case .failed: status == .failed
            case .finished: status.isFinal
            }
        }
    }

    public var task: TaskID
    public var condition: Condition
    /// The name in the dependent's inputs; the task's id where absent.
    public var alias: String?
    /// The part of the result that the dependent sees: an expression over it.
    public var select: String?
    /// Whether a part that isn't there is an error instead of null.
    public var requiresPart: Bool

    public init(
        _ task: TaskID, on condition: Condition = .completed, as alias: String? = nil, select: String? = nil,
        requiresPart: Bool = false
    ) {
        self.task = task
        self.condition = condition
        self.alias = alias
        self.select = select
        self.requiresPart = requiresPart
    }

    public var name: String { alias ?? task.rawValue }
}
