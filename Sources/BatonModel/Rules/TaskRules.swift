/// What only some tasks have: conditions, routes, loops, what follows, what is undone, what is shared with other tasks.
///
/// Kept apart from the rest of a task, so that plain tasks stay small in a graph of a million.
public struct TaskRules: Sendable, Hashable {
    /// An expression over `input`, `inputs`, the dependencies' results and `status`; where it gives nothing, the task is skipped.
    public var when: String?
    /// Which tasks follow, depending on the result.
    public var routing: Routing?
    /// How often a route may lead back to this task.
    public var maxIterations: Int?
    public var loop: Loop?
    public var context: ContextRule?
    public var continuations: Continuations
    public var compensation: Compensation?
    public var guardrails: Guardrails?
    /// The handler that is tried once the task's own has failed for good.
    public var fallback: HandlerName?
    public var schemas: Schemas
    /// The task is a graph of its own; its result is the task's.
    public var graph: Graph?
    /// The task waits for an answer from outside.
    public var answer: AnswerRule?
    public var limit: SharedLimit?
    public var breaker: BreakerRule?
    public var cache: CacheRule?
    /// Of a task that dispatches itself again: which time this is, from 1.
    public var round: Int

    public init() {
        continuations = Continuations()
        schemas = Schemas()
        round = 1
    }

    public static let none = TaskRules()
}

/// The handler names of tasks that no worker runs.
extension HandlerName {
    /// A task that is a graph.
    public static let graph: HandlerName = "baton.graph"
    /// A task that waits for an answer.
    public static let answer: HandlerName = "baton.answer"
}

/// Which tasks follow a decision, by the name that its result gives.
public struct Routing: Sendable, Hashable {
    public struct Route: Sendable, Hashable {
        public var name: String
        /// All of them run. One that comes before the decision is run again, with what the decision said as its feedback.
        public var targets: [TaskID]

        public init(_ name: String, to targets: [TaskID]) {
            self.name = name
            self.targets = targets
        }
    }

    public var routes: [Route]
    /// Over the result; gives the route's name. Absent: the result is the name, or an object with it as `route`.
    public var expression: String?
    /// Taken where the result names no known route; without it, that fails the decision.
    public var defaultRoute: String?

    public init(_ routes: [Route], by expression: String? = nil, default defaultRoute: String? = nil) {
        self.routes = routes
        self.expression = expression
        self.defaultRoute = defaultRoute
    }
}

/// One execution of the task for each of many items.
public struct Loop: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        case list(JSON)
        /// The first row names the columns; each further row is an object of texts.
        case csv(String)
        /// One item a line; the line's end is not part of it.
        case lines(String)
        /// An expression over what conditions see; it has to give a list, or a text in the format named.
        case expression(String, format: Format)
        /// Already taken out of the document, and stored item by item.
        case stored
    }

    public enum Format: String, Sendable, Codable, CaseIterable { case list, csv, lines }

    public enum ItemFailure: String, Sendable, Codable, CaseIterable {
        /// No further items are started; the loop fails once those under way have ended.
        case stop
        /// The others go on; the loop completes, with null where an item failed.
        case `continue`
    }

    public var source: Source
    public var maxParallel: Int
    /// The name in the inputs under which an execution sees its item; its place, from 0, is `index`.
    public var alias: String
    public var onItemFailure: ItemFailure
    /// Whether the result is the list of the items' results, or only their count.
    public var collects: Bool

    public init(
        _ source: Source, maxParallel: Int = 10, as alias: String = "item", onItemFailure: ItemFailure = .stop, collects: Bool = true
    ) {
        self.source = source
        self.maxParallel = maxParallel
        self.alias = alias
        self.onItemFailure = onItemFailure
        self.collects = collects
    }
}

/// How much of the dependencies' results a task gets to see.
public struct ContextRule: Sendable, Hashable {
    public struct Compressor: Sendable, Hashable {
        public var handler: HandlerName
        /// In bytes. What is smaller is passed on as it is.
        public var limit: Int

        public init(_ handler: HandlerName, limit: Int) {
            self.handler = handler
            self.limit = limit
        }
    }

    /// Only the last so many dependencies, in the order in which they ended.
    public var window: Int?
    public var compressor: Compressor?

