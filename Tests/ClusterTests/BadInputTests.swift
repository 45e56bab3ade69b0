import BatonModel
import Foundation
import Testing

extension ClusterTests {
    @Suite struct BadInputTests {
        struct Document: Sendable, CustomTestStringConvertible {
            var name: String
            var text: String
            var status: Int
            /// All have to be in the answer.
            var words: [String]
            /// Where the document is said to be wrong.
            var path: String?

            var testDescription: String { name }
        }

        static let documents = [
            Document(name: "not JSON", text: #"{"name": "#, status: 400, words: ["not JSON"]),
            Document(name: "not a document", text: "[1, 2]", status: 422, words: []),
            Document(name: "no tasks", text: #"{"name": "x", "tasks": []}"#, status: 422, words: ["empty"], path: "tasks"),
            Document(
                name: "a cycle",
                text: #"{"name": "x", "tasks": [{"id": "a", "handler": "core.noop", "dependencies": ["b"]}, {"id": "b", "handler": "core.noop", "dependencies": ["a"]}]}"#,
                status: 422, words: ["circle", "a", "b"], path: "tasks[0].dependencies"),
            Document(
                name: "an unknown dependency",
                text: #"{"name": "x", "tasks": [{"id": "a", "handler": "core.noop", "dependencies": ["ghost"]}]}"#,
                status: 422, words: ["ghost"], path: "tasks[0].dependencies[0]"),
            Document(
                name: "priority 7", text: #"{"name": "x", "tasks": [{"id": "a", "handler": "core.noop", "priority": 7}]}"#,
                status: 422, words: ["7", "priority"], path: "tasks[0].priority"),
            Document(
                name: "the same id twice",
                text: #"{"name": "x", "tasks": [{"id": "a", "handler": "core.noop"}, {"id": "a", "handler": "core.noop"}]}"#,
                status: 422, words: ["tasks[0]"], path: "tasks[1].id"),
        ]

        @Test("Bad documents are refused over HTTP and by the command line, each with its reason, and leave nothing behind (B4, A1)", .timeLimit(.minutes(2)))
        func documents() async throws {
            try await withCluster(workers: 0) { cluster in
                for document in Self.documents {
                    let answer = try await cluster.api.ask("POST", "/v1/runs", body: Array(document.text.utf8))
                    #expect(answer.status == document.status, "\(document.name): \(answer.text)")
                    #expect(answer.contentType.hasPrefix("application/problem+json"), "\(document.name)")
                    let problem = try answer.decode(Problem.self)
                    #expect(problem.status == document.status)
                    for word in document.words { #expect(answer.text.contains(word), "\(document.name): \(answer.text)") }
                    if let path = document.path {
                        #expect(problem.problems?.contains { $0.path.hasPrefix(path) } == true, "\(document.name): \(answer.text)")
                    }
                    let file = cluster.directory + "/document.json"
                    try document.text.write(toFile: file, atomically: true, encoding: .utf8)
                    let command = try await cluster.baton("run", file, "--server", cluster.api.base)
                    #expect(command.status == 2, "\(document.name): \(command.output)")
                    for word in document.words { #expect(command.output.contains(word), "\(document.name): \(command.output)") }
                }
                try await leavesNothing(cluster)
            }
        }

        @Test("A body of 100 MiB is refused by the name of the limit, over HTTP and by the command line", .timeLimit(.minutes(2)))
        func huge() async throws {
            try await withCluster(workers: 0) { cluster in
                let body = Array(#"{"name": "x", "input": ""#.utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 100 << 20) + Array(#""}"#.utf8)
                let answer = try await cluster.api.ask("POST", "/v1/runs", body: body)
                #expect(answer.status == 413)
                #expect(answer.contentType.hasPrefix("application/problem+json"))
                #expect(answer.text.contains("documentBytes"))
                let file = cluster.directory + "/huge.json"
                try Data(body).write(to: URL(filePath: file))
                let command = try await cluster.baton("run", file, "--server", cluster.api.base)
                #expect(command.status == 2, "\(command.output)")
                #expect(command.output.contains("documentBytes"), "\(command.output)")
                try await leavesNothing(cluster)
            }
        }

        @Test("Unknown routes, methods, runs and parameters get a problem document each", .timeLimit(.minutes(1)))
        func routes() async throws {
            try await withCluster(workers: 0) { cluster in
                for (method, path, status) in [
                    ("GET", "/", 404), ("GET", "/v1/nothing", 404), ("POST", "/v2/runs", 404), ("DELETE", "/v1/runs", 405),
                    ("GET", "/v1/runs/nothing", 404), ("GET", "/v1/runs/nothing/tasks", 404), ("GET", "/v1/runs/nothing/events", 404),
                    ("GET", "/v1/runs?status=odd", 400), ("GET", "/v1/runs?limit=0", 400),
                ] {
                    let answer = try await cluster.api.ask(method, path)
                    #expect(answer.status == status, "\(method) \(path)")
                    #expect(answer.contentType.hasPrefix("application/problem+json"), "\(method) \(path)")
                    #expect(try answer.decode(Problem.self).detail.isEmpty == false, "\(method) \(path)")
                }
                try await leavesNothing(cluster)
            }
        }

        @Test("The command line says so when the file or the service isn't there", .timeLimit(.minutes(1)))
        func commandLine() async throws {
            try await withCluster(workers: 0) { cluster in
                let file = try await cluster.baton("run", cluster.directory + "/nothing.json", "--server", cluster.api.base)
                #expect(file.status == 2)
                #expect(file.output.contains("nothing.json"))
                let usage = try await cluster.baton("run")
                #expect(usage.status == 2)
                let service = try await cluster.baton("run", Repository.path("Examples/order.yaml"), "--server", "http://127.0.0.1:1")
                #expect(service.status == 3, "\(service.output)")
                #expect(service.output.contains("127.0.0.1:1"))
                try await leavesNothing(cluster)
            }
        }

        @Test("What can't be read from the broker is parked with the reason, and the coordinator lives on", .timeLimit(.minutes(1)))
        func garbage() async throws {
            try await withCluster { cluster in
                try await cluster.withPeer { peer in
                    let good = AttemptID(run: "nothing", task: 0, number: 1).description
                    let messages: [(message: BrokerPeer.Message, isReport: Bool)] = [
                        (.init(type: "graph", body: [0xff, 0xfe, 0x00]), false),
                        (.init(type: "graph", body: Array(#"{"name": "x", "tasks": []}"#.utf8)), false),
                        (.init(type: "riddle", body: Array("{}".utf8)), false),
                        (.init(type: "graph", headers: ["baton-protocol": "99"], body: Array(#"{"name": "x", "tasks": [{"id": "a", "handler": "core.noop"}]}"#.utf8)), false),
                        (.init(type: "completed", correlationID: "nonsense", body: Array("1".utf8)), true),
                        (.init(type: "completed", body: Array("1".utf8)), true),
                        (.init(type: "riddle", correlationID: good), true),
                        (.init(type: "completed", correlationID: good, headers: ["baton-protocol": "99"]), true),
                        (.init(type: nil, correlationID: nil, contentType: nil, body: [0, 1, 2]), true),
                    ]
                    for (number, (message, isReport)) in messages.enumerated() {
                        if isReport { try await peer.report(message) } else { try await peer.submit(message) }
                        let parked = try await peer.parked()
                        #expect(parked.body == message.body, "message \(number)")
                        #expect(parked.type == message.type, "message \(number)")
                        #expect(parked.headers["baton-parked-reason"]?.isEmpty == false, "message \(number)")
                        #expect(parked.headers["baton-parked-from"]?.hasSuffix(isReport ? ".reports.0" : ".submit") == true, "message \(number)")
                    }
                    // On a run that nobody knows: not ours to keep.
                    try await peer.report(.init(type: "completed", correlationID: good, body: Array("1".utf8)))
                }
                try await leavesNothing(cluster)
                #expect(cluster.coordinator.isRunning)
                let run = try await cluster.api.submit(graph("good", [step("one")]))
                try await cluster.api.recorded(run.id)
            }
        }

        private func leavesNothing(_ cluster: Cluster) async throws {
            #expect(try await cluster.api.runs().isEmpty)
            try await cluster.withPeer { peer in
                // Refused work must not have made its queue either.
                let waiting = (try? await peer.waiting("default")) ?? 0
                #expect(waiting == 0)
            }
        }
    }
}
