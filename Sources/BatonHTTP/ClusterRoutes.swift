import BatonCoordinator
import BatonModel
import Hummingbird

/// Workers, queues, and whether the service is well.
struct ClusterRoutes: Sendable {
    let operations: any Operations

    var routes: [Route] {
        [
            .get("/v1/workers") { request, _ in
                _ = try Query(request, allowing: [])
                return Response(json: Page(items: try await operations.workers()))
            },
            .get("/v1/queues") { request, _ in
                _ = try Query(request, allowing: [])
                return Response(json: Page(items: try await operations.queues()))
            },
            .post("/v1/queues/{queue}/pause") { request, context in
                _ = try await request.object(allowing: [], form: "no body")
                return Response(json: try await operations.pause(queue: try context.queue()))
            },
            .post("/v1/queues/{queue}/resume") { request, context in
                _ = try await request.object(allowing: [], form: "no body")
                return Response(json: try await operations.resume(queue: try context.queue()))
            },
            .get("/openapi.json") { _, _ in Response(json: APIDescription.bytes) },
            .get("/healthz") { _, _ in Response(json: ["status": "ok"]) },
            .get("/readyz") { _, _ in
                let health = await operations.health()
                return Response(json: health, status: health.ready ? .ok : .serviceUnavailable)
            },
        ]
    }
}