    public init(window: Int? = nil, compressor: Compressor? = nil) {
        self.window = window
        self.compressor = compressor
    }
}

/// Tasks that are added to the run with the end of another one, in the same write.
public struct Continuations: Sendable, Hashable {
    public var onCompleted: [TaskSpec]
    public var onFailed: [TaskSpec]
    public var onCancelled: [TaskSpec]

    public init(onCompleted: [TaskSpec] = [], onFailed: [TaskSpec] = [], onCancelled: [TaskSpec] = []) {
        self.onCompleted = onCompleted
        self.onFailed = onFailed
        self.onCancelled = onCancelled
    }

    public var isEmpty: Bool { onCompleted.isEmpty && onFailed.isEmpty && onCancelled.isEmpty }
}

/// What undoes a completed task when its run fails or is cancelled.
public struct Compensation: Sendable, Hashable {
    public var handler: HandlerName
    public var params: JSON?
    public var queue: QueueName?
    public var retry: RetryPolicy?
    public var timeouts: Timeouts

    public init(
        _ handler: HandlerName, params: JSON? = nil, queue: QueueName? = nil, retry: RetryPolicy? = nil, timeouts: Timeouts = .none
    ) {
        self.handler = handler
        self.params = params
        self.queue = queue
        self.retry = retry
        self.timeouts = timeouts
    }
}

/// Handlers that look at a result before it counts.
public struct Guardrails: Sendable, Hashable {
    public struct Validator: Sendable, Hashable {
        public var handler: HandlerName
        public var params: JSON?

        public init(_ handler: HandlerName, params: JSON? = nil) {
            self.handler = handler
            self.params = params
        }
    }

    /// In their order; each sees what the one before made of the result.
    public var validators: [Validator]
    /// How often a rejected result is made anew, with the feedback.
    public var steps: Int
    /// The wait before that.
    public var delay: Duration

    public init(_ validators: [Validator] = [], steps: Int = 3, delay: Duration = .zero) {
        self.validators = validators
        self.steps = steps
        self.delay = delay
    }
}

/// JSON Schemas (draft 7) for what goes in and what comes out.
public struct Schemas: Sendable, Hashable {
    /// For the merged inputs; what doesn't fit fails the task before it is given to a worker.
    public var inputs: JSON?
    /// For the result; what doesn't fit is rejected as by a validator.
    public var result: JSON?

    public init(inputs: JSON? = nil, result: JSON? = nil) {
        self.inputs = inputs
        self.result = result
    }
}

/// A task that a person, or another system, completes.
public struct AnswerRule: Sendable, Hashable {
    /// From when the task is ready.
    public var deadline: Duration?
    /// The result where the deadline passes without an answer; without one, the task fails.
    public var defaultResult: JSON?

    public init(deadline: Duration? = nil, default defaultResult: JSON? = nil) {
        self.deadline = deadline
        self.defaultResult = defaultResult
    }
}

/// A limit that all tasks of one handler and key share, whatever run they are in and whichever worker takes them.
public struct SharedLimit: Sendable, Hashable {
    public struct Rate: Sendable, Hashable {
        public var permits: Int
        public var period: Duration

        public init(_ permits: Int, per period: Duration) {
            self.permits = permits
            self.period = period
        }
    }

    /// An expression over what conditions see; tasks with different values don't limit one another.
    public var key: String?
    /// Tasks at a time.
    public var concurrency: Int?
    /// Starts a period.
    public var rate: Rate?

    public init(key: String? = nil, concurrency: Int? = nil, rate: Rate? = nil) {
        self.key = key
        self.concurrency = concurrency
        self.rate = rate
    }
}

/// When a handler that keeps failing is left alone for a while.
public struct BreakerRule: Sendable, Hashable {
    /// Technical failures in a row, over all runs, that open the circuit.
    public var failures: Int
    /// How long it stays open before one attempt may try again.
    public var reset: Duration

    public init(failures: Int = 5, reset: Duration = .seconds(30)) {
        self.failures = failures
        self.reset = reset
    }
}

/// That equal inputs to one handler give a stored result.
public struct CacheRule: Sendable, Hashable {
    public var ttl: Duration
    /// Part of what makes inputs equal: another version means other code.
    public var version: String

    public init(ttl: Duration, version: String = "1") {
        self.ttl = ttl
        self.version = version
    }
}
