import BatonCoordinator
import BatonModel
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Reruns, copies, links, archives and cancels of many over HTTP", .timeLimit(.minutes(1)))
struct ReuseRouteTests {
    private let operations = CannedOperations()

    @Test("a rerun says what to run again")
    func rerun() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            operations.happen(.runFailed, in: "run-1")
            let response = try await client.post("/v1/runs/run-1/rerun")
            #expect(response.status == .ok)
            #expect(try response.json["status"] == "running")
            let graph = #"{"name":"order","input":{"precise":9007199254740993}}"#
            _ = try await client.post("/v1/runs/run-1/rerun", #"{"from": ["charge", "ship"], "graph": \#(graph), "force": true}"#)
            _ = try await client.post("/v1/runs/run-1/rerun", #"{"scope": "all", "from": null}"#)
            #expect(
                operations.calls == [
                    .rerun("run-1", RerunRequest()),
                    .rerun("run-1", RerunRequest(from: ["charge", "ship"], graph: try JSON(parsing: graph), force: true)),
                    .rerun("run-1", RerunRequest(scope: .all)),
                ])
            #expect(try await client.post("/v1/runs/nope/rerun").problem(.notFound).detail.contains("'nope'"))
        }
    }

    @Test("a copy, a link and an archive are new runs, with their place", arguments: ["copy", "link", "archive"])
    func make(how: String) async throws {
        let kind = try #require(Lineage.Kind(rawValue: how))
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let all = try await client.post("/v1/runs/run-1/\(how)")
            #expect(all.status == .created)
            #expect(all.headers[.location] == "/v1/runs/run-2")
            #expect(try all.json["origin"] == "run-1")
            #expect(try all.json["kind"]?.string == how)
            let body = """
                {"tasks": ["charge"], "children": false, "upstream": true, "dependents": true, "name": "again", "key": "k", "owner": "me"}
                """
            let request = ReuseRequest(
                tasks: ["charge"], children: false, upstream: true, dependents: true, name: "again", key: "k", owner: "me")
            #expect(try await client.post("/v1/runs/run-1/\(how)", body, type: "application/json").json["name"] == "again")
            #expect(try await client.post("/v1/runs/run-1/\(how)", body, type: "application/json").status == .ok)
            #expect(operations.calls == [.make(kind, "run-1", ReuseRequest()), .make(kind, "run-1", request), .make(kind, "run-1", request)])
            let link = try await client.post("/v1/runs/run-1/\(how)", #"{"link": ["charge"]}"#).problem(.badRequest)
            #expect(link.detail.contains("'link'"))
        }
    }

    @Test("a mixed run needs tasks to link")
    func mixed() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            for body in ["", "{}", #"{"tasks": ["charge"]}"#] {
                #expect(try await client.post("/v1/runs/run-1/mixed", body).problem(.badRequest).detail.contains("'link' is missing"))
            }
            #expect(try await client.post("/v1/runs/run-1/mixed", #"{"link": ["validate"]}"#).status == .created)
            #expect(operations.calls == [.make(.mixed, "run-1", ReuseRequest(link: ["validate"]))])
        }
    }

    @Test("the key can come in a header, but not against the body's")
    func key() async throws {
        let name = try #require(HTTPFields.Element.Name("Idempotency-Key"))
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            #expect(try await client.post("/v1/runs/run-1/copy", headers: [name: "k"]).json["key"] == "k")
            #expect(try await client.post("/v1/runs/run-1/copy", headers: [name: "k"]).status == .ok)
            _ = try await client.post("/v1/runs/run-1/copy", #"{"key": "other"}"#, headers: [name: "k"]).problem(.badRequest)
        }
    }

    @Test("many are cancelled by name, or by what they have in common")
    func cancel() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let named = try await client.post(
                "/v1/cancel", #"{"runs": ["run-1", "nope"], "tasks": [{"run": "run-1", "task": "ship"}], "reason": "why"}"#)
            #expect(named.status == .ok)
            #expect(try named.json["outcomes"]?.array?.map { $0["outcome"] } == ["cancelling", "cancelled"])
            #expect(try named.json["notFound"]?.int == 1)
            let filter = #"{"correlationId": "c", "name": "n", "owner": "o", "status": "running", "family": "f"}"#
            #expect(try await client.post("/v1/cancel", filter).json["cancelled"]?.int == 0)
            #expect(
                operations.calls == [
                    .cancel(CancelManyRequest(runs: ["run-1", "nope"], tasks: [TaskReference(run: "run-1", task: "ship")], reason: "why")),
                    .cancel(CancelManyRequest(correlationId: "c", name: "n", owner: "o", status: .running, family: "f")),
                ])
        }
    }

    @Test("a cancel that names nothing cancels nothing", arguments: ["", "{}", #"{"reason": "why"}"#, #"{"runs": null, "name": null}"#])
    func cancelNothing(body: String) async throws {
        try await withRoutes(operations) { client in
            let problem = try await client.post("/v1/cancel", body).problem(.badRequest)
            #expect(problem.detail.contains("names nothing"))
            #expect(problem.detail.contains("correlationId"))
            #expect(operations.calls.isEmpty)
        }
    }

    @Test(
        "a wrong body is refused with what is wrong, and nothing is done",
        arguments: [
            ("/v1/runs/run-1/rerun", "{", "not JSON"), ("/v1/runs/run-1/rerun", "[]", "object"),
            ("/v1/runs/run-1/rerun", #"{"scopes": "all"}"#, "no field 'scopes': it has scope, from, graph, force"),
            ("/v1/runs/run-1/rerun", #"{"scope": "some"}"#, "one of all, failed"),
            ("/v1/runs/run-1/rerun", #"{"scope": 7}"#, "'scope' is 7"),
            ("/v1/runs/run-1/rerun", #"{"scope": "all", "scope": "all"}"#, "twice"),
            ("/v1/runs/run-1/rerun", #"{"scope": "all", "from": ["a"]}"#, "one of them"),
            ("/v1/runs/run-1/rerun", #"{"from": []}"#, "'from' is an empty list"),
            ("/v1/runs/run-1/rerun", #"{"from": "a"}"#, "'from' must be a list"),
            ("/v1/runs/run-1/rerun", #"{"from": ["a", 1]}"#, "from[1]"),
            ("/v1/runs/run-1/rerun", #"{"graph": "g"}"#, "'graph' must be an object"),
            ("/v1/runs/run-1/rerun", #"{"force": 1}"#, "'force' must be true or false"),
            ("/v1/runs/run-1/rerun?scope=all", "", "'scope'"), ("/v1/runs/run-1/copy?x=1", "", "'x'"),
            ("/v1/runs/run-1/copy", #"{"task": ["a"]}"#, "no field 'task': it has tasks, children"),
            ("/v1/runs/run-1/copy", #"{"name": ""}"#, "'name' is empty"),
            ("/v1/runs/run-1/copy", #"{"name": {}}"#, "'name' must be a text"), ("/v1/runs/run-1/archive", "7", "object"),
            ("/v1/runs/run-1/link", #"{"children": "no"}"#, "'children'"),
            ("/v1/runs/run-1/mixed", #"{"links": ["a"]}"#, "no field 'links'"),
            ("/v1/cancel", #"{"run": ["a"]}"#, "no field 'run': it has runs, tasks"),
            ("/v1/cancel", #"{"status": "alive"}"#, "one of running, compensating"),
            ("/v1/cancel", #"{"runs": []}"#, "empty list"),
            ("/v1/cancel", #"{"tasks": ["a"]}"#, "tasks[0]"),
            ("/v1/cancel", #"{"correlationId": ""}"#, "'correlationId' is empty"),
            ("/v1/cancel", #"{"tasks": [{"run": "a", "task": "b", "attempt": 1}]}"#, "tasks[0] has no field 'attempt'"),
            ("/v1/cancel", #"{"tasks": [{"run": "a"}]}"#, "tasks[0]"),
            ("/v1/cancel", #"{"runs": ["a"], "reason": 7}"#, "'reason' must be a text"),
            ("/v1/runs/run-1/cancel", #"{"raeson": "x"}"#, "no field 'raeson': it has reason"),
        ])
    func wrongBody(path: String, body: String, detail: String) async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let problem = try await client.post(path, body, type: "application/json").problem(.badRequest)
            #expect(problem.detail.contains(detail), "\(problem.detail)")
            #expect(operations.calls.isEmpty)
        }
    }

    @Test("a body of any size is bounded")
    func tooLarge() async throws {
        try await withRoutes(operations) { client in
            let body = String(repeating: " ", count: (1 << 20) + 1)
            let problem = try await client.post("/v1/cancel", body).problem(.contentTooLarge)
            #expect(problem.detail.contains("requestBytes"))
        }
    }

    @Test(
        "refusals have types that programs decide by",
        arguments: [
            (OperationError.Code.frozen, HTTPResponse.Status.conflict), (.notCompleted, .conflict), (.conflict, .conflict),
            (.denied, .forbidden), (.notFound, .notFound), (.badRequest, .badRequest), (.unavailable, .serviceUnavailable),
        ])
    func refusals(code: OperationError.Code, status: HTTPResponse.Status) async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            operations.state.withLock { $0.failure = OperationError(code, "no, because") }
            for (path, body) in [
                ("runs/run-1/rerun", ""), ("runs/run-1/copy", ""), ("runs/run-1/link", ""), ("runs/run-1/archive", ""),
                ("runs/run-1/mixed", #"{"link": ["charge"]}"#), ("cancel", #"{"runs": ["run-1"]}"#), ("attempts/run-1.0.1/complete", ""),
            ] {
                let problem = try await client.post("/v1/\(path)", body).problem(status)
                #expect(problem.type == "urn:baton:problem:\(code.rawValue)", "\(path)")
                #expect(problem.detail == "no, because")
            }
        }
    }

    @Test("runs are listed by family, origin and schedule")
    func list() async throws {
        try await withRoutes(operations) { client in
            let response = try await client.get("/v1/runs?family=f%201&origin=o&schedule=s")
            #expect(response.status == .ok)
            #expect(operations.calls == [.list(RunFilter(family: "f 1", origin: "o", schedule: "s"))])
        }
    }
}
