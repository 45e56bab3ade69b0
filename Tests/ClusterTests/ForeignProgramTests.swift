import BatonModel
import Foundation
import Testing

extension ClusterTests {
    /// The reference programs in Python, as their users start them.
    @Suite struct ForeignProgramTests {
        private static func start(
            _ name: String, _ arguments: [String], _ cluster: Cluster, as label: String? = nil
        ) async throws -> Program {
            let python = try await Python.with("pika", for: cluster)
            return try cluster.program(
                label ?? name, [python, "-u", Repository.path("Examples/python/\(name).py"), cluster.broker.url] + arguments + [cluster.namespace])
        }

        @Test("submit_graph.py gets the acceptance and the outcome of its graph, and exits by it", .timeLimit(.minutes(2)))
        func graphs() async throws {
            try await withCluster { cluster in
                let file = cluster.directory + "/graph.yaml"
                try Data("name: py\ntasks:\n  - {id: a, handler: core.echo, inputs: {n: 1}}\n  - {id: b, handler: core.echo, dependencies: [a]}\n".utf8)
                    .write(to: URL(filePath: file))
                let good = try await Self.start("submit_graph", [file], cluster)
                #expect(try await good.exit(within: .seconds(60)) == 0, "\(good.output)")
                #expect(good.output.contains("accepted "))
                #expect(good.output.contains(#"completed {"run""#), "\(good.output)")
                #expect(good.output.contains(#""results": {"b": {"a": {"n": 1}}}"#), "\(good.output)")
                try Data(#"{"name": "py", "tasks": [{"id": "a", "handler": "core.fail", "inputs": {"message": "m"}, "retry": {"maxAttempts": 1}}]}"#.utf8)
                    .write(to: URL(filePath: cluster.directory + "/bad.json"))
                let bad = try await Self.start("submit_graph", [cluster.directory + "/bad.json"], cluster, as: "failing")
                #expect(try await bad.exit(within: .seconds(60)) == 1, "\(bad.output)")
                try Data("{}".utf8).write(to: URL(filePath: cluster.directory + "/wrong.json"))
                let wrong = try await Self.start("submit_graph", [cluster.directory + "/wrong.json"], cluster, as: "wrong")
                #expect(try await wrong.exit(within: .seconds(60)) == 1)
                #expect(wrong.output.contains("rejected ") && wrong.output.contains("tasks"), "\(wrong.output)")
            }
        }

        @Test("submit_task.py prints its task's result, or why there is none", .timeLimit(.minutes(2)))
        func tasks() async throws {
            try await withCluster { cluster in
                let good = try await Self.start("submit_task", ["core.echo", #"{"order": "grüße"}"#], cluster)
                #expect(try await good.exit(within: .seconds(60)) == 0, "\(good.output)")
                #expect(good.output.contains(#"{"order": "gr\u00fc\u00dfe"}"#), "\(good.output)")
                let none = try await Self.start("submit_task", ["core.sleep", #"{"seconds": "many"}"#], cluster, as: "failing")
                #expect(try await none.exit(within: .seconds(60)) == 1)
                #expect(none.output.contains("failed: "), "\(none.output)")
            }
        }

        @Test("listen_events.py prints each event of a run once, in its order", .timeLimit(.minutes(2)))
        func events() async throws {
            try await withCluster { cluster in
                let listener = try await Self.start("listen_events", ["#"], cluster)
                _ = try await eventually("the listener is there") { listener.output.contains("listening") ? true : nil }
                let run = try await cluster.api.submit(graph("seen", [step("a", "core.echo"), step("b", "core.noop", after: ["a"])]))
                try await cluster.api.recorded(run.id)
                let last = "\(run.id) "
                _ = try await eventually("the run's last event") { listener.output.contains("run.completed") ? true : nil }
                let lines = listener.output.split(separator: "\n").filter { $0.hasPrefix(last) }.map { $0.split(separator: " ") }
                let expected = try await cluster.api.events(of: run.id)
                #expect(lines.map { Int($0[1]) } == expected.map(\.id))
                #expect(lines.map { String($0[2]) } == expected.map(\.type.rawValue))
                #expect(listener.isRunning)
            }
        }

        @Test("worker_level3.py reaches level 3 in less than 80 lines", .timeLimit(.minutes(3)))
        func levelThree() async throws {
            let source = try String(contentsOfFile: Repository.path("Examples/python/worker_level3.py"), encoding: .utf8)
            #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < 80)
            let python = try await ConformanceTests().python()
            let words = [python, Repository.path("Examples/python/worker_level3.py"), "{url}", "{queue}", "{namespace}"]
            let findings = try await ConformanceTests().examine(words, wanted: 3)
            #expect(findings.level == 3, "\(findings.failed)")
        }

        @Test("worker_level3.py runs tasks of a real cluster, and stops one that is cancelled", .timeLimit(.minutes(2)))
        func worker() async throws {
            try await withCluster(workers: 0) { cluster in
                cluster.note(queues: ["python"])
                let worker = try await Self.start("worker_level3", ["python"], cluster)
                let queue: [String: JSONValue] = ["queue": "python"]
                let run = try await cluster.api.submit(graph("py", [step("a", "core.echo", inputs: ["n": 1], after: [], queue), step("b", "core.echo", after: ["a"], queue)]))
                try await cluster.api.recorded(run.id)
                #expect(try await cluster.api.task("b", of: run.id).result?.value == ["a": ["n": 1]])
                let long = try await cluster.api.submit(graph("long", [step("s", "core.sleep", inputs: ["seconds": 600], after: [], queue)]))
                _ = try await eventually("the task runs") { try await cluster.api.task("s", of: long.id).status == .running ? true : nil }
                let cancel = try await cluster.api.ask("POST", "/v1/runs/\(long.id)/cancel")
                #expect(cancel.status == 200)
                try await cluster.api.recorded(long.id, as: .cancelled)
                #expect(try await cluster.api.task("s", of: long.id).stopConfirmed != false)
                #expect(worker.isRunning)
            }
        }
    }
}
