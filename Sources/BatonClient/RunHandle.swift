public import BatonModel

/// A submitted run.
public struct RunHandle: Sendable, Identifiable {
    private let client: BatonClient
    /// The run as it was when the coordinator accepted it; `existing` says that its key was known.
    public let submitted: RunView

    init(client: BatonClient, submitted: RunView) {
        self.client = client
        self.submitted = submitted
    }

    public var id: RunID { submitted.id }

    /// What happens in the run, from its first event to its end.
    public var events: RunEvents { client.events(of: id) }

    /// Waits for the run's end, through restarts of the coordinator.
    ///
    /// - Returns: the run, which may have failed or been cancelled.
    /// - Throws: `ClientError`; `CancellationError`, after which the run goes on.
    public func wait() async throws -> RunView {
        for try await _ in events {}
        return try await client.run(id)
    }

    /// What a completed task returned.
    ///
    /// - Throws: the task's own `TaskError` where it failed, was cancelled or skipped; `ClientError` `.notCompleted` where it has
    ///   not ended; `DecodingError` for a result of another shape.
    public func result<Result: Decodable>(of task: TaskID, as type: Result.Type = Result.self) async throws -> Result {
        let task = try await client.task(task, of: id)
        guard task.status == .completed else {
            if task.status.isFinal, let error = task.error { throw error }
            throw ClientError(.notCompleted, "the task '\(task.id)' is \(task.status.rawValue): wait for the run before asking for results")
        }
        return try (task.result ?? .null).decode(as: type)
    }

    public func cancel(reason: String? = nil) async throws -> CancelView {
        try await client.cancel(run: id, reason: reason)
    }

    /// Has the run go on after its end; by default with what failed, was cancelled, skipped or undone.
    ///
    /// - Returns: the same run. `events` begins with its history; `wait` returns at the new end.
    public func rerun(_ request: RerunRequest = RerunRequest()) async throws -> RunHandle { try await client.rerun(id, request) }

    /// Makes a new run of the same tasks, which starts.
    public func copy(_ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle { try await client.copy(id, request) }

    /// Makes a completed run that shows this one's results.
    public func link(_ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle { try await client.link(id, request) }

    /// Makes a copy of this run that is never changed.
    public func archive(_ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle { try await client.archive(id, request) }

    /// Makes a new run in which some tasks are linked and the others copied, which starts.
    public func mixed(link tasks: [TaskID], _ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle {
        try await client.mixed(id, link: tasks, request)
    }
}
