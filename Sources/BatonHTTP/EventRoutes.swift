import BatonCoordinator
import BatonModel
import Hummingbird

/// What happened in a run: as a list, or as it happens.
struct EventRoutes: Sendable {
    let operations: any Operations
    let keepAlive: Duration

    var routes: [Route] {
        [.get("/v1/runs/{run}/events") { request, context in try await events(request, of: context.run) }]
    }

    private func events(_ request: Request, of run: RunID) async throws -> Response {
        let query = try Query(request, allowing: ["after", "limit"])
        let after = try query.integer("after", in: 0...Int.max, default: 0)
        let limit = try query.limit(default: 50)
        guard request.headers[values: .accept].contains(where: { $0.lowercased().contains("text/event-stream") }) else {
            let items = try await operations.events(of: run, after: after, limit: limit)
            return Response(json: ResponseText.encode(items: items) { ResponseText.encode($0) })
        }
        return try await stream(request, of: run, after: try lastEventID(request) ?? after)
    }

    private func lastEventID(_ request: Request) throws(Problem) -> Int? {
        guard let text = request.headers[.lastEventID], !text.isEmpty else { return nil }
        guard let id = Int(text), id >= 0 else {
            throw .badRequest("the header Last-Event-ID is '\(text)', but must be the id of an event, or be left out")
        }
        return id
    }

    private func stream(_ request: Request, of run: RunID, after: Int) async throws -> Response {
        if try await operations.run(run).status.isFinal, try await operations.events(of: run, after: after, limit: 1).isEmpty {
            // Tells a client that reconnects by itself that there is nothing left to come back for.
            return Response(status: .noContent)
        }
        let stream = EventStream(operations: operations, run: run, keepAlive: keepAlive)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
            body: ResponseBody { writer in
                try await request.body.consumeWithCancellationOnInboundClose { body in
                    // Nobody reads it. Hummingbird doesn't end it where the stream ends before the request has, and an unended one
                    // that nobody has let go of would take the process down.
                    _ = body.makeAsyncIterator()
                    try await stream.write(after: after, to: &writer)
                }
                try await writer.finish(nil)
            })
    }
}

extension HTTPFields.Element.Name {
    fileprivate static let lastEventID = HTTPFields.Element.Name("Last-Event-ID")!
}
