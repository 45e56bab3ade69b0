public import BatonModel

/// Answering tasks that wait for somebody outside. The token is in the task's view while it waits.
extension BatonClient {
    /// Completes the task with a result.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `notFound` for a token of nothing, and `conflict` once the task has ended.
    public func complete(token: AttemptID, result: JSON = .null) async throws -> AnswerView {
        try await answer(token, "complete", result.bytes)
    }

    /// Completes the task with a result of any type that can be written as JSON.
    public func complete(token: AttemptID, encoding result: some Encodable) async throws -> AnswerView {
        try await complete(token: token, result: try JSON(encoding: result))
    }

    /// Fails this attempt of the task; its retry policy decides what follows.
    ///
    /// - Throws: as `complete`.
    public func fail(token: AttemptID, _ error: TaskError) async throws -> AnswerView {
        try await answer(token, "fail", error.json.bytes)
    }

    /// Says that somebody is still at it, where the task would otherwise be given up. The answer says whether it must stop.
    ///
    /// - Throws: as `complete`.
    public func heartbeat(token: AttemptID) async throws -> AnswerView {
        try await answer(token, "heartbeat", nil)
    }

    private func answer(_ token: AttemptID, _ how: String, _ body: [UInt8]?) async throws -> AnswerView {
        try await transport.call(.post, "/v1/attempts/\(Transport.escape(token.description))/\(how)", headers: Self.json, body: body)
    }
}
