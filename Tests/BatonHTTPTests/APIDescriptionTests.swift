import BatonModel
import Hummingbird
import Testing

@testable import BatonHTTP

@Suite("The API's description", .timeLimit(.minutes(1)))
struct APIDescriptionTests {
    private func routes() throws -> Set<String> {
        let server = try HTTPServer(operations: CannedOperations())
        return Set(server.signatures.map { "\($0.method.rawValue) \($0.path)" })
    }

    @Test("it describes each route, and nothing else")
    func complete() throws {
        let described = Set(APIDescription.operations.map { "\($0.method.rawValue) \($0.path)" })
        let routes = try routes()
        #expect(described.subtracting(routes).sorted() == [])
        #expect(routes.subtracting(described).sorted() == [])
        #expect(APIDescription.operations.count == described.count)
    }

    @Test("operations have ids of their own, and what is referred to is there")
    func references() {
        let ids = APIDescription.operations.map(\.id)
        #expect(Set(ids).count == ids.count)
        let text = String(decoding: APIDescription.bytes, as: UTF8.self)
        for reference in text.matches(of: /"#\/components\/schemas\/([A-Za-z]+)"/) {
            #expect(APIDescription.schemas[String(reference.1)] != nil, "\(reference.1)")
        }
        let tags = Set(APIDescription.tags.map(\.name))
        for case .object(let item) in (APIDescription.document["paths"]?.object ?? [:]).values {
            for operation in item.values { #expect(tags.contains(operation["tags"]?[0]?.string ?? "")) }
        }
    }

    @Test("what the views show has a place in their schemas")
    func fields() throws {
        let now = Timestamp(milliseconds: 0)
        var run = RunView(id: "r", name: "n", status: .completed, correlationId: "c", createdAt: now, counts: [:], total: 1, progress: 1)
        run.traceparent = "t"
        let handler = HandlerView(name: "h", statistics: HandlerStatistics(), workers: 1)
        let queue = QueueView(name: "q", levels: [], workers: 0, slots: 0)
        try check("Run", run)
        try check("Handler", handler)
        try check("Queue", queue)
        try check("Event", EventView(id: 1, run: "r", at: now, type: .runCompleted, task: "t", attempt: 1, data: .null))
        try check("LogLine", LogLine(at: now, message: "m", data: .emptyObject, attempt: 1))
        try check("Why", WhyView(run: "r", task: "t", status: .queued, reason: .queued, text: "t"))
    }

    private func check(_ schema: String, _ value: some Encodable) throws {
        let fields = try #require(try JSON(encoding: value).value.object)
        let described = try #require(APIDescription.schemas[schema]?.schema)
        let known = try #require(described["properties"]?.object)
        #expect(Set(fields.keys).subtracting(known.keys) == [], "\(schema)")
        let required = (described["required"]?.array ?? []).compactMap(\.string)
        #expect(Set(required).subtracting(fields.keys) == [], "\(schema)")
    }
}
