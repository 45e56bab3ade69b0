import BatonClient
import BatonCoordinator
import BatonHTTP
import BatonModel
import Foundation
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@Suite("Access by tokens over HTTP", .timeLimit(.minutes(1)))
struct AccessRouteTests {
    private let operations = CannedOperations()

    @Test("without credentials only the open paths answer, and the refusal says what to do")
    func closed() async throws {
        try await withTokens { client, _ in
            for path in ["/healthz", "/readyz", "/openapi.json"] { #expect(try await client.get(path).status == .ok) }
            for path in ["/v1/runs", "/v1/workers", "/v1/queues", "/v1/runs/run-1/events", "/v1/nothing", "/metrics", "/healthz/x"] {
                let answer = try await client.get(path)
                let problem = try answer.problem(.unauthorized)
                #expect(problem.type == "urn:baton:problem:unauthenticated")
                #expect(problem.detail.contains("Authorization: Bearer"))
                #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="baton""#)
            }
            _ = try await client.post("/v1/runs", orderDocument, type: "application/json").problem(.unauthorized)
            #expect(operations.state.withLock { $0.runs.isEmpty })
        }
    }

    @Test("what isn't a known token is refused", arguments: ["Bearer baton_unknown", "Bearer", "Basic dXNlcjpwYXNz", "Bearer a b", "Bearer \(String(repeating: "x", count: 20_000))", "Bearer x.y.z"])
    func wrong(_ header: String) async throws {
        try await withTokens { client, _ in
            let answer = try await client.get("/v1/runs", headers: [.authorization: header])
            let problem = try answer.problem(.unauthorized)
            let isInvalid = problem.type.hasSuffix(":invalidToken")
            #expect(answer.headers[.wwwAuthenticate]?.contains(#"error="invalid_token""#) == isInvalid)
            #expect(isInvalid == (header.split(separator: " ").count == 2 && header.hasPrefix("Bearer")))
        }
    }

    @Test("two owners don't see each other's runs, and an administrator sees all")
    func owners() async throws {
        try await withTokens { client, tokens in
            let shop = ["shop", "bank", "root", "eyes", "prometheus"].map { HTTPFields(dictionaryLiteral: (.authorization, "Bearer \(tokens[$0] ?? "")")) }
            let created = try await client.post("/v1/runs", orderDocument, type: "application/json", headers: shop[0])
            #expect(created.status == .created)
            #expect(try created.json["owner"] == "shop")
            #expect(try await client.get("/v1/runs/run-1", headers: shop[0]).status == .ok)
            for path in ["/v1/runs/run-1", "/v1/runs/run-1/tasks", "/v1/runs/run-1/tasks/ship", "/v1/runs/run-1/events"] {
                let problem = try await client.get(path, headers: shop[1]).problem(.forbidden)
                #expect(problem.type == "urn:baton:problem:denied")
                #expect(problem.detail.contains("another owner than 'bank'"))
                #expect(try await client.get(path, headers: shop[2]).status == .ok)
                #expect(try await client.get(path, headers: shop[3]).status == .ok)
                _ = try await client.get(path, headers: shop[4]).problem(.forbidden)
            }
            _ = try await client.post("/v1/runs/run-1/cancel", headers: shop[1]).problem(.forbidden)
            _ = try await client.post("/v1/runs/run-1/cancel", headers: shop[3]).problem(.forbidden)
            #expect(try await client.post("/v1/runs/run-1/cancel", headers: shop[2]).status == .ok)
            #expect(try await client.get("/v1/runs/ghost", headers: shop[1]).problem(.notFound).detail.contains("'ghost'"))
            #expect(try await client.get("/v1/workers", headers: shop[4]).status == .ok)
            #expect(try await client.get("/v1/runs?owner=shop", headers: shop[1]).problem(.forbidden).detail.contains("'shop'"))
            let batch = "[\(orderDocument), {\"name\": \"x\", \"owner\": \"shop\", \"tasks\": [{\"id\": \"a\", \"handler\": \"h\"}]}]"
            let outcomes = try await client.post("/v1/runs/batch", batch, type: "application/json", headers: shop[1]).json["items"]
            #expect(outcomes?[0]?["run"]?["owner"] == "bank")
            #expect(outcomes?[1]?["problem"]?["type"] == "urn:baton:problem:denied")
        }
    }

    @Test("a changed file is in force without a restart, and a spoilt one changes nothing")
    func changes() async throws {
        let start = ContinuousClock.now
        let passed = Mutex(Duration.zero)
        try await withTokens(now: { start + passed.withLock { $0 } }) { client, tokens in
            let headers: HTTPFields = [.authorization: "Bearer \(tokens["shop"] ?? "")"]
            let file = tokens["file"] ?? ""
            #expect(try await client.get("/v1/runs", headers: headers).status == .ok)
            try Data("spoilt\n".utf8).write(to: URL(filePath: file))
            let (token, entry) = try TokenEntry.create(Identity(name: "new", owner: "new", role: .user))
            passed.withLock { $0 += .seconds(1) }
            #expect(try await client.get("/v1/runs", headers: headers).status == .ok)
            try Data((entry.line + "\n").utf8).write(to: URL(filePath: file))
            // It is looked at again only when a second has passed.
            #expect(try await client.get("/v1/runs", headers: headers).status == .ok)
            passed.withLock { $0 += .seconds(1) }
            #expect(try await client.get("/v1/runs", headers: headers).status == .unauthorized)
            #expect(try await client.get("/v1/runs", headers: [.authorization: "Bearer \(token)"]).status == .ok)
        }
    }

    @Test("with access control any address may be listened on; without, loopback only")
    func addresses() throws {
        #expect(throws: ListenAddressError.self) { try HTTPServer(operations: operations, address: "0.0.0.0:0") }
        let (path, _) = try Self.file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = AccessConfiguration()
        configuration.tokensFile = path
        _ = try HTTPServer(operations: operations, access: AccessControl(configuration), address: "0.0.0.0:0")
        #expect(try AccessControl(AccessConfiguration()) == nil)
    }

    @Test(
        "a file that can't be right is refused with the line and the reason",
        arguments: [
            ("a b", "line 1: a line has a name"), ("# x\nname - boss sha256:00", "line 2: 'boss' is not a role"),
            ("name - admin baton_secret", "never the token itself"), ("name - admin sha256:12", "64 hexadecimal digits"),
            ("name - user sha256:\(String(repeating: "ab", count: 32))", "needs an owner"),
            ("name %zz user sha256:\(String(repeating: "ab", count: 32))", "'%zz' is not an owner"),
            ("a - admin sha256:\(String(repeating: "ab", count: 32))\nb - admin sha256:\(String(repeating: "AB", count: 32))", "line 2 has the same token as line 1"),
        ])
    func badFile(content: String, reason: String) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "tokens-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(content.utf8).write(to: URL(filePath: path))
        var configuration = AccessConfiguration()
        configuration.tokensFile = path
        let error = #expect(throws: AccessError.self) { try AccessControl(configuration) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix(path) == true)
        configuration.tokensFile = path + "-missing"
        #expect(throws: AccessError.self) { try AccessControl(configuration) }
    }

