import BatonCoordinator
public import BatonModel

extension TestCluster {
    /// Has an ended run go on.
    ///
    /// - Throws: `OperationError` `.conflict` while it runs, or for another graph; `.frozen` for an archive.
    @discardableResult
    public func rerun(_ run: RunID, _ request: RerunRequest = RerunRequest()) async throws -> RunView {
        try await coordinator.rerun(run, request)
    }

    /// Makes a new run of the same tasks, which starts.
    ///
    /// - Throws: `OperationError` `.invalid` where a dependency is left outside, `.denied`.
    @discardableResult
    public func copy(_ run: RunID, _ request: ReuseRequest = ReuseRequest()) async throws -> RunView {
        try await coordinator.copy(run, request)
    }

    /// Makes a completed run that shows the original's results.
    ///
    /// - Throws: `OperationError` `.notCompleted`, `.denied`.
    @discardableResult
    public func link(_ run: RunID, _ request: ReuseRequest = ReuseRequest()) async throws -> RunView {
        try await coordinator.link(run, request)
    }

    /// Makes a read-only copy of an ended run.
    ///
    /// - Throws: `OperationError` `.conflict` while it runs.
    @discardableResult
    public func archive(_ run: RunID, _ request: ReuseRequest = ReuseRequest()) async throws -> RunView {
        try await coordinator.archive(run, request)
    }

    /// Makes a new run with the tasks of `request.link` linked and the others copied, which starts.
    ///
    /// - Throws: `OperationError` `.invalid`, `.notCompleted`, `.denied`.
    @discardableResult
    public func mixed(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await coordinator.mixed(run, request)
    }
}
