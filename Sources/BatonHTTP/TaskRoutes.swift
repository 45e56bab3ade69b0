import BatonCoordinator
import BatonModel
import Hummingbird

/// Showing and cancelling the tasks of a run.
struct TaskRoutes: Sendable {
    /// A tree is one answer, not a page.
    static let largestTree = 10_000

    let operations: any Operations

    var routes: [Route] {
        [
            .get("/v1/runs/{run}/tasks") { request, context in try await list(request, of: context.run) },
            .get("/v1/runs/{run}/tasks/{task}") { request, context in
                _ = try Query(request, allowing: [])
                return Response(json: ResponseText.encode(try await operations.task(context.task, of: context.run)))
            },
            .post("/v1/runs/{run}/tasks/{task}/cancel") { request, context in
                let reason = try await request.cancelReason()
                return Response(json: try await operations.cancel(task: context.task, of: context.run, reason: reason))
            },
        ]
    }

    private func list(_ request: Request, of run: RunID) async throws -> Response {
        let query = try Query(request, allowing: ["status", "limit", "cursor", "tree"])
        let status = try query.choice("status", TaskStatus.self)
        let limit = try query.limit(default: 200)
        if try query.flag("tree") { return Response(json: try await tree(of: run, status: status)) }
        let page = try await operations.tasks(of: run, status: status, limit: limit, cursor: query.text("cursor"))
        return Response(json: ResponseText.encode(items: page.items, cursor: page.cursor) { ResponseText.encode($0) })
    }

    private func tree(of run: RunID, status: TaskStatus?) async throws -> [UInt8] {
        var tasks: [TaskView] = []
        var cursor: String?
        repeat {
            let page = try await operations.tasks(of: run, status: status, limit: 1000, cursor: cursor)
            tasks += page.items
            cursor = page.cursor
            guard tasks.count <= Self.largestTree, tasks.count < Self.largestTree || cursor == nil else {
                throw Problem.badRequest(
                    "the run has more than \(Self.largestTree) tasks, too many for a tree: leave tree out, and page by limit and cursor")
            }
        } while cursor != nil
        return TaskTree(tasks).text
    }
}

extension TaskTree {
    /// `[{…, "children": […]}]`; tasks without children have an empty list.
    fileprivate var text: [UInt8] {
        var text = [UInt8(ascii: "[")]
        walk { task, _, _ in
            if text.last == UInt8(ascii: "}") { text.append(UInt8(ascii: ",")) }
            text += ResponseText.encode(task)
            text.removeLast()
            text += Array(#","children":["#.utf8)
        } leave: { _ in
            text += Array("]}".utf8)
        }
        text.append(UInt8(ascii: "]"))
        return text
    }
}
