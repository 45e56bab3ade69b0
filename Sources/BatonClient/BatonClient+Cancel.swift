public import BatonModel

extension BatonClient {
    /// What has already ended stays as it is: the outcome says so.
    public func cancel(run: RunID, reason: String? = nil) async throws -> CancelView {
        try await transport.call(.post, path(run) + "/cancel", body: RequestText.reason(reason))
    }

    public func cancel(task: TaskID, of run: RunID, reason: String? = nil) async throws -> CancelView {
        try await transport.call(.post, path(run, task) + "/cancel", body: RequestText.reason(reason))
    }

    /// Cancels the runs and tasks that are named, and the runs that fit all of the request's other parts.
    ///
    /// - Throws: `ClientError`; a request that names nothing is a `badRequest`.
    public func cancel(_ request: CancelManyRequest) async throws -> CancelManyView {
        try await transport.call(.post, "/v1/cancel", headers: Self.json, body: RequestText.cancel(request))
    }
}
