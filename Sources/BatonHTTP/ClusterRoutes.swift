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
            .get("/healthz") { _, _ in Response(json: ["status": "ok"]) },
            .get("/readyz") { _, _ in
                let health = await operations.health()
                return Response(json: health, status: health.ready ? .ok : .serviceUnavailable)
            },
        ]
    }
}
