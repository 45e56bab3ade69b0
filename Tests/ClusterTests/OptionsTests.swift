import Foundation
import Testing

extension ClusterTests {
    @Suite struct OptionsTests {
        @Test("Options come from flags, then from the environment, then from a file", .timeLimit(.minutes(1)))
        func order() async throws {
            try await withCluster(workers: 0) { cluster in
                let file = cluster.directory + "/options.yaml"
                try "server: http://127.0.0.1:3\nlog-level: info\n".write(toFile: file, atomically: true, encoding: .utf8)
                func list(_ words: [String], _ environment: [String: String]) async throws -> (status: Int32, output: String) {
                    let program = try cluster.program("list-\(UUID().uuidString)", [try Repository.baton(), "list"] + words, environment: environment)
                    return (try await program.exit(), program.output)
                }
                #expect(try await list(["--config", file], [:]).output.contains("127.0.0.1:3:"))
                #expect(try await list([], ["BATON_CONFIG": file]).output.contains("127.0.0.1:3:"))
                #expect(try await list([], ["BATON_CONFIG": file, "BATON_SERVER": "http://127.0.0.1:2"]).output.contains("127.0.0.1:2:"))
                #expect(try await list(["--server", cluster.api.base], ["BATON_CONFIG": file, "BATON_SERVER": "http://127.0.0.1:2"]).status == 0)
            }
        }

        @Test("A file with mistakes is refused by name and place", .timeLimit(.minutes(1)), arguments: [
            ("servr: x", "line 1: there is no option 'servr'"), ("namespace: a\nslots: [1, 2]", "line 2: 'slots'"),
            ("allow-shell: maybe", "'allow-shell' must be true or false"), ("- a", "names and values"), ("a: [", "not YAML"),
            ("server: &a x", "anchors"),
        ])
        func mistakes(text: String, words: String) async throws {
            try await withCluster(workers: 0) { cluster in
                let file = cluster.directory + "/options.yaml"
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                let answer = try await cluster.baton("list", "--config", file)
                #expect(answer.status == 2, "\(answer.output)")
                #expect(answer.output.contains(words), "\(answer.output)")
            }
        }

        @Test("Coordinator and worker run with nothing but a file", .timeLimit(.minutes(1)))
        func services() async throws {
            try await withCluster(workers: 0) { cluster in
                let file = cluster.directory + "/options.yaml"
                let text = """
                    amqp-url: \(cluster.broker.url)
                    namespace: \(cluster.namespace)
                    server: \(cluster.api.base)
                    queues: [other, default]
                    slots: 3
                    tags: [a, b]
                    """
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                cluster.note(queues: ["other"])
                _ = try cluster.program("worker-by-file", [try Repository.baton(), "worker", "--config", file])
                let worker = try await eventually("the worker") { try await cluster.api.workers().first { $0.state == "running" } }
                #expect(worker.slots == 3)
                #expect(Set(worker.queues) == ["other", "default"])
                #expect(worker.tags == ["a", "b"])
                let run = try await cluster.baton("run", Repository.path("Examples/order.yaml"), "--config", file)
                #expect(run.status == 0, "\(run.output)")
            }
        }

        @Test("Completion scripts for all shells hold the commands and the values of options", .timeLimit(.minutes(1)), arguments: ["bash", "zsh", "fish"])
        func completions(shell: String) async throws {
            try await withCluster(workers: 0) { cluster in
                let script = try await cluster.baton("--generate-completion-script", shell)
                #expect(script.status == 0)
                for word in ["parking", "doctor", "compensating", "yaml"] { #expect(script.output.contains(word), "\(shell): \(word)") }
            }
        }

        @Test("Numbers in --json are those of the document, digit by digit", .timeLimit(.minutes(1)))
        func numbers() async throws {
            try await withCluster(workers: 1) { cluster in
                let number = "123456789012345678901234567890.125"
                let document = #"{"name": "n", "tasks": [{"id": "a", "handler": "core.echo", "inputs": {"n": \#(number)}}]}"#
                let file = cluster.directory + "/numbers.json"
                try document.write(toFile: file, atomically: true, encoding: .utf8)
                let id = try await cluster.baton("run", file, "--detach", "--server", cluster.api.base).output.trimmingCharacters(in: .whitespacesAndNewlines)
                let task = try await eventually("the task") {
                    let view = try await cluster.baton("get", id, "a", "--json", "--server", cluster.api.base)
                    return view.output.contains("\"completed\"") ? view.output : nil
                }
                #expect(task.contains(number), "\(task)")
            }
        }

        @Test("baton dev says of a refused document what is wrong, and nothing else", .timeLimit(.minutes(1)))
        func refusedByDev() async throws {
            try await withCluster(workers: 0) { cluster in
                let file = cluster.directory + "/bad.yaml"
                try "name: bad\ntasks: [{id: a, handler: core.noop, dependencies: [ghost]}]\n".write(toFile: file, atomically: true, encoding: .utf8)
                let answer = try await cluster.baton("dev", file)
                #expect(answer.status == 2)
                let lines = answer.output.split(separator: "\n")
                #expect(lines.contains { $0.contains("ghost") })
                #expect(!lines.contains { $0.contains("error") || $0.contains("warning") }, "\(answer.output)")
            }
        }
    }
}
