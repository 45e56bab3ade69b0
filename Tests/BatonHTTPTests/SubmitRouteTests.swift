import BatonCoordinator
import BatonModel
import Foundation
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@Suite("POST /v1/runs", .timeLimit(.minutes(1)))
struct SubmitRouteTests {
    private let operations = CannedOperations()

    @Test("a new run is created and located")
    func created() async throws {
        try await withRoutes(operations) { client in
            let response = try await client.post("/v1/runs", orderDocument, type: "application/json; charset=utf-8")
            #expect(response.status == .created)
            #expect(response.headers[.location] == "/v1/runs/run-1")
            let run = try response.json
            #expect(run["id"] == "run-1")
            #expect(run["status"] == "running")
            #expect(run["createdAt"]?.string?.hasSuffix("Z") == true)
            #expect(run["finishedAt"] == nil)
        }
    }

    @Test(
        "YAML is read by its content type, or by its looks",
        arguments: ["application/yaml", "text/yaml", "application/x-yaml", "text/plain", nil])
    func yaml(type: String?) async throws {
        try await withRoutes(operations) { client in
            let response = try await client.post("/v1/runs", "name: order\ntasks:\n  - {id: a, handler: core.echo}\n", type: type)
            #expect(response.status == .created)
        }
    }

    @Test("a known key gives the run made then")
    func existing() async throws {
        try await withRoutes(operations) { client in
            let document = #"{"name": "n", "key": "k", "tasks": [{"id": "a", "handler": "core.echo"}]}"#
            _ = try await client.post("/v1/runs", document, type: "application/json")
            let again = try await client.post("/v1/runs", document, type: "application/json")
            #expect(again.status == .ok)
            #expect(try again.json["existing"] == true)
            #expect(try again.json["id"] == "run-1")

            let other = #"{"name": "other", "key": "k", "tasks": [{"id": "a", "handler": "core.echo"}]}"#
            let conflict = try await client.post("/v1/runs", other, type: "application/json").problem(.conflict)
            #expect(conflict.detail.contains("'k'"))
        }
    }

    @Test("the key can come in a header, but not against the document's")
    func header() async throws {
        let name = try #require(HTTPFields.Element.Name("Idempotency-Key"))
        try await withRoutes(operations) { client in
            let first = try await client.post("/v1/runs", orderDocument, headers: [name: "k"])
            #expect(try first.json["key"] == "k")
            let document = #"{"name": "n", "key": "k", "tasks": [{"id": "a", "handler": "core.echo"}]}"#
            _ = try await client.post("/v1/runs", document, headers: [name: "other"]).problem(.badRequest)
        }
    }

    @Test(
        "what is no document is a bad request",
        arguments: [("{oops", "application/json"), ("", "application/json"), ("a: [", "application/yaml"), ("{oops", nil), (" ", nil)]
            as [(String, String?)])
    func notADocument(body: String, type: String?) async throws {
        try await withRoutes(operations) { client in
            let problem = try await client.post("/v1/runs", body, type: type).problem(.badRequest)
            #expect(problem.detail.contains("JSON or YAML"))
        }
    }

