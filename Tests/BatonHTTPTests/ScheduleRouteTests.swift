import BatonCoordinator
import BatonModel
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("/v1/schedules", .timeLimit(.minutes(1)))
struct ScheduleRouteTests {
    private let operations = CannedOperations()

    static func document(_ name: String) -> String {
        let tasks = #"[{"id": "a", "handler": "h", "inputs": {"n": 9007199254740993}}]"#
        return #"{"name": "\#(name)", "every": "1h", "graph": {"name": "n", "tasks": \#(tasks)}}"#
    }

    @Test("a schedule is created, shown, paused, resumed and removed")
    func life() async throws {
        try await withRoutes(operations) { client in
            let created = try await client.post("/v1/schedules", Self.document("nightly"), type: "application/json")
            #expect(created.status == .created)
            #expect(created.headers[.location] == "/v1/schedules/nightly")
            #expect(created.text.contains("9007199254740993"))
            #expect(try created.json["status"] == "active")
            #expect(try await client.get("/v1/schedules/nightly").text == created.text)
            let paused = try await client.patch("/v1/schedules/nightly", #"{"paused": true}"#)
            #expect(try paused.json["status"] == "paused")
            let resumed = try await client.patch("/v1/schedules/nightly", #"{"paused": false}"#)
            #expect(try resumed.json["status"] == "active")
            let removed = try await client.delete("/v1/schedules/nightly")
            #expect(removed.status == .noContent)
            #expect(removed.text.isEmpty)
            #expect(try await client.get("/v1/schedules/nightly").problem(.notFound).detail.contains("'nightly'"))
            _ = try await client.patch("/v1/schedules/nightly", #"{"paused": true}"#).problem(.notFound)
            _ = try await client.delete("/v1/schedules/nightly").problem(.notFound)
        }
    }

    @Test("YAML is read by its content type, or by its looks", arguments: ["application/yaml", "text/plain", nil])
    func yaml(type: String?) async throws {
        try await withRoutes(operations) { client in
            let document = "name: nightly\ndaily: {at: 03:00}\npaused: true\ngraph:\n  name: n\n  tasks: [{id: a, handler: h}]\n"
            let created = try await client.post("/v1/schedules", document, type: type)
            #expect(created.status == .created)
            #expect(try created.json["status"] == "paused")
        }
    }

    @Test("lists page by cursor, without documents")
    func list() async throws {
        try await withRoutes(operations) { client in
            for name in ["c", "a", "b"] { _ = try await client.post("/v1/schedules", Self.document(name)) }
            let first = try await client.get("/v1/schedules?limit=2").json
            #expect(first["items"]?.array?.map { $0["name"] } == ["a", "b"])
            #expect(first["items"]?[0]?["document"] == nil)
            let cursor = try #require(first["cursor"]?.string)
            #expect(try await client.get("/v1/schedules?cursor=\(cursor)").json["items"]?.array?.map { $0["name"] } == ["c"])
            #expect(try await client.get("/v1/schedules?name=a").problem(.badRequest).detail.contains("'name'"))
        }
    }

    @Test("a name in use is a conflict")
    func conflict() async throws {
        try await withRoutes(operations) { client in
            _ = try await client.post("/v1/schedules", Self.document("a"))
            #expect(try await client.post("/v1/schedules", Self.document("a")).problem(.conflict).detail.contains("'a'"))
        }
    }

    @Test("every mistake is listed with its place, those of the graph too")
    func mistakes() async throws {
        try await withRoutes(operations) { client in
            let graph = #"{"name": "n", "tasks": [{"id": "a", "handler": "h", "when": "nonsense"}]}"#
            let document = #"{"name": "?", "evry": "1h", "graph": \#(graph)}"#
            let problem = try await client.post("/v1/schedules", document).problem(.unprocessableContent)
            #expect(problem.type == "urn:baton:problem:invalidSchedule")
            #expect(Set(problem.problems?.map(\.path) ?? []) == ["", "name", "evry", "graph.tasks[0].when"])
            let problems = [GraphProblem(path: "graph", message: "no")]
            operations.state.withLock { $0.failure = OperationError(.invalid, "no", problems: problems) }
            let late = try await client.post("/v1/schedules", Self.document("a")).problem(.unprocessableContent)
            #expect(late.type == "urn:baton:problem:invalidSchedule")
            #expect(late.problems?.map(\.path) == ["graph"])
        }
    }

    @Test(
        "what is no document is a bad request",
        arguments: [("{oops", "application/json"), ("", nil), ("a: [", "application/yaml")] as [(String, String?)])
    func notADocument(body: String, type: String?) async throws {
        try await withRoutes(operations) { client in
            let problem = try await client.post("/v1/schedules", body, type: type).problem(.badRequest)
            #expect(problem.type == "urn:baton:problem:notADocument")
            #expect(problem.detail.contains("a schedule as JSON or YAML"))
        }
    }

    @Test("other content types, and bodies over the limit, are refused")
    func refused() async throws {
        var limits = Limits()
        limits.documentBytes = 1000
        try await withRoutes(CannedOperations(limits: limits)) { client in
            _ = try await client.post("/v1/schedules", Self.document("a"), type: "image/png").problem(.unsupportedMediaType)
            let large = String(repeating: " ", count: 1001)
            #expect(try await client.post("/v1/schedules", large).problem(.contentTooLarge).detail.contains("documentBytes"))
        }
    }

    @Test(
        "a change that changes nothing, or isn't known, is refused",
        arguments: [
            ("", "changes nothing"), ("{}", "changes nothing"), (#"{"pause": true}"#, "no field 'pause': it has paused"),
            (#"{"paused": "yes"}"#, "true or false"),
        ])
    func wrongChange(body: String, detail: String) async throws {
        try await withRoutes(operations) { client in
            _ = try await client.post("/v1/schedules", Self.document("a"))
            let response = try await client.patch("/v1/schedules/a", body)
            #expect(try response.problem(.badRequest).detail.contains(detail))
            #expect(operations.calls.isEmpty)
        }
    }

    @Test("pages of other sites can't change or remove one", arguments: [HTTPRequest.Method.patch, .delete])
    func foreignOrigin(method: HTTPRequest.Method) async throws {
        try await withRoutes(operations) { client in
            _ = try await client.post("/v1/schedules", Self.document("a"))
            let origin: HTTPFields = [.origin: "http://evil.example"]
            let response = try await client.execute(uri: "/v1/schedules/a", method: method, headers: origin) { $0 }
            _ = try response.problem(.forbidden)
            #expect(try await client.get("/v1/schedules/a").status == .ok)
        }
    }
}
