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
    /// A task with a result has no error.
    func put(result: JSON, at key: TaskKey) throws
    func put(error: TaskError, at key: TaskKey) throws
    /// - Parameter payload: `nil` removes it.
    func put(_ part: TaskPart, _ payload: JSON?, at key: TaskKey) throws
    func put(_ attempt: AttemptView, at key: TaskKey) throws
    /// In place of the items it had.
    func put(items: [JSON], at loop: TaskKey) throws
    func put(_ loop: LoopState, at key: TaskKey) throws
    /// Removes the result, the error and the parts that the task made; the attempts stay.
    func clear(_ key: TaskKey) throws
    /// The task shows another run's result. A link to a link leads to the first of them.
    func link(_ key: TaskKey, to source: TaskKey) throws
    /// Stores an ended run once more, with all that belongs to it, as one that is never changed.
    func archive(_ run: RunNumber, as header: RunHeader) throws -> RunNumber

    func arm(_ kind: TimerKind, at key: TaskKey, due: Timestamp) throws
    func disarm(_ kind: TimerKind, at key: TaskKey) throws
    /// Timers of these kinds that are due before the time become due at it.
    func postpone(_ kinds: [TimerKind], to time: Timestamp) throws

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
    /// Forgets these, which have been confirmed before others that come before them.
    func removeOutbox(_ numbers: [Int64]) throws

    func revoke(_ attempt: AttemptID) throws
    func unrevoke(_ attempt: AttemptID) throws
    /// Forgets the revoked attempts of runs that ended before the time.
    func forgetRevoked(endedBefore time: Timestamp) throws

    /// Stores how the gate stands; one that nothing has passed of late is removed.
    func put(_ gate: Gate) throws
    /// Adds an attempt that waits before a gate.
    func hold(_ entry: ReadyTask, at gate: String) throws
    /// Takes the oldest attempt that waits before the gate out; what no longer waits is dropped on the way.
    func takeHeld(at gate: String) throws -> ReadyTask?
    /// Notes that the task's attempt has passed the gate and counts in it.
    func addPass(_ gate: String, of key: TaskKey) throws
    func removePasses(of key: TaskKey) throws
    func put(_ breaker: Breaker, of handler: HandlerName) throws
    /// Keeps a result for equal inputs.
    func keep(_ result: JSON, under digest: String, until expiry: Timestamp) throws
    func forgetResults(before time: Timestamp) throws

    /// Adds lines to an attempt's log, of which there are `number` so far.
    func append(logs lines: [LogLine], attempt: Int, of key: TaskKey, after number: Int) throws
    /// In place of what was stored of the handler.
    func put(_ statistics: HandlerStatistics, of handler: HandlerName) throws
    func set(paused: Bool, _ queue: QueueName) throws
    /// In place of those that the handler had.
    func put(hooks: Set<TaskNode.Hook>, of handler: HandlerName) throws

    /// Takes runs away that ended in this way before the time, oldest first; archives, and children of open runs, stay.
    func retire(_ status: RunStatus, endedBefore time: Timestamp, limit: Int) throws -> [RunID]
    /// Removes some of the rows that retired runs left.
    ///
    /// - Parameter limit: about how many.
    /// - Returns: whether there were any.
    func purge(rows limit: Int) throws -> Bool
    /// Removes the run's events with ids below this one.
    func trimEvents(of run: RunNumber, before event: Int) throws
    /// Removes the attempts with numbers below this one, and their logs.
    func trimAttempts(of key: TaskKey, before number: Int) throws

    /// Has the alarm ring at the time, once; in place of an earlier time.
    func arm(alarm: String, due: Timestamp) throws
    func disarm(alarm: String) throws

    /// Stores the schedule, in place of one with its name.
    func put(_ schedule: StoredSchedule) throws
    func removeSchedule(_ name: String) throws
}

public protocol StoreReader {
    func run(id: RunID) throws -> StoredRun?
    func run(number: RunNumber) throws -> StoredRun?
    func run(owner: String?, key: String) throws -> (id: RunID, digest: [UInt8])?
    func runID(of run: RunNumber) throws -> RunID?
    /// Of the graph that the run was submitted with.
    func digest(of run: RunNumber) throws -> [UInt8]?
    /// All that decisions need of a run.
    func load(_ id: RunID) throws -> LoadedRun?
    /// The run that the attempt of another one's task is.
    func child(of attempt: AttemptID) throws -> RunID?
    /// All that a task's message needs; `nil` where there is no such task.
    func dispatch(_ key: TaskKey) throws -> DispatchData?
    /// The tasks of the document in their order, whole.
    func definitions(of run: RunNumber) throws -> [TaskDefinition]
    func index(of task: TaskID, in run: RunNumber) throws -> Int?

