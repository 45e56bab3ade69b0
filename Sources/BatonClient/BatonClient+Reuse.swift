public import BatonModel

/// What can be made of a run that was there before.
extension BatonClient {
    /// Has an ended run go on; by default with what failed, was cancelled, skipped or undone.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `conflict` while the run goes on, or for another graph, and `frozen` for an archive.
    public func rerun(_ run: RunID, _ request: RerunRequest = RerunRequest()) async throws -> RunHandle {
        try await make(run, "rerun", RequestText.rerun(request))
    }

    /// Makes a new run of the same tasks, which starts. Under a key, copying again gives the run made the first time.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `invalidGraph` where a dependency is left outside.
    public func copy(_ run: RunID, _ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle {
        try await make(run, "copy", RequestText.reuse(request))
    }

    /// Makes a completed run that shows the original's results.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `notCompleted` where the original isn't, and `denied` where it is another owner's.
    public func link(_ run: RunID, _ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle {
        try await make(run, "link", RequestText.reuse(request))
    }

    /// Makes a copy of an ended run that is never changed.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `conflict` while the run goes on.
    public func archive(_ run: RunID, _ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle {
        try await make(run, "archive", RequestText.reuse(request))
    }

    /// Makes a new run in which some tasks are linked and the others copied, which starts.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `invalidGraph`, `notCompleted` or `denied`.
    public func mixed(_ run: RunID, link tasks: [TaskID], _ request: ReuseRequest = ReuseRequest()) async throws -> RunHandle {
        var request = request
        request.link = tasks
        return try await make(run, "mixed", RequestText.reuse(request))
    }

    private func make(_ run: RunID, _ how: String, _ body: [UInt8]) async throws -> RunHandle {
        let made: RunView = try await transport.call(.post, "\(path(run))/\(how)", headers: Self.json, body: body)
        return RunHandle(client: self, submitted: made)
    }
}