    @Test("a token has 256 bits and never stands in the file; an odd owner comes back as it was")
    func creation() throws {
        let identity = Identity(name: "ada", owner: "ada lovelace@example.com", role: .user)
        let (token, entry) = try TokenEntry.create(identity)
        #expect(token.hasPrefix("baton_"))
        #expect(token.utf8.count == 6 + 43)
        #expect(!entry.line.contains(token.dropFirst(6)))
        #expect(entry.line.hasPrefix("ada ada%20lovelace@example%2Ecom user sha256:"))
        #expect(try TokenEntry.create(identity).token != token)
        #expect(throws: AccessError.self) { try TokenEntry.create(Identity(name: "no owner", role: .user)) }
    }

    @Test("the client sends its token, and tells a missing one from a wrong one and from a denial")
    func client() async throws {
        let (path, tokens) = try Self.file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = AccessConfiguration()
        configuration.tokensFile = path
        try await withServer(operations, access: AccessControl(configuration)) { port in
            let server = "http://127.0.0.1:\(port)"
            let shop = BatonClient(server: server, token: tokens["shop"])
            let run = try await shop.submit(OwnedOperationsTests.graph(nil))
            #expect(run.submitted.owner == "shop")
            let none = await #expect(throws: ClientError.self) { try await BatonClient(server: server).run(run.id) }
            #expect(none?.refusal == .unauthenticated)
            #expect(none?.isRetryable == false)
            let wrong = await #expect(throws: ClientError.self) { try await BatonClient(server: server, token: "baton_x").run(run.id) }
            #expect(wrong?.refusal == .invalidToken)
            let bank = BatonClient(server: server, token: tokens["bank"])
            let denied = await #expect(throws: ClientError.self) { try await bank.run(run.id) }
            #expect(denied?.refusal == .denied)
            let events = await #expect(throws: ClientError.self) { for try await _ in bank.events(of: run.id) {} }
            #expect(events?.refusal == .denied)
            #expect(try await BatonClient(server: server).health().ready)
            operations.happen(.runCompleted, in: run.id)
            #expect(try await shop.events(of: run.id).reduce(into: 0) { count, _ in count += 1 } == 1)
        }
    }

    private func withTokens(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        _ body: @escaping @Sendable (any TestClientProtocol, _ tokens: [String: String]) async throws -> Void
    ) async throws {
        let (path, tokens) = try Self.file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = AccessConfiguration()
        configuration.tokensFile = path
        let server = try HTTPServer(operations: operations, access: AccessControl(configuration, now: now))
        try await server.application.test(.router) { client in try await body(client, tokens) }
    }

    /// Of tokens, with the tokens by their names, and the file's own path.
    private static func file() throws -> (String, [String: String]) {
        let path = FileManager.default.temporaryDirectory.appending(path: "tokens-\(UUID().uuidString)").path
        var tokens = ["file": path]
        var text = "# for tests\n\n"
        for identity in [
            Identity(name: "shop", owner: "shop", role: .user), Identity(name: "bank", owner: "bank", role: .user),
            Identity(name: "root", role: .admin), Identity(name: "eyes", role: .viewer), Identity(name: "prometheus", role: .metrics),
        ] {
            let (token, entry) = try TokenEntry.create(identity)
            tokens[identity.name] = token
            text += entry.line + "\n"
        }
        try Data(text.utf8).write(to: URL(filePath: path))
        return (path, tokens)
    }
}
