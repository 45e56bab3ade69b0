import BatonCoordinator
import BatonModel
import Hummingbird

/// What Prometheus reads.
struct MetricsRoutes: Sendable {
    let operations: any Operations

    var routes: [Route] {
        [
            .get("/metrics") { _, _ in
                let text = MetricsText(try await operations.metrics()).text
                return Response(
                    status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
            }
        ]
    }
}
