import BatonCoordinator
import BatonModel
import Hummingbird

/// Graphs that are run again and again.
struct ScheduleRoutes: Sendable {
    let operations: any Operations

    var routes: [Route] {
        [
            .post("/v1/schedules") { request, _ in try await create(request) },
            .get("/v1/schedules") { request, _ in
                let query = try Query(request, allowing: ["limit", "cursor"])
                let page = try await operations.schedules(limit: try query.limit(default: 50), cursor: query.text("cursor"))
                return Response(json: ResponseText.encode(items: page.items, cursor: page.cursor) { ResponseText.encode($0) })
            },
            .get("/v1/schedules/{name}") { request, context in
                _ = try Query(request, allowing: [])
                return Response(json: ResponseText.encode(try await operations.schedule(context.name)))
            },
            .patch("/v1/schedules/{name}") { request, context in
                _ = try Query(request, allowing: [])
                let form = #"{"paused": true} or {"paused": false}"#
                let change = ScheduleChange(paused: try await request.object(allowing: ["paused"], form: form).flag("paused"))
                guard change != ScheduleChange() else { throw Problem.badRequest("the request changes nothing: send \(form)") }
                return Response(json: ResponseText.encode(try await operations.changeSchedule(context.name, change)))
            },
            .delete("/v1/schedules/{name}") { request, context in
                _ = try Query(request, allowing: [])
                try await operations.removeSchedule(context.name)
                return Response(status: .noContent)
            },
        ]
    }

    private func create(_ request: Request) async throws -> Response {
        _ = try Query(request, allowing: [])
        let format = try DocumentFormat(contentType: request.headers[.contentType], of: "schedules")
        let (limits, checks) = (operations.limits, operations.checks)
        let bytes = try await request.bytes(
            limit: limits.documentBytes, named: "documentBytes", advice: "split the graph, or raise the limit")
        let schedule = try await ReadingQueue.shared.read(bytes: bytes.count) { () throws(Problem) in
            try format.schedule(bytes, limits: limits, checks: checks)
        }
        do {
            let view = try await operations.createSchedule(schedule)
            var response = Response(json: ResponseText.encode(view), status: .created)
            response.headers[.location] = "/v1/schedules/\(view.name)"
            return response
        } catch let error as OperationError where error.code == .invalid {
            throw Problem.invalidSchedule(error.description, error.problems)
        }
    }
}
