public import BatonModel

/// What can be asked of a coordinator by whoever speaks for users: the HTTP API, tests, `baton dev`.
public protocol Operations: Sendable {
    /// Stores the run, then answers. A known key with the same graph gives the run made then, marked `existing`.
    ///
    /// - Throws: `OperationError` `.invalid`, `.conflict`, `.unavailable`.
    func submit(_ graph: Graph) async throws -> RunView

    /// - Throws: `OperationError` `.notFound`.
    func run(_ id: RunID) async throws -> RunView

    /// Newest first. - Throws: `.badRequest` for a cursor that isn't one.
    func runs(_ filter: RunFilter, limit: Int, cursor: String?) async throws -> Page<RunView>

    /// In the order of the document.
    func tasks(of run: RunID, status: TaskStatus?, limit: Int, cursor: String?) async throws -> Page<TaskView>

    /// With inputs, result and attempts.
    func task(_ id: TaskID, of run: RunID) async throws -> TaskView

    /// What the task waits for, or why it ended as it did.
    func why(task: TaskID, of run: RunID) async throws -> WhyView

    /// The tasks that hold the run up.
    func why(run: RunID) async throws -> RunWhyView

    /// The tasks and what connects them. - Throws: `.badRequest` for more tasks than `limits.pictureTasks`.
    func graph(of run: RunID) async throws -> RunGraph

    /// The attempts in time; at most `limits.pictureTasks` of them.
    func timeline(of run: RunID) async throws -> RunTimeline

    /// Those after the given id, oldest first; at most `limit`. An empty list where there is nothing yet.
    func events(of run: RunID, after id: Int, limit: Int) async throws -> [EventView]

    /// As `events(of:after:limit:)`, but waits until there is at least one, or the run has ended (then an empty list), or the
    /// calling task is cancelled.
    func nextEvents(of run: RunID, after id: Int, limit: Int) async throws -> [EventView]

    func cancel(run: RunID, reason: String?) async throws -> CancelView
    func cancel(task: TaskID, of run: RunID, reason: String?) async throws -> CancelView

    /// Cancels what is named, and what fits the rest of the request. Those that had ended are reported as such.
    func cancel(_ request: CancelManyRequest) async throws -> CancelManyView

    /// Has an ended run go on. - Throws: `.conflict` while it runs, or for another graph; `.frozen` for an archive.
    func rerun(_ run: RunID, _ request: RerunRequest) async throws -> RunView

    /// Makes a new run of the same tasks, which starts. - Throws: `.invalid` where a dependency is left outside.
    func copy(_ run: RunID, _ request: ReuseRequest) async throws -> RunView

    /// Makes a completed run that shows the original's results. - Throws: `.notCompleted`, `.denied`.
    func link(_ run: RunID, _ request: ReuseRequest) async throws -> RunView

    /// Makes a read-only copy of an ended run. - Throws: `.conflict` while it runs.
    func archive(_ run: RunID, _ request: ReuseRequest) async throws -> RunView

    /// Makes a new run with the tasks of `request.link` linked and the others copied, which starts.
    ///
    /// - Throws: `.invalid`, `.notCompleted`, `.denied`.
    func mixed(_ run: RunID, _ request: ReuseRequest) async throws -> RunView

    /// Completes, fails or keeps alive a task from outside. - Throws: `.notFound`; `.conflict` once the task has ended.
    func answer(_ token: AttemptID, _ answer: Answer) async throws -> AnswerView

    /// - Throws: `.invalid`; `.conflict` for a name that is in use.
    func createSchedule(_ schedule: Schedule) async throws -> ScheduleView
    func schedule(_ name: String) async throws -> ScheduleView
    /// By name.
    func schedules(limit: Int, cursor: String?) async throws -> Page<ScheduleView>
    func changeSchedule(_ name: String, _ change: ScheduleChange) async throws -> ScheduleView
    /// Runs that go on are left alone.
    func removeSchedule(_ name: String) async throws

    func workers() async throws -> [WorkerView]
    func queues() async throws -> [QueueView]
    /// Starts nothing more of the queue, but for what workers have taken already.
    func pause(queue: QueueName) async throws -> QueueView
    func resume(queue: QueueName) async throws -> QueueView
    /// Those that workers offer, or have run, and the executions that took longest.
    func handlers(slowest: Int) async throws -> HandlersView
    /// What the task's attempts have logged, of one of them or of all, in order. - Throws: `.notFound`.
    func logs(of task: TaskID, in run: RunID, attempt: Int?, limit: Int, cursor: String?) async throws -> Page<LogLine>
    /// Completes the task of this name that waits for an answer. - Throws: `.notFound`; `.conflict` where it doesn't wait.
    func signal(_ name: String, of run: RunID, payload: JSON) async throws -> AnswerView
    func metrics() async throws -> MetricsView
    func health() async -> HealthView

    var limits: Limits { get }
    /// What documents are held against.
    var checks: SyntaxChecks { get }
}

/// Why an operation was not done. Nothing has changed.
public struct OperationError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable {
        /// The document is wrong; `problems` says where.
        case invalid
        case badRequest
        case notFound
        /// The key is in use for another graph, or what is asked for doesn't fit how things stand.
        case conflict
        /// An archive is never changed.
        case frozen
        /// Only what has completed can be linked.
        case notCompleted
        /// It belongs to another owner.
        case denied
        /// The coordinator can't store or is about to stop; try again.
        case unavailable
    }

    public var code: Code
    public var description: String
    public var problems: [GraphProblem]

    public init(_ code: Code, _ description: String, problems: [GraphProblem] = []) {
        self.code = code
        self.description = description
        self.problems = problems
    }

    public init(_ invalid: InvalidGraph) {
        let count = invalid.problems.count
        self.init(.invalid, count == 1 ? "\(invalid.problems[0])" : "the graph has \(count) problems", problems: invalid.problems)
    }
}
