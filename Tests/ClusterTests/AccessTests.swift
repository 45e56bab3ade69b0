import AMQP
import BatonModel
import Foundation
import Testing

extension ClusterTests {
    @Suite struct AccessTests {
        @Test("Two owners and an administrator: by HTTP and by the command line, nobody reaches what is another's (A9, K8)", .timeLimit(.minutes(2)))
        func owners() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "baton-tokens-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appending(path: "tokens").path
            let shop = try await Self.token(["--owner", "shop", "--role", "user"], file)
            let bank = try await Self.token(["--owner", "bank", "--role", "user"], file)
            let root = try await Self.token(["--role", "admin"], file)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            for token in [shop, bank, root] { #expect(!text.contains(token)) }

            var options = Cluster.Options(workers: 1)
            options.coordinator = ["--tokens", file]
            options.token = root
            try await withCluster(options) { cluster in
                let open = ServerAPI(base: cluster.api.base)
                #expect(try await open.ask("GET", "/v1/runs").status == 401)
                #expect(try await open.ask("GET", "/healthz").status == 200)
                let (own, other) = (ServerAPI(base: cluster.api.base, token: shop), ServerAPI(base: cluster.api.base, token: bank))
                let run = try await own.submit(graph("order", [step("one"), step("two", after: ["one"])]))
                #expect(run.owner == "shop")
                #expect(try await own.end(of: run.id).status == .completed)
                for (method, path) in [("GET", ""), ("GET", "/tasks"), ("GET", "/tasks/one"), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/rerun"), ("POST", "/copy"), ("POST", "/link"), ("POST", "/archive")] {
                    let answer = try await other.ask(method, "/v1/runs/\(run.id)\(path)")
                    #expect(answer.status == 403, "\(method) \(path)")
                    #expect(try answer.decode(Problem.self).type == "urn:baton:problem:denied")
                }
                #expect(try await other.runs().isEmpty)
                #expect(try await own.runs().count == 1)
                #expect(try await cluster.api.run(run.id).owner == "shop")
                #expect(try await own.ask("POST", "/v1/runs/\(run.id)/link").decode(RunView.self).owner == "shop")
                #expect(try await own.ask("POST", "/v1/runs", body: JSON(graph("x", [step("a")], ["owner": "bank"])).bytes).status == 403)

                func cli(_ token: String?, _ words: String...) async throws -> (status: Int32, output: String) {
                    let program = try cluster.program(
                        "cli", [try Repository.baton()] + words + ["--server", cluster.api.base],
                        environment: token.map { ["BATON_TOKEN": $0] } ?? [:])
                    let before = program.output.count
                    _ = before
                    return (try await program.exit(), String(program.output.split(separator: "--- ").last ?? ""))
                }
                let none = try await cli(nil, "get", run.id.rawValue)
                #expect(none.status == 2)
                #expect(none.output.contains("--token or BATON_TOKEN"))
                #expect(try await cli("baton_wrong", "list").status == 2)
                let denied = try await cli(bank, "get", run.id.rawValue)
                #expect(denied.status == 1)
                #expect(denied.output.contains("belongs to another owner than 'bank'"))
                #expect(try await cli(shop, "get", run.id.rawValue).status == 0)
                #expect(try await cli(root, "cancel", run.id.rawValue).status == 0)

                // A token that is taken off the list is of no use a second later.
                let lines = text.split(separator: "\n").filter { !$0.contains("shop") }
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
                try await eventually("the end of the token") { try await own.ask("GET", "/v1/runs").status == 401 ? () : nil }
                #expect(try await other.ask("GET", "/v1/runs").status == 200)
            }
        }

        @Test("A remote address needs access control", .timeLimit(.minutes(1)))
        func remoteAddress() async throws {
            let log = FileManager.default.temporaryDirectory.appending(path: "baton-remote-\(UUID().uuidString).log").path
            defer { try? FileManager.default.removeItem(atPath: log) }
            let program = try Program("remote", [try Repository.baton(), "coordinator", "--http", "0.0.0.0:0", "--database", "/nonexistent/x"], log: log)
            #expect(try await program.exit() == 2)
            #expect(program.output.contains("--tokens FILE"))
        }

        /// Makes a token by the command line.
        static func token(_ words: [String], _ file: String) async throws -> String {
            let log = file + ".log"
            defer { try? FileManager.default.removeItem(atPath: log) }
            let program = try Program("token", [try Repository.baton(), "token", "create", "--file", file] + words, log: log)
            guard try await program.exit() == 0 else { throw Failure("no token: \(program.output)") }
            let token = program.output.split(separator: "\n").first { $0.hasPrefix("baton_") }
            return String(try #require(token))
        }
    }
}
