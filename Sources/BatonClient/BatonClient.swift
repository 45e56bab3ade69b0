public import BatonModel

/// A coordinator, by its HTTP API.
///
/// A value without resources of its own: connections are shared by the process and needn't be closed. Calls are not repeated
/// behind the caller's back; `ClientError.isRetryable` says whether repeating one may help. Cancelling the calling task ends a
/// call at once.
public struct BatonClient: Sendable {
    /// The coordinator's address.
    public let server: String
    /// How long a stream of events goes on trying to reach a coordinator that has gone away.
    public let patience: Duration
    let transport: Transport

    /// - Parameters:
    ///   - server: such as `http://127.0.0.1:7070`; without a scheme, `http://` is meant.
    ///   - token: who is asking, where the coordinator wants to know: a token of its file, or a JWT. It is sent with every request, so
    ///     over a network use `https://`.
    public init(server: String = "http://127.0.0.1:7070", token: String? = nil, patience: Duration = .seconds(300)) {
        var address = server.contains("://") ? server : "http://" + server
        while address.hasSuffix("/") { address.removeLast() }
        self.server = address
        self.patience = patience
        self.transport = Transport(server: address, token: token)
    }
}

extension BatonClient {
    /// Submits a graph. Under a key, submitting the same graph again gives the run made the first time.
    ///
    /// - Throws: `ClientError`; a graph with mistakes is `refused` with each of them in the problem's `problems`.
    public func submit(_ graph: Graph, key: String? = nil) async throws -> RunHandle {
        try await submit(document: graph.document.bytes, contentType: "application/json", key: key)
    }

    /// Submits a document as it is.
    ///
    /// - Parameter contentType: `application/json` or `application/yaml`; without one, the coordinator looks.
    public func submit(document: [UInt8], contentType: String? = nil, key: String? = nil) async throws -> RunHandle {
        var headers = [("Content-Type", contentType ?? "application/octet-stream")]
        if let key { headers.append(("Idempotency-Key", key)) }
        let run: RunView = try await transport.call(.post, "/v1/runs", headers: headers, body: document)
        return RunHandle(client: self, submitted: run)
    }

    public func run(_ id: RunID) async throws -> RunView {
        try await transport.call(.get, path(id)) { try JSON(parsing: $0).decodeExactly() }
    }

    /// Newest first. The page's cursor asks for what follows.
    public func runs(_ filter: RunFilter = RunFilter(), limit: Int = 50, cursor: String? = nil) async throws -> Page<RunView> {
        try await transport.call(
            .get, "/v1/runs",
            query: [
                ("name", filter.name), ("status", filter.status?.rawValue), ("owner", filter.owner),
                ("correlationId", filter.correlationID), ("family", filter.family?.rawValue), ("origin", filter.origin?.rawValue),
                ("schedule", filter.schedule), ("limit", String(limit)), ("cursor", cursor),
            ])
    }

    /// In the order of the document, without inputs, results and attempts.
    public func tasks(
        of run: RunID, status: TaskStatus? = nil, limit: Int = 200, cursor: String? = nil
    ) async throws -> Page<TaskView> {
        try await transport.call(
            .get, path(run) + "/tasks", query: [("status", status?.rawValue), ("limit", String(limit)), ("cursor", cursor)])
    }

    /// With inputs, result and attempts.
    public func task(_ id: TaskID, of run: RunID) async throws -> TaskView {
        try await transport.call(.get, path(run, id), reading: ViewText.task)
    }

    /// Those after the given one that have happened by now, oldest first.
    public func history(of run: RunID, after id: Int = 0, limit: Int = 1000) async throws -> [EventView] {
        try await transport.call(
            .get, path(run) + "/events", query: [("after", String(id)), ("limit", String(limit))], reading: ViewText.events)
    }

    /// What happens in a run, from the event after the given one to the run's end.
    public func events(of run: RunID, after id: Int = 0) -> RunEvents {
        RunEvents(client: self, run: run, after: id)
    }

    public func workers() async throws -> [WorkerView] {
        let page: Page<WorkerView> = try await transport.call(.get, "/v1/workers")
        return page.items
    }

    public func queues() async throws -> [QueueView] {
        let page: Page<QueueView> = try await transport.call(.get, "/v1/queues")
        return page.items
    }

    /// Whether the coordinator can work; `unreachable` is thrown where there is none.
    public func health() async throws -> HealthView {
        try await transport.call(.get, "/readyz", accepting: [503])
    }
}

extension BatonClient {
    static let json = [("Content-Type", "application/json")]

    func path(_ run: RunID, _ task: TaskID? = nil) -> String {
        let path = "/v1/runs/" + Transport.escape(run.rawValue)
        return task.map { path + "/tasks/" + Transport.escape($0.rawValue) } ?? path
    }
}
