import BatonClient
import BatonHTTP
import BatonModel
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("K5, K7 looking at runs over HTTP", .timeLimit(.minutes(1)))
struct PictureRouteTests {
    private let operations = CannedOperations()

    @Test(
        "a graph comes in the form that is asked for",
        arguments: [
            ("svg", "image/svg+xml; charset=utf-8", "<svg "), ("dot", "text/vnd.graphviz; charset=utf-8", "digraph "),
            ("mermaid", "text/vnd.mermaid; charset=utf-8", "flowchart LR"), ("json", "application/json", "{"),
        ])
    func formats(format: String, type: String, start: String) async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let named = try await client.get("/v1/runs/run-1/graph?format=\(format)")
            #expect(named.status == .ok && named.headers[.contentType] == type && named.text.hasPrefix(start))
            let plain = try await client.get("/v1/runs/run-1/graph", headers: [.accept: String(type.split(separator: ";")[0])])
            #expect(plain.headers[.contentType] == type && plain.text == named.text)
            #expect(named.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        }
    }

    @Test("without a wish it is JSON, and a wish that nobody can fulfil is refused")
    func wishes() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            for headers: HTTPFields in [[:], [.accept: "*/*"], [.accept: "text/html"]] {
                #expect(try await client.get("/v1/runs/run-1/graph", headers: headers).json["nodes"]?.array?.count == 3)
            }
            #expect(try await client.get("/v1/runs/run-1/graph?format=png").problem(.badRequest).detail.contains("svg"))
            #expect(try await client.get("/v1/runs/run-1/timeline?format=dot").problem(.badRequest).detail.contains("json, svg"))
            #expect(try await client.get("/v1/runs/run-1/graph?depth=1").problem(.badRequest).detail.contains("'depth'"))
            for path in ["graph", "timeline", "why", "tasks/a/why"] {
                _ = try await client.get("/v1/runs/nope/\(path)").problem(.notFound)
            }
            _ = try await client.get("/v1/runs/run-1/tasks/nope/why").problem(.notFound)
        }
    }

    @Test("a picture that would show nothing is refused with what to do; as DOT it comes")
    func tooLarge() async throws {
        let tasks = (0..<2100).map { number in
            TaskSpec(id: TaskID("t\(number)"), handler: "h", dependencies: number == 0 ? [] : [Dependency(TaskID("t\(number - 1)"))])
        }
        _ = try await operations.submit(Graph(name: "long", tasks: tasks))
        try await withRoutes(operations) { client in
            for format in ["svg", "mermaid"] {
                let problem = try await client.get("/v1/runs/run-1/graph?format=\(format)").problem(.unprocessableContent)
                #expect(problem.type == "urn:baton:problem:tooLargeToDraw" && problem.detail.contains("format=json"))
            }
            #expect(try await client.get("/v1/runs/run-1/graph?format=dot").text.contains("n2099"))
        }
    }

    @Test("a timeline, and why, as the client reads them")
    func client() async throws {
        _ = try await operations.submit(Graph(name: "order", tasks: [TaskSpec(id: "a", handler: "h"), TaskSpec(id: "b", handler: "h", dependencies: [Dependency("a")])]))
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let graph = try await client.graph(of: "run-1")
            #expect(graph == (try await operations.graph(of: "run-1")) && graph.edges.map(\.to) == ["b"])
            #expect(try await client.graph(of: "run-1", as: .mermaid).contains("n0 --> n1"))
            #expect(try await client.timeline(of: "run-1") == (try await operations.timeline(of: "run-1")))
            #expect(try await client.timeline(of: "run-1", as: .svg).contains("a, attempt 1: completed"))
            #expect(try await client.why("a", of: "run-1") == (try await operations.why(task: "a", of: "run-1")))
            let run = try await client.why("run-1")
            #expect(run == (try await operations.why(run: "run-1")) && run.reasons == ["noWorker": 2])
            let error = await #expect(throws: ClientError.self) { try await client.why("nope", of: "run-1") }
            #expect(error?.problem?.status == 404)
        }
    }
}
