public import BatonModel

/// Where a task stands, with all that says what it waits for.
public struct TaskStanding: Sendable {
    public var key: TaskKey
    public var node: TaskNode
    public var state: TaskState
    /// Why it failed, was cancelled or skipped, or why the last attempt failed.
    public var error: TaskError?
}

/// A task that another one depends on, and where it stands.
public struct DependencyStanding: Sendable, Hashable {
    public var task: Int
    public var id: TaskID
    public var condition: Dependency.Condition
    public var status: TaskStatus

    public init(task: Int, id: TaskID, condition: Dependency.Condition, status: TaskStatus) {
        self.task = task
        self.id = id
        self.condition = condition
        self.status = status
    }
}

/// Where a queued attempt waits.
public struct WaitingPlace: Sendable, Hashable {
    /// The gate before which it waits, in the store.
    public var gate: String?
    /// How many wait for the same before it, and go first.
    public var ahead: Int

    public init(gate: String? = nil, ahead: Int) {
        self.gate = gate
        self.ahead = ahead
    }
}

/// A task as pictures show it.
public struct TaskOutline: Sendable {
    public var index: Int
    public var node: TaskNode
    public var state: TaskState
    public var parent: TaskID?
    /// The names under which it sees the results of its dependencies, in their order; `nil` for their own.
    public var aliases: [String?]
    public var loop: LoopState?
    public var error: TaskError?
}

/// All attempts that a task has had, as a timeline shows them.
public struct TaskAttempts: Sendable {
    public var id: TaskID
    public var handler: HandlerName
    public var role: TaskNode.Role?
    public var attempts: [AttemptView]
}
