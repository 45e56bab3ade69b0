import BatonCoordinator
import BatonModel
import Hummingbird

/// Cancelling many runs and tasks in one request.
struct CancelRoutes: Sendable {
    private static let fields = ["runs", "tasks", "correlationId", "name", "owner", "status", "family", "reason"]
    private static let form = #"{"runs": ["…"]}, {"tasks": [{"run": "…", "task": "…"}]}, or {"correlationId": "…"}"#

    let operations: any Operations

    var routes: [Route] {
        [
            .post("/v1/cancel") { request, _ in
                _ = try Query(request, allowing: [])
                let body = try await request.object(allowing: Self.fields, form: Self.form)
                return Response(json: try await operations.cancel(try Self.request(body)))
            }
        ]
    }

    private static func request(_ body: RequestObject) throws(Problem) -> CancelManyRequest {
        var request = CancelManyRequest(
            runs: try body.identifiers("runs", RunID.self), tasks: try body.references("tasks"),
            correlationId: try body.word("correlationId"), name: try body.word("name"), owner: try body.word("owner"),
            status: try body.choice("status", RunStatus.self), family: try body.word("family").map { RunID($0) })
        guard request != CancelManyRequest() else {
            throw .badRequest(
                """
                the request names nothing to cancel: give runs or tasks, or what the runs have in common: correlationId, name, owner, \
                status, family
                """)
        }
        request.reason = try body.text("reason")
        return request
    }
}
