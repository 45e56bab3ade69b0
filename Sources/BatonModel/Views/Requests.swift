/// Which tasks of an ended run are run again.
public struct RerunRequest: Sendable, Codable, Hashable {
    public enum Scope: String, Sendable, Codable, CaseIterable {
        case all
        /// Those that failed, were cancelled or skipped, or were undone.
        case failed
    }

    /// By default `failed`, unless `from` is given.
    public var scope: Scope?
    /// These tasks, and all that depends on them.
    public var from: [TaskID]?
    /// The graph that the caller believes it goes on with; where it isn't the run's own, that is a conflict.
    public var graph: JSON?
    /// Goes on in spite of that.
    public var force: Bool?

    public init(scope: Scope? = nil, from: [TaskID]? = nil, graph: JSON? = nil, force: Bool? = nil) {
        self.scope = scope
        self.from = from
        self.graph = graph
        self.force = force
    }
}

/// What a new run is to be made of.
public struct ReuseRequest: Sendable, Codable, Hashable {
    /// These tasks; absent for all.
    public var tasks: [TaskID]?
    /// Also what is below them by `parent`; by default yes.
    public var children: Bool?
    /// Also all that they depend on.
    public var upstream: Bool?
    /// Also all that depends on them.
    public var dependents: Bool?
    /// For `mixed`: the tasks to be linked; the others are copied.
    public var link: [TaskID]?
    /// The name, the key and the owner of the new run; the name and the owner are by default those of the original.
    public var name: String?
    public var key: String?
    public var owner: String?

    public init(
        tasks: [TaskID]? = nil, children: Bool? = nil, upstream: Bool? = nil, dependents: Bool? = nil, link: [TaskID]? = nil,
        name: String? = nil, key: String? = nil, owner: String? = nil
    ) {
        self.tasks = tasks
        self.children = children
        self.upstream = upstream
        self.dependents = dependents
        self.link = link
        self.name = name
        self.key = key
        self.owner = owner
    }
}

/// What to cancel in one call: those named, and those that all of the other parts fit.
public struct CancelManyRequest: Sendable, Codable, Hashable {
    public var runs: [RunID]?
    public var tasks: [TaskReference]?
    public var correlationId: String?
    public var name: String?
    public var owner: String?
    public var status: RunStatus?
    /// Any run of the family.
    public var family: RunID?
    public var reason: String?

    public init(
        runs: [RunID]? = nil, tasks: [TaskReference]? = nil, correlationId: String? = nil, name: String? = nil, owner: String? = nil,
        status: RunStatus? = nil, family: RunID? = nil, reason: String? = nil
    ) {
        self.runs = runs
        self.tasks = tasks
        self.correlationId = correlationId
        self.name = name
        self.owner = owner
        self.status = status
        self.family = family
        self.reason = reason
    }
}

/// What a cancel of many did.
public struct CancelManyView: Sendable, Codable, Hashable {
    /// At most a thousand; the counts cover all.
    public var outcomes: [CancelView]
    public var cancelled: Int
    public var cancelling: Int
    public var alreadyEnded: Int
    /// What there is no such run or task of.
    public var notFound: Int

    public init(outcomes: [CancelView] = [], cancelled: Int = 0, cancelling: Int = 0, alreadyEnded: Int = 0, notFound: Int = 0) {
        self.outcomes = outcomes
        self.cancelled = cancelled
        self.cancelling = cancelling
        self.alreadyEnded = alreadyEnded
        self.notFound = notFound
    }
}

/// What became of one document of a batch: either a run or a problem.
public struct BatchOutcome: Sendable, Codable, Hashable {
    public var run: RunView?
    public var problem: Problem?

    public init(run: RunView? = nil, problem: Problem? = nil) {
        self.run = run
        self.problem = problem
    }
}

/// What somebody outside says of a task that waits for them.
public enum Answer: Sendable, Hashable {
    case complete(JSON)
    case fail(TaskError)
    case heartbeat
}

/// What an answer did.
public struct AnswerView: Sendable, Codable, Hashable {
    public var run: RunID
    public var task: TaskID
    public var status: TaskStatus
    /// The task must stop: its cancel has been asked for.
    public var cancelRequested: Bool?

    public init(run: RunID, task: TaskID, status: TaskStatus, cancelRequested: Bool? = nil) {
        self.run = run
        self.task = task
        self.status = status
        self.cancelRequested = cancelRequested
    }
}
