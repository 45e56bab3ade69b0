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

    /// Those after the given id, oldest first; at most `limit`. An empty list where there is nothing yet.
    func events(of run: RunID, after id: Int, limit: Int) async throws -> [EventView]

    /// As `events(of:after:limit:)`, but waits until there is at least one, or the run has ended (then an empty list), or the
    /// calling task is cancelled.
    func nextEvents(of run: RunID, after id: Int, limit: Int) async throws -> [EventView]

    func cancel(run: RunID, reason: String?) async throws -> CancelView
    func cancel(task: TaskID, of run: RunID, reason: String?) async throws -> CancelView

    func workers() async throws -> [WorkerView]
    func queues() async throws -> [QueueView]
    func health() async -> HealthView

    var limits: Limits { get }
}

/// Why an operation was not done. Nothing has changed.
public struct OperationError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable {
        /// The document is wrong; `problems` says where.
        case invalid
        case badRequest
        case notFound
        /// The key is in use for another graph.
        case conflict
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
