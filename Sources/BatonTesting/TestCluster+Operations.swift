import BatonCoordinator
public import BatonModel

extension TestCluster {
    /// Submits a graph; the first time, starts the workers before.
    ///
    /// - Throws: `OperationError` `.invalid`, `.conflict`, `.unavailable`.
    @discardableResult
    public func submit(_ graph: Graph) async throws -> RunView {
        try await startWorkers()
        return try await coordinator.submit(graph)
    }

    /// Returns the run once it has ended. The time limit is the test's own.
    ///
    /// - Throws: `OperationError` where there is no such run or the coordinator is stopped; `CancellationError`.
    @discardableResult
    public func wait(_ run: RunID) async throws -> RunView {
        let coordinator = try coordinator
        var last = 0
        while true {
            let events = try await coordinator.nextEvents(of: run, after: last, limit: 1000)
            guard let event = events.last else { return try await coordinator.run(run) }
            last = event.id
        }
    }

    /// Returns the first event of the run that matches, as soon as there is one.
    ///
    /// - Throws: `OperationError` `.notFound` where the run ends without; `CancellationError`.
    @discardableResult
    public func waitForEvent(_ run: RunID, where matches: (EventView) -> Bool) async throws -> EventView {
        let coordinator = try coordinator
        var last = 0
        while true {
            let events = try await coordinator.nextEvents(of: run, after: last, limit: 1000)
            guard let event = events.last else {
                throw OperationError(.notFound, "run '\(run)' has ended without the event that was waited for")
            }
            if let event = events.first(where: matches) { return event }
            last = event.id
        }
    }

    public func run(_ id: RunID) async throws -> RunView { try await coordinator.run(id) }

    /// With inputs, result and attempts.
    public func task(_ id: TaskID, of run: RunID) async throws -> TaskView { try await coordinator.task(id, of: run) }

    /// All tasks of a run, in the order of the graph.
    public func tasks(of run: RunID) async throws -> [TaskView] {
        try await coordinator.tasks(of: run, status: nil, limit: 1_000_000, cursor: nil).items
    }

    /// All events of a run so far, oldest first.
    public func events(of run: RunID) async throws -> [EventView] {
        try await coordinator.events(of: run, after: 0, limit: 1_000_000)
    }

    @discardableResult
    public func cancel(_ run: RunID, reason: String? = nil) async throws -> CancelView {
        try await coordinator.cancel(run: run, reason: reason)
    }

    @discardableResult
    public func cancel(task: TaskID, of run: RunID, reason: String? = nil) async throws -> CancelView {
        try await coordinator.cancel(task: task, of: run, reason: reason)
    }

    /// Cancels what the request names, and what fits the rest of it. Those that had ended are reported as such.
    @discardableResult
    public func cancel(_ request: CancelManyRequest) async throws -> CancelManyView { try await coordinator.cancel(request) }

    /// Those that fit, newest first.
    public func runs(_ filter: RunFilter = RunFilter()) async throws -> [RunView] {
        try await coordinator.runs(filter, limit: 1_000_000, cursor: nil).items
    }

    /// Does what somebody outside does who completes, fails or keeps a task alive by its token.
    ///
    /// - Throws: `OperationError` `.badRequest` for a result that doesn't fit; `.conflict` once the attempt has ended.
    @discardableResult
    public func answer(_ token: AttemptID, _ answer: Answer) async throws -> AnswerView {
        try await coordinator.answer(token, answer)
    }
}
