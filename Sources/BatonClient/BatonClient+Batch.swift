public import BatonModel

extension BatonClient {
    /// Submits many graphs in one call, at most 1000.
    ///
    /// Each stands for itself: a wrong one is refused with its own problem and leaves the others alone. Graphs with keys can be
    /// submitted again where the answer was lost.
    ///
    /// - Returns: what became of each, in their order.
    /// - Throws: `ClientError` where the call as a whole failed.
    public func submit(batch graphs: [Graph]) async throws -> [Result<RunHandle, Problem>] {
        try await submit(batch: graphs.map(\.document))
    }

    /// Submits many documents as they are.
    public func submit(batch documents: [JSON]) async throws -> [Result<RunHandle, Problem>] {
        let page: Page<BatchOutcome> = try await transport.call(
            .post, "/v1/runs/batch", headers: Self.json, body: RequestText.batch(documents))
        let outcomes: [Result<RunHandle, Problem>] = page.items.compactMap { outcome in
            if let run = outcome.run { return .success(RunHandle(client: self, submitted: run)) }
            return outcome.problem.map { .failure($0) }
        }
        guard outcomes.count == documents.count else {
            throw ClientError(
                .unreadable,
                "the coordinator at \(server) gave \(outcomes.count) outcomes for \(documents.count) documents: look at the list of runs")
        }
        return outcomes
    }
}
