/// What a run is, apart from its tasks.
public struct RunHeader: Sendable, Hashable {
    public var id: RunID
    public var name: String
    public var key: String?
    public var correlationID: String
    public var owner: String?
    public var timeout: Duration?
    public var onFailure: Graph.FailureMode
    public var createdAt: Timestamp
    public var lineage: Lineage
    /// The trace that the run is part of, as its producer said.
    public var trace: TraceContext?

    public init(
        id: RunID, name: String, key: String? = nil, correlationID: String, owner: String? = nil, timeout: Duration? = nil,
        onFailure: Graph.FailureMode = .stop, createdAt: Timestamp, lineage: Lineage? = nil, trace: TraceContext? = nil
    ) {
        self.id = id
        self.name = name
        self.key = key
        self.correlationID = correlationID
        self.owner = owner
        self.timeout = timeout
        self.onFailure = onFailure
        self.createdAt = createdAt
        self.lineage = lineage ?? Lineage(family: id)
        self.trace = trace
    }
}

/// Where a run comes from.
public struct Lineage: Sendable, Hashable {
    /// How a run was made from another one.
    public enum Kind: String, Sendable, Codable, CaseIterable { case copy, link, archive, mixed }

    /// The first run of the family: all that come from it carry its id.
    public var family: RunID
    /// The attempt of another run's task that this run is.
    public var parent: AttemptID?
    /// The run that this one was made from.
    public var origin: RunID?
    public var kind: Kind?
    /// The schedule that started it.
    public var schedule: String?

    public init(
        family: RunID, parent: AttemptID? = nil, origin: RunID? = nil, kind: Kind? = nil, schedule: String? = nil
    ) {
        self.family = family
        self.parent = parent
        self.origin = origin
        self.kind = kind
        self.schedule = schedule
    }
}

/// How a run stands as a whole: what changes, and is kept with it.
public struct RunProgress: Sendable, Hashable {
    public var status: RunStatus
    /// Why the run fails or is cancelled, once that is decided.
    public var ending: Ending?
    public var finishedAt: Timestamp?
    /// Tasks by status, hooks' work left out; in the order of `TaskStatus.allCases`.
    public var counts: [Int]
    /// The sum of what running tasks reported.
    public var fraction: Double
    public var lastEvent: Int
    /// How many tasks have completed so far; their order.
    public var completions: Int

    public struct Ending: Sendable, Hashable {
        public var status: RunStatus
        public var error: TaskError

        public init(status: RunStatus, error: TaskError) {
            self.status = status
            self.error = error
        }
    }

    public init() {
        status = .running
        counts = Array(repeating: 0, count: TaskStatus.allCases.count)
        fraction = 0
        lastEvent = 0
        completions = 0
    }

    public var total: Int { counts.reduce(0, +) }

    public subscript(status: TaskStatus) -> Int {
        get { counts[status.position] }
        set { counts[status.position] = newValue }
    }

    /// From 0 to 1.
    public var progress: Double {
        let ended = TaskStatus.allCases.reduce(0) { $0 + ($1.isFinal ? self[$1] : 0) }
        return total == 0 ? 1 : min(1, (Double(ended) + fraction) / Double(total))
    }
}

extension TaskStatus {
    /// Its place among all of them; also how the store writes it.
    public var position: Int {
        switch self {
        case .pending: 0
        case .scheduled: 1
        case .queued: 2
        case .running: 3
        case .retrying: 4
        case .completed: 5
        case .failed: 6
        case .cancelled: 7
        case .skipped: 8
        }
    }
}