    func input(of run: RunNumber) throws -> JSON?
    func inputs(_ key: TaskKey) throws -> JSON?
    /// In the order of the definition.
    func dependencies(_ key: TaskKey) throws -> [Dependency]
    func result(_ key: TaskKey) throws -> JSON?
    func error(_ key: TaskKey) throws -> TaskError?
    func part(_ part: TaskPart, _ key: TaskKey) throws -> JSON?
    func item(_ number: Int, of loop: TaskKey) throws -> JSON?
    /// All of them, in their order.
    func items(of loop: TaskKey) throws -> [JSON]
    func itemCount(of loop: TaskKey) throws -> Int
    /// The results of a loop's items in their order, as a list of `count`; null for those without one.
    ///
    /// - Parameter results: stand in place of what is stored.
    /// - Returns: `nil` where the list is larger than the limit, in bytes.
    func collected(_ loop: TaskKey, count: Int, adding results: [Int: JSON], limit: Int) throws -> JSON?
    /// The results of the tasks that nothing depends on, by id; `nil` where they are larger than the limit in all.
    func results(of run: RunNumber, limit: Int) throws -> [(TaskID, JSON)]?

    func dueTimers(by time: Timestamp, limit: Int) throws -> [(key: TaskKey, kind: TimerKind)]
    func dueAlarms(by time: Timestamp, limit: Int) throws -> [String]
    func dueSchedules(by time: Timestamp, limit: Int) throws -> [String]
    /// The next time at which a timer, an alarm or a schedule is due.
    func nextTimer() throws -> Timestamp?
    func outbox() throws -> [OutboxEntry]
    func revoked() throws -> [String]
    /// The highest numbers given to outbox entries and ready tasks that are still there; 0 where there are none.
    func lastNumbers() throws -> (outbox: Int64, backlog: Int64)
    /// For each level: how many ready tasks wait, and how many are with the broker.
    func levels() throws -> [(level: QueueLevel, waiting: Int, published: Int)]

    func gate(_ name: String) throws -> Gate?
    /// The gates that the task's present attempt has passed.
    func passes(of key: TaskKey) throws -> [String]
    func breaker(of handler: HandlerName) throws -> Breaker?
    /// A result kept for equal inputs that hasn't expired.
    func kept(_ digest: String, at time: Timestamp) throws -> JSON?

    /// How many lines the attempt's log has.
    func logCount(of key: TaskKey, attempt: Int) throws -> Int
    /// Lines of one attempt, or of all, in their order.
    func logs(of key: TaskKey, attempt: Int?, after: LogPosition, limit: Int) throws -> [(LogPosition, LogLine)]
    func statistics() throws -> [HandlerName: HandlerStatistics]
    func pausedQueues() throws -> Set<QueueName>
    func hooks(of handler: HandlerName) throws -> Set<TaskNode.Hook>
    /// Of all handlers that have some.
    func hooks() throws -> [HandlerName: Set<TaskNode.Hook>]
    /// Attempts of the queue whose messages are said to be with the broker, or with a worker, by their keys.
    ///
    /// - Parameters:
    ///   - queue: `nil` for all.
    ///   - priority: `nil` for all.
    func publishedAttempts(of queue: QueueName?, _ priority: Priority?, after key: TaskKey?, limit: Int) throws -> [PublishedAttempt]
    /// Events of the run, with the handlers of their tasks.
    func feed(of run: RunNumber, id: RunID, after event: Int, through last: Int) throws -> [(EventView, HandlerName?)]

    func schedule(_ name: String) throws -> StoredSchedule?
    /// By name.
    func schedules(limit: Int, after name: String?) throws -> [StoredSchedule]
    /// How many of the schedule's runs go on.
    func openRuns(of schedule: String) throws -> Int

    func runs(_ filter: RunFilter, limit: Int, before: RunNumber?) throws -> [StoredRun]
    func view(of run: StoredRun) throws -> RunView
    func tasks(of run: RunNumber, status: TaskStatus?, limit: Int, from task: Int) throws -> [(index: Int, view: TaskView)]
    func task(_ id: TaskID, of run: RunNumber) throws -> (index: Int, view: TaskView)?
    func events(of run: RunNumber, id: RunID, after event: Int, limit: Int) throws -> [EventView]

    func standing(_ key: TaskKey) throws -> TaskStanding?
    /// In the order of the definition.
    func dependencyStandings(of key: TaskKey) throws -> [DependencyStanding]
    /// Tasks that wait for something else than other tasks, or run; the items of loops left out.
    func underWay(in run: RunNumber, limit: Int) throws -> [Int]
    /// What was added for the task and has not ended.
    func open(_ role: TaskNode.Role, for task: Int, in run: RunNumber, limit: Int) throws -> [Int]
    func dueTimes(of key: TaskKey) throws -> [TimerKind: Timestamp]
    /// Of a queued attempt.
    func place(of standing: TaskStanding) throws -> WaitingPlace
    /// The tasks whose attempts have passed the gate.
    func inside(_ gate: String, limit: Int) throws -> [TaskReference]
    /// How many attempts each worker is known to run, those left out that are on a lease.
    func runningCounts() throws -> [WorkerID: Int]
    /// The items of loops left out; those of the document first.
    func outlines(of run: RunNumber, limit: Int) throws -> [TaskOutline]
    /// Of tasks that have had one.
    func attempts(of run: RunNumber, limit: Int) throws -> [TaskAttempts]
}
