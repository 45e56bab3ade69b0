import BatonCoordinator
import BatonModel
import Hummingbird

/// Answering tasks that wait for somebody outside.
struct AttemptRoutes: Sendable {
    private static let failFields = ["type", "message", "retryable", "retryAfterMs", "details"]

    let operations: any Operations

    var routes: [Route] {
        [
            route("complete") { request throws in .complete(try await result(in: request)) },
            route("fail") { request throws in .fail(try await failure(in: request)) },
            route("heartbeat") { request throws in
                _ = try await request.object(allowing: [], form: "no body")
                return .heartbeat
            },
        ]
    }

    private func route(_ name: String, _ answer: @escaping @Sendable (Request) async throws -> Answer) -> Route {
        .post("/v1/attempts/{token}/\(name)") { [operations] request, context in
            _ = try Query(request, allowing: [])
            let token = try context.token()
            return Response(json: try await operations.answer(token, try await answer(request)))
        }
    }

    /// The bare result; no body is null.
    private func result(in request: Request) async throws -> JSON {
        let bytes = try await body(of: request, "store the result elsewhere and give where it is, or raise the limit")
        guard bytes.contains(where: { $0 > 0x20 }) else { return .null }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw Problem.badRequest("the result is not JSON: \(error). Send the bare result as JSON, or no body for none")
        }
    }

    private func failure(in request: Request) async throws -> TaskError {
        let bytes = try await body(of: request, "send less details, or raise the limit")
        let form = #"{"type": "…", "message": "…"}"#
        let body = try RequestObject(bytes, allowing: Self.failFields, form: form)
        guard let message = try body.word("message") else {
            throw Problem.badRequest("'message' is missing: say why the task fails, as in \(form)")
        }
        return TaskError(
            type: try body.word("type") ?? "failed", message: message, retryable: try body.flag("retryable"),
            retryAfterMs: try body.count("retryAfterMs"), details: body.json("details"))
    }

    private func body(of request: Request, _ advice: String) async throws -> [UInt8] {
        try await request.bytes(limit: operations.limits.payloadBytes, named: "payloadBytes", advice: advice)
    }
}
