import AsyncHTTPClient
import BatonModel

/// `core.http`: sends a request, and returns the answer's status, headers and body.
///
/// Statuses 429 and from 500 fail the attempt and may be retried; others from 400 fail the task. A body that is an object or
/// array is sent as JSON, a string as it is. The answer's body is JSON where its content type says so, else text.
struct HTTPRequest: TaskHandler {
    struct Input: Decodable, Sendable {
        var url: String
        var method: String?
        var headers: [String: String]?
        var body: JSON?
        var timeoutSeconds: Double?
    }

    static let name: HandlerName = "core.http"
    private static let defaultTimeout = 60.0
    private static let longestTimeout = 86_400.0

    func run(_ input: Input, _ context: TaskContext) async throws -> JSON {
        let seconds = input.timeoutSeconds ?? Self.defaultTimeout
        guard seconds > 0, seconds <= Self.longestTimeout else {
            throw Self.invalid("timeoutSeconds: \(seconds) is not in 0...\(Int(Self.longestTimeout))")
        }
        guard input.url.hasPrefix("http://") || input.url.hasPrefix("https://") else {
            throw Self.invalid("url: '\(input.url)' does not begin with http:// or https://")
        }
        var request = HTTPClientRequest(url: input.url)
        let body = input.body.flatMap { $0.isNull ? nil : $0 }
        request.method = .init(rawValue: (input.method ?? (body == nil ? "GET" : "POST")).uppercased())
        for (name, value) in (input.headers ?? [:]).sorted(by: { $0.key < $1.key }) { request.headers.add(name: name, value: value) }
        if let body {
            if let text = body.value.string {
                request.body = .bytes(Array(text.utf8))
            } else {
                if !request.headers.contains(name: "content-type") {
                    request.headers.add(name: "content-type", value: "application/json")
                }
                request.body = .bytes(body.bytes)
            }
        }
        return try await send(request, url: input.url, seconds: seconds)
    }

    /// Its own, because the common one tries a connection that is refused until the time is up. Lives as long as the program.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private func send(_ request: HTTPClientRequest, url: String, seconds: Double) async throws -> JSON {
        do {
            let response = try await Self.client.execute(request, timeout: .milliseconds(Int64(seconds * 1000)))
            let buffer = try await response.body.collect(upTo: AttemptOutcome.maximumPayload)
            let bytes = Array(buffer.readableBytesView)
            let status = Int(response.status.code)
            if status >= 400 { throw Self.failure(status, url: url, retryAfter: response.headers.first(name: "retry-after"), bytes) }
            let isJSON = response.headers.first(name: "content-type")?.lowercased().contains("json") ?? false
            return Self.result(status, response.headers.map { ($0.name.lowercased(), $0.value) }, bytes, isJSON: isJSON)
        } catch let error as HTTPClientError where error == .invalidURL || error == .emptyScheme || error == .emptyHost {
            throw Self.invalid("url: \(error)")
        }
    }

    static func failure(_ status: Int, url: String, retryAfter: String?, _ body: [UInt8]) -> TaskError {
        let isRetryable = status == 429 || status >= 500
        let text = String(decoding: body.prefix(1000), as: UTF8.self)
        return TaskError(
            type: "http\(status)", message: "\(url) answered \(status)\(text.isEmpty ? "" : ": \(text)")", retryable: isRetryable,
            retryAfterMs: isRetryable ? retryAfter.flatMap { Int64($0) }.map { max(0, min($0, 86_400)) * 1000 } : nil)
    }

    /// Of a header that comes several times, the values are joined as RFC 9110 has it.
    static func result(_ status: Int, _ headers: [(String, String)], _ body: [UInt8], isJSON: Bool) -> JSON {
        let joined = Dictionary(headers, uniquingKeysWith: { "\($0), \($1)" })
        var writer = JSONWriter(reserving: body.count + 256)
        writer.object { writer in
            writer.field("status", status)
            writer.name("headers")
            writer.write(JSONValue.object(joined.mapValues(JSONValue.string)))
            if isJSON, let json = try? JSON(parsing: body) {
                writer.field("body", json)
            } else {
                writer.field("body", String(decoding: body, as: UTF8.self))
            }
        }
        return writer.json
    }

    private static func invalid(_ message: String) -> TaskError {
        TaskError(type: TaskError.Kind.invalidInputs, message: message, retryable: false)
    }
}
