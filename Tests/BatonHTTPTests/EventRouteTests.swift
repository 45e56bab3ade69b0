import BatonClient
import BatonModel
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("GET /v1/runs/{run}/events", .timeLimit(.minutes(1)))
struct EventRouteTests {
    private let operations = CannedOperations()
    private let stream: HTTPFields = [.accept: "text/event-stream"]

    @Test("the history is a list")
    func history() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            for type in [EventType.runSubmitted, .taskQueued, .taskStarted] { operations.happen(type, in: "run-1") }
            let all = try await client.get("/v1/runs/run-1/events").json
            #expect(all["items"]?.array?.map { $0["id"] } == [1, 2, 3])
            let some = try await client.get("/v1/runs/run-1/events?after=1&limit=1").json
            #expect(some["items"]?.array?.map { $0["type"] } == ["task.queued"])
        }
    }

    @Test("the stream has ids, types and data, and ends with the run")
    func stream() async throws {
        try await withRoutes(operations) { [stream] client in
            try await client.submitOrder()
            operations.happen(.runSubmitted, in: "run-1")
            operations.happen(.taskProgress, in: "run-1", task: "charge", data: try JSON(parsing: #"{"n":9007199254740993}"#))
            operations.happen(.runCompleted, in: "run-1")
            let response = try await client.get("/v1/runs/run-1/events", headers: stream)
            #expect(response.headers[.contentType] == "text/event-stream")
            let blocks = response.text.split(separator: "\n\n").dropFirst()
            #expect(blocks.map { $0.split(separator: "\n").first } == ["id: 1", "id: 2", "id: 3"])
            #expect(blocks.dropFirst().first?.contains("event: task.progress\ndata: {") == true)
            #expect(response.text.contains(#""data":{"n":9007199254740993}"#))
        }
    }

    @Test("the stream goes on after Last-Event-ID")
    func resume() async throws {
        let id = try #require(HTTPFields.Element.Name("Last-Event-ID"))
        try await withRoutes(operations) { [stream] client in
            try await client.submitOrder()
            for type in [EventType.runSubmitted, .taskQueued, .runCompleted] { operations.happen(type, in: "run-1") }
            var headers = stream
            headers[id] = "2"
            let rest = try await client.get("/v1/runs/run-1/events?after=1", headers: headers).text
            #expect(!rest.contains("id: 2\n"))
            #expect(rest.contains("id: 3\n"))
            headers[id] = "3"
            #expect(try await client.get("/v1/runs/run-1/events", headers: headers).status == .noContent)
            headers[id] = "x"
            #expect(try await client.get("/v1/runs/run-1/events", headers: headers).problem(.badRequest).detail.contains("Last-Event-ID"))
            _ = try await client.get("/v1/runs/nope/events", headers: stream).problem(.notFound)
        }
    }

    @Test("a stream that goes on before the first event that is kept says which are lost")
    func lost() async throws {
        try await withRoutes(operations) { [stream, operations] client in
            try await client.submitOrder()
            for type in [EventType.runSubmitted, .taskQueued, .taskStarted, .runCompleted] { operations.happen(type, in: "run-1") }
            operations.state.withLock { $0.events["run-1"]?.removeFirst(2) }
            let text = try await client.get("/v1/runs/run-1/events", headers: stream).text
            #expect(text.contains("event: lost\ndata: {\"from\":1,\"through\":2}\n\nid: 3\n"))
            #expect(!(try await client.get("/v1/runs/run-1/events?after=2", headers: stream).text.contains("event: lost")))
        }
    }

    @Test("pieces of any size give the same events")
    func parser() throws {
        let text = Array(": hello\r\nid: 1\r\nevent: x\r\ndata: one\r\n\r\ndata:two\ndata: three\n\nid: 4\n\ndata\n\n".utf8)
        for size in 1...text.count {
            var parser = EventParser()
            var events: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                events += try parser.read(text[start..<min(text.count, start + size)]).map { String(decoding: $0, as: UTF8.self) }
            }
            #expect(events == ["one", "two\nthree", ""])
        }
    }
}
