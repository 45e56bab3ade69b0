import BatonCoordinator
import BatonModel
import Hummingbird

/// How handlers do, and what attempts have logged.
struct HandlerRoutes: Sendable {
    private static let mostSlow = 100

    let operations: any Operations

    var routes: [Route] {
        [
            .get("/v1/handlers") { request, _ in
                let query = try Query(request, allowing: ["slowest"])
                let slowest = try query.integer("slowest", in: 0...Self.mostSlow, default: 5)
                return Response(json: try await operations.handlers(slowest: slowest))
            },
            .get("/v1/runs/{run}/tasks/{task}/logs") { request, context in
                let query = try Query(request, allowing: ["attempt", "limit", "cursor"])
                let attempt = try query.integer("attempt", in: 0...Int(Int32.max), default: 0)
                let page = try await operations.logs(
                    of: context.task, in: context.run, attempt: attempt == 0 ? nil : attempt, limit: try query.limit(default: 200),
                    cursor: query.text("cursor"))
                return Response(json: ResponseText.encode(items: page.items, cursor: page.cursor) { $0.json.bytes })
            },
        ]
    }
}
