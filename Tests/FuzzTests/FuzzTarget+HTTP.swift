import BatonFuzzing
import BatonHTTP
import BatonModel
import Hummingbird
import HummingbirdTesting
import Logging

extension FuzzTarget {
    /// A request as HTTP/1.1 writes it, which is answered by the real routes without a socket: `POST /v1/runs?limit=1`, lines of
    /// headers, an empty line, the body.
    static let http = FuzzTarget(
        "http", "requests: paths, queries, headers, bodies", tokens: httpTokens + Tokens.json,
        check: .later { bytes in
            guard let request = RequestText(bytes) else { return }
            let response = try await RouteClient.shared.ask(request)
            let status = Int(response.status.code)
            // What the operations themselves answer.
            try expect(status < 500 || status == 503, "\(request.method) \(request.uri) is answered by \(status): \(String(buffer: response.body))")
            guard status >= 400, request.method != .head else { return }
            try expect(response.headers[.contentType] == "application/problem+json", "a refusal by \(status) is no problem document")
            let problem = try succeeds("a problem document is not JSON") { try JSON(parsing: String(buffer: response.body)) }.value
            try expectEqual(problem["status"]?.int, status, "a problem document of another status")
            try expect(problem["detail"]?.string?.isEmpty == false, "a refusal without a reason")
        })
}

extension FuzzTarget {
    private static let httpTokens =
        [
            "GET ", "POST ", "PATCH ", "DELETE ", "HEAD ", "/v1/runs", "/v1/runs/batch", "/v1/runs/r/tasks", "/v1/runs/r/tasks/t/why", "/v1/runs/r/events",
            "/v1/runs/r/graph", "/v1/runs/r/cancel", "/v1/runs/r/rerun", "/v1/runs/r/copy", "/v1/runs/r/mixed", "/v1/runs/r/signals/s", "/v1/cancel",
            "/v1/attempts/r.0.1/complete", "/v1/attempts/r.0.1/fail", "/v1/schedules", "/v1/queues/q/pause", "/v1/workers", "/v1/handlers", "/metrics",
            "?limit=", "&cursor=", "?status=running", "?after=", "?tree=true", "?format=svg", "?slowest=", "?attempt=", "=", "&", "%20", "%", "+", "%C3", "//",
            "/..", "Content-Type: application/json", "Content-Type: application/yaml", "Content-Type: text/plain", "Last-Event-ID: ", "Accept: text/event-stream",
            "Idempotency-Key: ", "traceparent: ", "Origin: http://x", "\"reason\":", "\"runs\":", "\"tasks\":", "\"run\":", "\"task\":", "\"scope\":", "\"from\":",
            "\"force\":", "\"link\":", "\"children\":", "\"paused\":", "\"message\":", "\"retryAfterMs\":",
        ]
}

/// What of the bytes can be a request at all: servers refuse the rest before anything of ours sees it.
struct RequestText {
    let method: HTTPRequest.Method
    let uri: String
    private(set) var headers = HTTPFields()
    let body: [UInt8]

    init?(_ bytes: [UInt8]) {
        let (head, body) = halves(of: bytes)
        guard let text = String(validating: head, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let method = HTTPRequest.Method(String(words[0])), words[1].first == "/",
            words[1].utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return nil }
        self.method = method
        uri = String(words[1])
        self.body = body
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let name = HTTPFields.Element.Name(String(parts[0])), name != HTTPFields.Element.Name.contentLength else { continue }
            headers.append(HTTPFields.Element(name: name, value: String(parts[1].drop { $0 == " " })))
        }
    }
}

/// Asks the routes of one server, whose operations know nothing and do nothing.
actor RouteClient {
    static let shared = RouteClient()
    private var client: (any TestClientProtocol)?

    func ask(_ request: RequestText) async throws -> TestResponse {
        let client = try await made()
        return try await client.execute(
            uri: request.uri, method: request.method, headers: request.headers, body: request.body.isEmpty ? nil : ByteBuffer(bytes: request.body)
        ) { $0 }
    }

    /// Without services of its own, a server that is asked without a socket has nothing that ends with the scope.
    private func made() async throws -> any TestClientProtocol {
        if let client { return client }
        var logger = Logger(label: "baton.fuzz")
        logger.logLevel = .critical
        let server = try HTTPServer(operations: NoOperations(limits: FuzzTarget.limits), logger: logger)
        let made = try await server.application.test(.router) { client in client }
        client = made
        return made
    }
}
