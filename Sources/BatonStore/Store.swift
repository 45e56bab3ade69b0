public import BatonModel

/// Where everything that must survive is kept. One process owns a store; all of its changes go through `write`, one
/// transaction at a time.
public protocol Store: Sendable {
    /// Runs the body in one transaction that is on disk when this returns. Blocks the calling thread.
    ///
    /// - Throws: what the body throws, or `StoreError`; either way nothing has changed.
    func write<Value>(_ body: (any StoreTransaction) throws -> Value) throws -> Value

    /// Runs the body on a consistent view of what has been committed, beside any writing. Blocks the calling thread.
    func read<Value>(_ body: (any StoreReader) throws -> Value) throws -> Value

    /// Gives the store up; another process may open it then.
    func close()
}

public struct StoreError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Another process has it open.
        case inUse
        /// It can't be opened, read or written: the disk is full, the file read-only or damaged.
        case unusable
        /// It was written by a later version.
        case tooNew
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// A run's number in the store: short where its id is long.
public struct RunNumber: Hashable, Sendable, Comparable {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public static func < (left: RunNumber, right: RunNumber) -> Bool { left.rawValue < right.rawValue }
}

/// One task of one run.
public struct TaskKey: Hashable, Sendable {
    public var run: RunNumber
    /// -1 for the run itself.
    public var task: Int

    public init(_ run: RunNumber, _ task: Int) {
        self.run = run
        self.task = task
    }
}

/// What one batch of decisions writes, and what it has to look up on the way.
public protocol StoreTransaction: StoreReader {
    func insert(_ run: NewRun) throws -> RunNumber
    func insert(_ definition: TaskDefinition, _ state: TaskState, at key: TaskKey) throws
    func update(_ state: TaskState, at key: TaskKey) throws
    func update(_ progress: RunProgress, of run: RunNumber) throws
    func append(_ event: StoredEvent, to run: RunNumber) throws
    func put(result: JSON, at key: TaskKey) throws
    func put(error: TaskError, at key: TaskKey) throws
    func put(checkpoint: JSON, at key: TaskKey) throws
    func put(_ attempt: AttemptView, at key: TaskKey) throws

    func arm(_ kind: TimerKind, at key: TaskKey, due: Timestamp) throws
    func disarm(_ kind: TimerKind, at key: TaskKey) throws

    /// Adds a ready task that waits for room with the broker.
    func enqueue(_ entry: ReadyTask, on level: QueueLevel) throws
    /// Takes the next ready tasks of a level out, oldest first; what is no longer ready is dropped on the way.
    func dequeue(_ level: QueueLevel, limit: Int) throws -> [ReadyTask]

    /// Notes that the task's attempt, which has been dequeued, is with the broker.
    func markPublished(_ key: TaskKey) throws

    /// Adds a message to be sent, under the next number.
    func append(_ entry: OutboxEntry) throws
    /// Forgets those up to a number, which have been confirmed.
    func removeOutbox(through number: Int64) throws

    func revoke(_ attempt: AttemptID) throws
    func unrevoke(_ attempt: AttemptID) throws
}

public protocol StoreReader {
    func run(id: RunID) throws -> StoredRun?
    func run(owner: String?, key: String) throws -> (id: RunID, digest: [UInt8])?
    func runID(of run: RunNumber) throws -> RunID?
    /// All that decisions need of a run.
    func load(_ id: RunID) throws -> LoadedRun?
    /// All that a task's message needs; `nil` where there is no such task.
    func dispatch(_ key: TaskKey) throws -> DispatchData?
    func result(_ key: TaskKey) throws -> JSON?
    /// The results of the tasks that nothing depends on, by id; `nil` where they are larger than the limit in all.
    func results(of run: RunNumber, limit: Int) throws -> [(TaskID, JSON)]?

    func dueTimers(by time: Timestamp, limit: Int) throws -> [(key: TaskKey, kind: TimerKind)]
    func nextTimer() throws -> Timestamp?
    func outbox() throws -> [OutboxEntry]
    func revoked() throws -> [String]
    /// The highest numbers given to outbox entries and ready tasks that are still there; 0 where there are none.
    func lastNumbers() throws -> (outbox: Int64, backlog: Int64)
    /// For each level: how many ready tasks wait, and how many are with the broker.
    func levels() throws -> [(level: QueueLevel, waiting: Int, published: Int)]

    func runs(_ filter: RunFilter, limit: Int, before: RunNumber?) throws -> [StoredRun]
    func view(of run: StoredRun) throws -> RunView
    func tasks(of run: RunNumber, status: TaskStatus?, limit: Int, from task: Int) throws -> [(index: Int, view: TaskView)]
    func task(_ id: TaskID, of run: RunNumber) throws -> (index: Int, view: TaskView)?
    func events(of run: RunNumber, id: RunID, after event: Int, limit: Int) throws -> [EventView]
}
