import BatonHTTP
import BatonModel
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

/// Asks the routes without a socket.
func withRoutes(
    _ operations: CannedOperations, _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
) async throws {
    let server = try HTTPServer(operations: operations)
    try await server.application.test(.router) { client in try await body(client) }
}

/// Runs a server on a loopback socket while the body runs.
func withServer<Result>(
    _ operations: CannedOperations, access: AccessControl? = nil, port: Int = 0, keepAlive: Duration = .seconds(15), _ body: (_ port: Int) async throws -> Result
) async throws -> Result {
    let (ports, source) = AsyncStream.makeStream(of: Int.self)
    let server = try HTTPServer(operations: operations, access: access, address: "127.0.0.1:\(port)", keepAlive: keepAlive) { port in
        source.yield(port)
    }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { source.finish() }
            try await server.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await group.waitForAll()
            throw StartFailure()
        }
        defer { group.cancelAll() }
        return try await body(port)
    }
}

struct StartFailure: Error {}

extension TestClientProtocol {
    func get(_ uri: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await execute(uri: uri, method: .get, headers: headers) { $0 }
    }

    func post(_ uri: String, _ body: String? = nil, type: String? = nil, headers: HTTPFields = [:]) async throws -> TestResponse {
        var headers = headers
        if let type { headers[.contentType] = type }
        return try await execute(uri: uri, method: .post, headers: headers, body: body.map { ByteBuffer(string: $0) }) { $0 }
    }

    func patch(_ uri: String, _ body: String) async throws -> TestResponse {
        try await execute(uri: uri, method: .patch, body: ByteBuffer(string: body)) { $0 }
    }

    func delete(_ uri: String) async throws -> TestResponse {
        try await execute(uri: uri, method: .delete) { $0 }
    }

    /// Submits an order of three tasks, which becomes `run-1`.
    func submitOrder() async throws {
        let response = try await post("/v1/runs", orderDocument, type: "application/json")
        #expect(response.status == .created)
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
    var json: JSONValue { get throws { try JSON(parsing: text).value } }

    /// The problem document of a refusal, having checked that it is one.
    func problem(_ status: HTTPResponse.Status) throws -> Problem {
        #expect(self.status == status)
        #expect(headers[.contentType] == "application/problem+json")
        let problem = try JSONDecoder().decode(Problem.self, from: Data(text.utf8))
        #expect(problem.status == status.code)
        #expect(problem.type.hasPrefix("urn:baton:problem:"))
        return problem
    }
}

let orderDocument = """
    {"name": "order", "tasks": [
      {"id": "validate", "handler": "orders.validate", "inputs": {"order": 9007199254740993}},
      {"id": "charge", "handler": "payments.charge", "parent": "validate", "dependencies": ["validate"]},
      {"id": "ship", "handler": "shipping.ship", "parent": "charge", "dependencies": ["charge"]}
    ]}
    """