    @Test(
        "a graph with mistakes is refused with their places",
        arguments: [
            (#"{"name": "n", "tasks": [{"id": "a", "handler": "h", "dependencies": ["b"]}, {"id": "b", "handler": "h", "dependencies": ["a"]}]}"#,
             "tasks[0].dependencies", "circle"),
            (#"{"name": "n", "tasks": [{"id": "a", "handler": "h", "dependencies": ["z"]}]}"#, "tasks[0].dependencies[0]", "'z'"),
            (#"{"name": "n", "tasks": [{"id": "a", "handler": "h", "priority": 7}]}"#, "tasks[0].priority", "7"),
            (#""text""#, "", "object"),
        ])
    func invalid(document: String, path: String, message: String) async throws {
        try await withRoutes(operations) { client in
            let problem = try await client.post("/v1/runs", document, type: "application/json").problem(.unprocessableContent)
            let only = try #require(problem.problems?.first)
            #expect(only.path == path)
            #expect(only.message.contains(message))
        }
        #expect(operations.state.withLock { $0.runs.isEmpty })
    }

    @Test("every mistake is listed")
    func severalMistakes() async throws {
        try await withRoutes(operations) { client in
            let document = #"{"name": "n", "tasks": [{"id": "a", "handler": "h", "priority": 7, "queue": "?!"}, {"handler": "h"}]}"#
            let problem = try await client.post("/v1/runs", document).problem(.unprocessableContent)
            #expect(problem.problems?.count == 3)
        }
    }

    @Test("a body over the limit is refused by the limit's name")
    func tooLarge() async throws {
        var limits = Limits()
        limits.documentBytes = 1000
        try await withRoutes(CannedOperations(limits: limits)) { client in
            let problem = try await client.post("/v1/runs", String(repeating: " ", count: 1001)).problem(.contentTooLarge)
            #expect(problem.detail.contains("documentBytes of 1000"))
        }
    }

    @Test("expressions are held against what the coordinator knows")
    func expressions() async throws {
        try await withRoutes(operations) { client in
            let document = #"{"name": "n", "tasks": [{"id": "a", "handler": "h", "when": "nonsense"}]}"#
            let problem = try await client.post("/v1/runs", document).problem(.unprocessableContent)
            #expect(problem.problems?.map(\.path) == ["tasks[0].when"])
        }
    }

    @Test("while documents are being read, other requests are answered")
    func slowDocuments() async throws {
        let readers = ProcessInfo.processInfo.activeProcessorCount
        let (entered, source) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        let operations = CannedOperations(expression: { _ in
            source.yield()
            gate.wait()
            return nil
        })
        try await withRoutes(operations) { client in
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                let document = #"{"name": "n", "tasks": [{"id": "a", "handler": "h", "when": "slow"}]}"#
                for _ in 0..<readers { group.addTask { try await client.post("/v1/runs", document).status } }
                var waiting = entered.makeAsyncIterator()
                for _ in 0..<readers { await waiting.next() }
                let health = try await client.get("/healthz")
                #expect(health.status == .ok)
                #expect(gate.open(), "the request was answered only after the readers had given up")
                for try await status in group { #expect(status == .created) }
            }
        }
    }

    @Test("other content types are refused", arguments: ["image/png", "text/html", "multipart/form-data; boundary=x"])
    func contentType(type: String) async throws {
        try await withRoutes(operations) { client in
            let problem = try await client.post("/v1/runs", orderDocument, type: type).problem(.unsupportedMediaType)
            #expect(problem.detail.contains("application/json"))
        }
    }

    @Test("documents made to exhaust the reader are refused", arguments: ["application/json", "application/yaml"])
    func deep(type: String) async throws {
        try await withRoutes(operations) { client in
            let document = #"{"name": "n", "input": "# + String(repeating: "[", count: 100_000)
            let response = try await client.post("/v1/runs", document, type: type)
            #expect(response.status == .badRequest || response.status == .unprocessableContent)
        }
    }

    @Test("pages of other sites can't submit")
    func foreignOrigin() async throws {
        try await withRoutes(operations) { client in
            let foreign = try await client.post("/v1/runs", orderDocument, headers: [.origin: "http://evil.example"])
            _ = try foreign.problem(.forbidden)
            let own = try await client.post("/v1/runs", orderDocument, headers: [.origin: "http://localhost"])
            #expect(own.status == .created)
        }
    }

    @Test("what the coordinator can't do now is told so; what nobody expected is a problem too")
    func failures() async throws {
        operations.state.withLock { $0.failure = OperationError(.unavailable, "the store is full: free some space, then try again") }
        try await withRoutes(operations) { client in
            let response = try await client.post("/v1/runs", orderDocument)
            #expect(try response.problem(.serviceUnavailable).detail.contains("the store is full"))
            #expect(response.headers[.retryAfter] == "1")
        }
        operations.state.withLock { $0.failure = StartFailure() }
        try await withRoutes(operations) { client in
            let problem = try await client.post("/v1/runs", orderDocument).problem(.internalServerError)
            #expect(!problem.detail.contains("StartFailure"))
        }
    }
}

/// Holds threads up, for a while at most.
private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let gaveUp = Mutex(false)

    func wait() {
        if semaphore.wait(timeout: .now() + 10) == .timedOut { return gaveUp.withLock { $0 = true } }
        semaphore.signal()
    }

    /// - Returns: whether everybody was still waiting.
    func open() -> Bool {
        semaphore.signal()
        return gaveUp.withLock { !$0 }
    }
}
