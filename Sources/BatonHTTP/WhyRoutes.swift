import BatonCoordinator
import BatonModel
import Hummingbird

/// What runs and tasks wait for.
struct WhyRoutes: Sendable {
    let operations: any Operations

    var routes: [Route] {
        [
            .get("/v1/runs/{run}/why") { request, context in
                _ = try Query(request, allowing: [])
                return Response(json: try await operations.why(run: context.run))
            },
            .get("/v1/runs/{run}/tasks/{task}/why") { request, context in
                _ = try Query(request, allowing: [])
                return Response(json: try await operations.why(task: context.task, of: context.run))
            },
        ]
    }
}
