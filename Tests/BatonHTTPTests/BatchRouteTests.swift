import BatonCoordinator
import BatonModel
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("POST /v1/runs/batch", .timeLimit(.minutes(1)))
struct BatchRouteTests {
    private let operations = CannedOperations()

    private static func document(_ name: String, _ more: String = "") -> String {
        #"{"name": "\#(name)", \#(more)"tasks": [{"id": "a", "handler": "core.echo"}]}"#
    }

    @Test("each document has its own outcome, in its place, and a wrong one doesn't stop the others")
    func outcomes() async throws {
        try await withRoutes(operations) { client in
            let documents = [
                Self.document("one"), #"{"name": "two"}"#, Self.document("three", #""key": "k", "#), "7",
                #"{"name": "five", "tasks": [{"id": "a", "handler": "h", "when": "nonsense"}]}"#, Self.document("six"),
            ]
            let response = try await client.post("/v1/runs/batch", "[\(documents.joined(separator: ", "))]", type: "application/json")
            #expect(response.status == .ok)
            let items = try #require(try response.json["items"]?.array)
            #expect(items.map { $0["run"]?["name"]?.string } == ["one", nil, "three", nil, nil, "six"])
            #expect(items.map { $0["problem"]?["status"]?.int } == [nil, 422, nil, 422, 422, nil])
            #expect(items[1]["problem"]?["type"] == "urn:baton:problem:invalidGraph")
            #expect(items[1]["problem"]?["problems"]?[0]?["path"] == "tasks")
            #expect(items[4]["problem"]?["problems"]?[0]?["path"] == "tasks[0].when")
            #expect(operations.state.withLock { $0.runs.count } == 3)
        }
    }

    @Test("a key that is known, or in use, is an outcome too")
    func keys() async throws {
        try await withRoutes(operations) { client in
            _ = try await client.post("/v1/runs", Self.document("one", #""key": "k", "#))
            let batch = "[\(Self.document("one", #""key": "k", "#)), \(Self.document("other", #""key": "k", "#))]"
            let items = try await client.post("/v1/runs/batch", batch).json["items"]
            #expect(items?[0]?["run"]?["existing"] == true)
            #expect(items?[1]?["problem"]?["type"] == "urn:baton:problem:conflict")
        }
    }

    @Test("many documents keep their order")
    func order() async throws {
        try await withRoutes(operations) { client in
            let batch = "[\((0..<1000).map { Self.document("n\($0)") }.joined(separator: ","))]"
            let items = try await client.post("/v1/runs/batch", batch).json["items"]?.array
            #expect(items?.map { $0["run"]?["name"]?.string } == (0..<1000).map { "n\($0)" })
            #expect(try await client.post("/v1/runs/batch", "[]").json["items"] == [])
        }
    }

    @Test("what the coordinator can't do, and what nobody expected, are each document's own problem")
    func failures() async throws {
        let batch = "[\(Self.document("one"))]"
        operations.state.withLock { $0.failure = OperationError(.unavailable, "the store is full") }
        try await withRoutes(operations) { client in
            let response = try await client.post("/v1/runs/batch", batch)
            #expect(response.status == .ok)
            #expect(try response.json["items"]?[0]?["problem"]?["status"]?.int == 503)
        }
        operations.state.withLock { $0.failure = StartFailure() }
        try await withRoutes(operations) { client in
            let response = try await client.post("/v1/runs/batch", batch)
            #expect(try response.json["items"]?[0]?["problem"]?["status"]?.int == 500)
            #expect(!response.text.contains("StartFailure"))
        }
    }

    @Test(
        "what is no list of documents is a bad request",
        arguments: ["", " ", "{", #"{"name": "n"}"#, "[1, 2", "[{]", "[] []", "null", String(repeating: "[", count: 100_000)])
    func notAList(body: String) async throws {
        try await withRoutes(operations) { client in
            let problem = try await client.post("/v1/runs/batch", body, type: "application/json").problem(.badRequest)
            #expect(problem.detail.contains("JSON list of graph documents"))
        }
    }

    @Test("limits are refused by name")
    func limits() async throws {
        try await withRoutes(operations) { client in
            let many = "[\(Array(repeating: "{}", count: 1001).joined(separator: ","))]"
            let problem = try await client.post("/v1/runs/batch", many).problem(.contentTooLarge)
            #expect(problem.detail.contains("1001 documents"))
            #expect(problem.detail.contains("batchDocuments of 1000"))
        }
        var limits = Limits()
        limits.documentBytes = 1000
        try await withRoutes(CannedOperations(limits: limits)) { client in
            let batch = "[\(String(repeating: " ", count: 1000))]"
            let problem = try await client.post("/v1/runs/batch", batch).problem(.contentTooLarge)
            #expect(problem.detail.contains("documentBytes of 1000"))
        }
    }

    @Test("YAML and keys for all are refused with what to do instead")
    func advice() async throws {
        let name = try #require(HTTPFields.Element.Name("Idempotency-Key"))
        try await withRoutes(operations) { client in
            let yaml = try await client.post("/v1/runs/batch", "- name: n", type: "application/yaml").problem(.badRequest)
            #expect(yaml.detail.contains("application/json"))
            let key = try await client.post("/v1/runs/batch", "[]", headers: [name: "k"]).problem(.badRequest)
            #expect(key.detail.contains("each document its own key"))
            let get = try await client.execute(uri: "/v1/runs/batch", method: .get) { $0 }
            _ = try get.problem(.methodNotAllowed)
            #expect(get.headers[.allow] == "POST")
        }
    }
}
