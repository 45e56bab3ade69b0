public import BatonModel

/// Looking at handlers and logs, stopping queues, and signals.
extension BatonClient {
    /// How handlers do, and the executions that took longest.
    ///
    /// - Throws: `ClientError`.
    public func handlers(slowest: Int = 5) async throws -> HandlersView {
        try await transport.call(.get, "/v1/handlers?slowest=\(slowest)")
    }

    /// What the attempts of a task have logged, a page at a time.
    ///
    /// - Parameter attempt: of this one alone; `nil` for all.
    /// - Throws: `ClientError`, whose `refusal` is `notFound` where there is no such task.
    public func logs(
        of task: TaskID, in run: RunID, attempt: Int? = nil, limit: Int = 200, cursor: String? = nil
    ) async throws -> Page<LogLine> {
        var query = "limit=\(limit)"
        if let attempt { query += "&attempt=\(attempt)" }
        if let cursor { query += "&cursor=\(Transport.escape(cursor))" }
        return try await transport.call(.get, path(run) + "/tasks/\(Transport.escape(task.rawValue))/logs?\(query)")
    }

    /// Starts nothing more of the queue, but for what workers have taken already.
    ///
    /// - Throws: `ClientError`.
    @discardableResult
    public func pause(queue: QueueName) async throws -> QueueView { try await change(queue, "pause") }

    /// - Throws: `ClientError`.
    @discardableResult
    public func resume(queue: QueueName) async throws -> QueueView { try await change(queue, "resume") }

    private func change(_ queue: QueueName, _ how: String) async throws -> QueueView {
        try await transport.call(.post, "/v1/queues/\(Transport.escape(queue.rawValue))/\(how)", headers: Self.json, body: nil)
    }

    /// Completes the task of this name that waits for an answer.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `notFound` where there is no such task, and `conflict` where it doesn't wait.
    @discardableResult
    public func signal(_ name: String, run: RunID, payload: JSON = .null) async throws -> AnswerView {
        try await transport.call(
            .post, path(run) + "/signals/\(Transport.escape(name))", headers: Self.json, body: payload.bytes)
    }
}
