import BatonCoordinator
import BatonModel
import Hummingbird

/// Signals to runs: of a graph, the task of the signal's name gets the payload as the answer that it waits for.
struct SignalRoutes: Sendable {
    let operations: any Operations

    var routes: [Route] {
        [
            .post("/v1/runs/{run}/signals/{name}") { request, context in
                _ = try Query(request, allowing: [])
                let bytes = try await request.bytes(
                    limit: operations.limits.payloadBytes, named: "payloadBytes",
                    advice: "store the payload elsewhere and send where it is, or raise the limit")
                return Response(json: try await operations.signal(context.name, of: context.run, payload: try payload(bytes)))
            }
        ]
    }

    /// No body is null.
    private func payload(_ bytes: [UInt8]) throws(Problem) -> JSON {
        guard bytes.contains(where: { $0 > 0x20 }) else { return .null }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw .badRequest("the payload is not JSON: \(error). Send the bare payload as JSON, or no body for none")
        }
    }
}
