import BatonModel
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Runs, tasks and the cluster over HTTP", .timeLimit(.minutes(1)))
struct RunRouteTests {
    private let operations = CannedOperations()

    @Test("lists page by cursor and filter")
    func list() async throws {
        try await withRoutes(operations) { client in
            for _ in 1...3 { try await client.submitOrder() }
            let first = try await client.get("/v1/runs?limit=2&name=order&status=running").json
            #expect(first["items"]?.array?.count == 2)
            let cursor = try #require(first["cursor"]?.string)
            let second = try await client.get("/v1/runs?limit=2&cursor=\(cursor)").json
            #expect(second["items"]?[0]?["id"] == "run-1")
            #expect(second["cursor"] == nil)
            let none = try await client.get("/v1/runs?name=other").json
            #expect(none["items"] == [])
        }
    }

    @Test(
        "a query that can't be is refused by the parameter's name",
        arguments: [
            ("/v1/runs?limit=abc", "'limit'", "1 to 1000"), ("/v1/runs?limit=0", "'limit'", "1 to 1000"),
            ("/v1/runs?limit=1001", "'limit'", "1 to 1000"), ("/v1/runs?limit=99999999999999999999", "'limit'", "1 to 1000"),
            ("/v1/runs?status=foo", "'status'", "compensating"), ("/v1/runs?stauts=failed", "'stauts'", "status"),
            ("/v1/runs?cursor=bad", "'bad'", "cursor"), ("/v1/runs?limit=1&limit=2", "'limit'", "once"),
            ("/v1/runs/run-1/tasks?status=nope", "'status'", "skipped"), ("/v1/runs/run-1/tasks?tree=perhaps", "'tree'", "true or false"),
            ("/v1/runs/run-1/events?after=-1", "'after'", "from 0"), ("/v1/runs/run-1?x=%zz", "'x'", "none"),
        ])
    func badQuery(uri: String, parameter: String, advice: String) async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let problem = try await client.get(uri).problem(.badRequest)
            #expect(problem.detail.contains(parameter))
            #expect(problem.detail.contains(advice))
        }
    }

    @Test("what isn't there is said by name")
    func notFound() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            #expect(try await client.get("/v1/runs/nope").problem(.notFound).detail.contains("'nope'"))
            #expect(try await client.get("/v1/runs/run-1/tasks/nope").problem(.notFound).detail.contains("'nope'"))
            #expect(try await client.get("/v1/runs/nope/events").problem(.notFound).detail.contains("'nope'"))
            #expect(try await client.get("/v1/runs/nope/tasks?tree=true").problem(.notFound).detail.contains("'nope'"))
            #expect(try await client.post("/v1/runs/nope/cancel").problem(.notFound).detail.contains("'nope'"))
            let route = try await client.get("/v1/nothing/here").problem(.notFound)
            #expect(route.detail.contains("GET /v1/nothing/here"))
        }
    }

    @Test("a wrong method is told the right ones")
    func wrongMethod() async throws {
        try await withRoutes(operations) { client in
            let list = try await client.execute(uri: "/v1/runs", method: .delete) { $0 }
            #expect(try list.problem(.methodNotAllowed).detail.contains("DELETE"))
            #expect(list.headers[.allow] == "POST, GET, HEAD")
            let cancel = try await client.get("/v1/runs/run-1/cancel")
            _ = try cancel.problem(.methodNotAllowed)
            #expect(cancel.headers[.allow] == "POST")
        }
    }

    @Test(
        "odd paths are no surprise",
        arguments: ["/", "//", "/v1", "/v1/runs//tasks//x/y", "/v1/runs/%ff%fe", "/v1/runs/%zz", "/v1/runs/..%2f..", "/%00"])
    func oddPaths(path: String) async throws {
        try await withRoutes(operations) { client in
            _ = try await client.get(path).problem(.notFound)
        }
    }

    @Test("payloads come back as they were sent")
    func payloads() async throws {
        try await withRoutes(operations) { client in
            let inputs = #"{"big":123456789012345678901234567890,"huge":1e999,"precise":9007199254740993,"slash":"a/b","tenth":0.1}"#
            let document = #"{"name": "n", "tasks": [{"id": "a", "handler": "h", "inputs": \#(inputs)}]}"#
            _ = try await client.post("/v1/runs", document)
            operations.complete("a", of: "run-1", result: .null)
            let text = try await client.get("/v1/runs/run-1/tasks/a").text
            #expect(text.contains(#""inputs":\#(inputs)"#))
            #expect(text.contains(#""result":null"#))
            #expect(try JSON(parsing: text).value["status"] == "completed")
        }
    }

    @Test("tasks are listed, filtered and nested")
    func tasks() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            operations.complete("validate", of: "run-1", result: .emptyObject)
            let page = try await client.get("/v1/runs/run-1/tasks?limit=2").json
            #expect(page["items"]?.array?.count == 2)
            #expect(page["cursor"] == "2")
            let completed = try await client.get("/v1/runs/run-1/tasks?status=completed").json
            #expect(completed["items"]?.array?.count == 1)
            let tree = try await client.get("/v1/runs/run-1/tasks?tree=true").json
            #expect(tree.array?.count == 1)
            #expect(tree[0]?["id"] == "validate")
            #expect(tree[0]?["children"]?[0]?["id"] == "charge")
            #expect(tree[0]?["children"]?[0]?["children"]?[0]?["children"] == [])
        }
    }

    @Test("a tree of thousands of levels, and parents in a circle, are still answered")
    func oddTrees() async throws {
        try await withRoutes(operations) { client in
            let chain = (0..<5000).map { #"{"id": "t\#($0)", "handler": "h"\#($0 == 0 ? "" : #", "parent": "t\#($0 - 1)""#)}"# }
            _ = try await client.post("/v1/runs", #"{"name": "n", "tasks": [\#(chain.joined(separator: ","))]}"#)
            let deep = try await client.get("/v1/runs/run-1/tasks?tree=true")
            #expect(deep.status == .ok)
            #expect(try deep.json.array?.count == 1)
            #expect(deep.text.components(separatedBy: #""id":"#).count == 5001)

            let circle = #"{"name": "n", "tasks": [{"id": "a", "handler": "h", "parent": "b"}, {"id": "b", "handler": "h", "parent": "a"}]}"#
            _ = try await client.post("/v1/runs", circle)
            let tree = try await client.get("/v1/runs/run-2/tasks?tree=true").json
            #expect(tree[0]?["id"] == "a")
            #expect(tree[0]?["children"]?[0]?["id"] == "b")
        }
    }

    @Test("cancelling takes a reason, or none")
    func cancel() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let run = try await client.post("/v1/runs/run-1/cancel", #"{"reason": "changed my mind"}"#).json
            #expect(run["outcome"] == "cancelling")
            #expect(run["status"] == "changed my mind")
            #expect(try await client.post("/v1/runs/run-1/tasks/charge/cancel").json["outcome"] == "cancelled")
            operations.complete("charge", of: "run-1", result: .null)
            let late = try await client.post("/v1/runs/run-1/tasks/charge/cancel")
            #expect(late.status == .ok)
            #expect(try late.json["outcome"] == "alreadyEnded")
            for body in ["{", "[]", #"{"reason": 7}"#] {
                _ = try await client.post("/v1/runs/run-1/cancel", body).problem(.badRequest)
            }
            _ = try await client.post("/v1/runs/run-1/cancel", String(repeating: "x", count: 20_000)).problem(.contentTooLarge)
        }
    }

    @Test("workers, queues and health")
    func cluster() async throws {
        try await withRoutes(operations) { client in
            #expect(try await client.get("/v1/workers").json["items"]?[0]?["id"] == "worker-1")
            #expect(try await client.get("/v1/queues").json["items"]?[0]?["levels"]?[0]?["waiting"] == 2)
            #expect(try await client.get("/healthz").status == .ok)
            #expect(try await client.get("/readyz").status == .ok)
            operations.state.withLock { $0.health = HealthView(store: "ok", broker: "can't connect", ready: false) }
            let unready = try await client.get("/readyz")
            #expect(unready.status == .serviceUnavailable)
            #expect(try unready.json["broker"] == "can't connect")
            #expect(try await client.get("/healthz").status == .ok)
            let head = try await client.execute(uri: "/healthz", method: .head) { $0 }
            #expect(head.status == .ok)
        }
    }
}
