import BatonCoordinator
import BatonModel
import Hummingbird

/// Submitting, listing and cancelling runs.
struct RunRoutes: Sendable {
    let operations: any Operations

    var routes: [Route] {
        [
            .post("/v1/runs") { request, _ in try await submit(request) },
            .get("/v1/runs") { request, _ in try await list(request) },
            .get("/v1/runs/{run}") { request, context in
                _ = try Query(request, allowing: [])
                return Response(json: try await operations.run(context.run))
            },
            .post("/v1/runs/{run}/cancel") { request, context in
                let reason = try await request.cancelReason()
                return Response(json: try await operations.cancel(run: context.run, reason: reason))
            },
        ]
    }

    private func submit(_ request: Request) async throws -> Response {
        let format = try DocumentFormat(contentType: request.headers[.contentType])
        let limits = operations.limits
        let bytes = try await request.bytes(
            limit: limits.documentBytes, named: "documentBytes", advice: "split the graph, or raise the limit")
        let checks = operations.checks
        var graph = try await ReadingQueue.shared.read(bytes: bytes.count) { () throws(Problem) in
            try format.graph(bytes, limits: limits, checks: checks)
        }
        if let key = try request.idempotencyKey() { try graph.take(key: key) }
        graph.trace = request.trace
        return Response(created: try await operations.submit(graph))
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try Query(request, allowing: ["name", "status", "owner", "correlationId", "family", "origin", "schedule", "limit", "cursor"])
        let filter = RunFilter(
            name: query.text("name"), status: try query.choice("status", RunStatus.self), owner: query.text("owner"),
            correlationID: query.text("correlationId"), family: query.text("family").map { RunID($0) },
            origin: query.text("origin").map { RunID($0) }, schedule: query.text("schedule"))
        let page = try await operations.runs(filter, limit: try query.limit(default: 50), cursor: query.text("cursor"))
        return Response(json: page)
    }
}

extension Graph {
    /// Takes the key of a header, where the document names none, or the same.
    fileprivate mutating func take(key: String) throws(Problem) {
        guard self.key == nil || self.key == key else {
            throw .badRequest("the header Idempotency-Key is '\(key)', but the document's key is '\(self.key ?? "")': give one of them")
        }
        self.key = key
    }
}

extension Response {
    /// A run that was made, or that had been made under the same key.
    init(created run: RunView) {
        self.init(json: run, status: run.existing == true ? .ok : .created)
        headers[.location] = "/v1/runs/\(run.id)"
    }
}
