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
        var graph = try format.read(bytes, limits: limits)
        if let key = request.headers[.idempotencyKey] { try graph.take(key: key) }
        let run = try await operations.submit(graph)
        var response = Response(json: run, status: run.existing == true ? .ok : .created)
        response.headers[.location] = "/v1/runs/\(run.id)"
        return response
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try Query(request, allowing: ["name", "status", "owner", "correlationId", "limit", "cursor"])
        let filter = RunFilter(
            name: query.text("name"), status: try query.choice("status", RunStatus.self), owner: query.text("owner"),
            correlationID: query.text("correlationId"))
        let page = try await operations.runs(filter, limit: try query.limit(default: 50), cursor: query.text("cursor"))
        return Response(json: page)
    }
}

extension Graph {
    /// Takes the key of an `Idempotency-Key` header, where the document names none, or the same.
    fileprivate mutating func take(key: String) throws(Problem) {
        guard !key.isEmpty, key.utf8.count <= 255 else {
            throw .badRequest("the header Idempotency-Key must have 1 to 255 bytes")
        }
        guard self.key == nil || self.key == key else {
            throw .badRequest("the header Idempotency-Key is '\(key)', but the document's key is '\(self.key ?? "")': give one of them")
        }
        self.key = key
    }
}

extension HTTPFields.Element.Name {
    fileprivate static let idempotencyKey = HTTPFields.Element.Name("Idempotency-Key")!
}
