import AsyncHTTPClient
import BatonModel
import Foundation

/// Requests and answers: what knows of HTTP in the client.
struct Transport: Sendable {
    enum Method: String { case get = "GET", post = "POST", patch = "PATCH", delete = "DELETE" }

    /// Lives as long as the process, like `HTTPClient.shared`, and so is never shut down. That one can't be used: it repeats
    /// refused connections for a minute and a half, and has room for eight streams of events.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(90))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()
    /// Of one answer, which the coordinator keeps to pages.
    private static let largestAnswer = 512 << 20

    let server: String
    let token: String?

    /// - Parameter accepting: statuses besides 2xx whose body is an answer.
    func call<Answer: Decodable>(
        _ method: Method, _ path: String, query: [(String, String?)] = [], headers: [(String, String)] = [], body: [UInt8]? = nil,
        accepting: Set<Int> = []
    ) async throws -> Answer {
        try await call(method, path, query: query, headers: headers, body: body, accepting: accepting) { text in
            try JSONDecoder().decode(Answer.self, from: Data(text))
        }
    }

    func call<Answer>(
        _ method: Method, _ path: String, query: [(String, String?)] = [], headers: [(String, String)] = [], body: [UInt8]? = nil,
        accepting: Set<Int> = [], reading read: ([UInt8]) throws -> Answer
    ) async throws -> Answer {
        let response = try await open(method, path, query: query, headers: headers, body: body)
        let text = try await collect(response)
        let status = Int(response.status.code)
        guard (200..<300).contains(status) || accepting.contains(status) else { throw refusal(status, text) }
        do {
            return try read(text)
        } catch {
            throw ClientError(
                .unreadable, "what answers at \(server) is not a Baton coordinator of this version (status \(status)): check the address")
        }
    }

    /// The answer's head, with the body still to be read.
    func open(
        _ method: Method, _ path: String, query: [(String, String?)] = [], headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> HTTPClientResponse {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escape($0))" } }
        var request = HTTPClientRequest(url: server + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
        request.method = .init(rawValue: method.rawValue)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(WholeBody(bytes: body), length: .known(Int64(body.count))) }
        do {
            return try await Self.http.execute(request, deadline: .distantFuture)
        } catch {
            throw failure(error)
        }
    }

    func collect(_ response: HTTPClientResponse) async throws -> [UInt8] {
        do {
            return Array(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
        } catch {
            throw failure(error)
        }
    }

    func refusal(_ status: Int, _ bytes: [UInt8]) -> ClientError {
        guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(bytes)) else {
            return ClientError(
                .unreadable, "what answers at \(server) gave the status \(status), but not as a Baton coordinator would: check the address")
        }
        return ClientError(.refused(status: status, problem), problem.detail)
    }

    /// What the HTTP client threw, in our terms; cancellation stays what it is.
    func failure(_ error: any Error) -> any Error {
        if Task.isCancelled || error is CancellationError { return CancellationError() }
        if let error = error as? HTTPClientError,
            [.invalidURL, .emptyHost, .emptyScheme].contains(error) || error.shortDescription.contains("scheme")
        {
            return ClientError(.invalidServer, "'\(server)' is not the address of a coordinator: give one such as http://127.0.0.1:7070")
        }
        return ClientError(.unreachable, "can't reach the coordinator at \(server): \(error)")
    }

    static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }

    private static let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

/// Goes out in one piece. A larger array would in several, of which AsyncHTTPClient keeps the rest for ever where a refusal comes first.
private struct WholeBody: Sequence, Sendable {
    let bytes: [UInt8]

    func makeIterator() -> [UInt8].Iterator { bytes.makeIterator() }

    func withContiguousStorageIfAvailable<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result? {
        try bytes.withContiguousStorageIfAvailable(body)
    }
}
