/// A run, as the HTTP API and clients show it.
public struct RunView: Sendable, Codable, Hashable {
    public var id: RunID
    public var name: String
    public var status: RunStatus
    public var key: String?
    public var correlationId: String
    public var owner: String?
    public var createdAt: Timestamp
    public var finishedAt: Timestamp?
    /// How many tasks stand where; statuses without any are left out.
    public var counts: [String: Int]
    public var total: Int
    /// From 0 to 1: the mean over the tasks.
    public var progress: Double
    /// Why it failed or was cancelled.
    public var error: TaskError?
    /// Tasks that failed without failing the run, and tasks that were skipped; at most a hundred of each.
    public var nonCriticalFailures: [TaskID]?
    public var skipped: [TaskID]?
    /// On a submission whose key was known: this is the run made then.
    public var existing: Bool?
    /// The first run of the family that this one belongs to: children, copies, links and archives have the same.
    public var family: RunID?
    /// Of a run that is a task of another one: that run, and the task.
    public var parent: TaskReference?
    /// The run that it was made from, and how.
    public var origin: RunID?
    public var kind: Lineage.Kind?
    /// The schedule that started it.
    public var schedule: String?
    /// The trace that it is part of, as its producer gave it.
    public var traceparent: String?
    /// When the run fails or is cancelled: tasks whose work is undone, and tasks whose work could not be; at most a hundred of each.
    public var undone: [TaskID]?
    public var notUndone: [TaskID]?

    public init(
        id: RunID, name: String, status: RunStatus, key: String? = nil, correlationId: String, owner: String? = nil,
        createdAt: Timestamp, finishedAt: Timestamp? = nil, counts: [String: Int], total: Int, progress: Double,
        error: TaskError? = nil, nonCriticalFailures: [TaskID]? = nil, skipped: [TaskID]? = nil, existing: Bool? = nil
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.key = key
        self.correlationId = correlationId
        self.owner = owner
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.counts = counts
        self.total = total
        self.progress = progress
        self.error = error
        self.nonCriticalFailures = nonCriticalFailures
        self.skipped = skipped
        self.existing = existing
    }
}

/// One part of a longer list; `cursor` asks for what follows, and is absent at the end.
public struct Page<Item: Sendable & Codable & Hashable>: Sendable, Codable, Hashable {
    public var items: [Item]
    public var cursor: String?

    public init(items: [Item], cursor: String? = nil) {
        self.items = items
        self.cursor = cursor
    }
}

/// One task of one run.
public struct TaskReference: Sendable, Codable, Hashable {
    public var run: RunID
    public var task: TaskID

    public init(run: RunID, task: TaskID) {
        self.run = run
        self.task = task
    }
}

/// Which runs a list shows. Absent parts don't restrict.
public struct RunFilter: Sendable, Hashable {
    public var name: String?
    public var status: RunStatus?
    public var owner: String?
    public var correlationID: String?
    /// Any run of the family.
    public var family: RunID?
    /// The run that those listed were made from.
    public var origin: RunID?
    public var schedule: String?

    public init(
        name: String? = nil, status: RunStatus? = nil, owner: String? = nil, correlationID: String? = nil, family: RunID? = nil,
        origin: RunID? = nil, schedule: String? = nil
    ) {
        self.name = name
        self.status = status
        self.owner = owner
        self.correlationID = correlationID
        self.family = family
        self.origin = origin
        self.schedule = schedule
    }
}
