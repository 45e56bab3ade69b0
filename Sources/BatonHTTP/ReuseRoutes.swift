import BatonCoordinator
import BatonModel
import Hummingbird

/// Having an ended run go on, and making new runs of it.
struct ReuseRoutes: Sendable {
    private typealias Make = @Sendable (RunID, ReuseRequest) async throws -> RunView

    private static let rerunFields = ["scope", "from", "graph", "force"]
    private static let fields = ["tasks", "children", "upstream", "dependents", "name", "key", "owner"]

    let operations: any Operations

    var routes: [Route] {
        [
            .post("/v1/runs/{run}/rerun") { request, context in
                _ = try Query(request, allowing: [])
                let body = try await request.object(
                    allowing: Self.rerunFields, form: #"{"scope": "all"}, {"scope": "failed"} or {"from": ["…"]}"#,
                    limits: operations.limits)
                return Response(json: try await operations.rerun(context.run, try Self.rerun(body)))
            },
            route("copy") { [operations] in try await operations.copy($0, $1) },
            route("link") { [operations] in try await operations.link($0, $1) },
            route("archive") { [operations] in try await operations.archive($0, $1) },
            route("mixed", isMixed: true) { [operations] in try await operations.mixed($0, $1) },
        ]
    }

    private static func rerun(_ body: RequestObject) throws(Problem) -> RerunRequest {
        let request = RerunRequest(
            scope: try body.choice("scope", RerunRequest.Scope.self), from: try body.identifiers("from", TaskID.self),
            graph: try body.object("graph"), force: try body.flag("force"))
        guard request.scope == nil || request.from == nil else {
            throw .badRequest("'scope' and 'from' can't stand beside each other: give one of them")
        }
        return request
    }

    private func route(_ name: String, isMixed: Bool = false, _ make: @escaping Make) -> Route {
        .post("/v1/runs/{run}/\(name)") { [operations] request, context in
            _ = try Query(request, allowing: [])
            let body = try await request.object(
                allowing: Self.fields + (isMixed ? ["link"] : []),
                form: isMixed ? #"{"link": ["…"]}"# : #"{"tasks": ["…"]}, or no body for all tasks"#, limits: operations.limits)
            let reuse = try Self.reuse(body, key: try request.idempotencyKey(), isMixed: isMixed)
            return Response(created: try await make(context.run, reuse))
        }
    }

    private static func reuse(_ body: RequestObject, key: String?, isMixed: Bool) throws(Problem) -> ReuseRequest {
        var request = ReuseRequest(
            tasks: try body.identifiers("tasks", TaskID.self), children: try body.flag("children"), upstream: try body.flag("upstream"),
            dependents: try body.flag("dependents"), link: try body.identifiers("link", TaskID.self), name: try body.word("name"),
            key: try body.word("key"), owner: try body.word("owner"))
        if isMixed, request.link == nil {
            throw .badRequest("'link' is missing: name the tasks to be linked; the others are copied")
        }
        guard let key else { return request }
        guard request.key == nil || request.key == key else {
            throw .badRequest("the header Idempotency-Key is '\(key)', but the body's key is '\(request.key ?? "")': give one of them")
        }
        request.key = key
        return request
    }
}
