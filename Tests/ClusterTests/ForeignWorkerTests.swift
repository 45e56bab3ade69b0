import BatonModel
import Foundation
import Testing

extension ClusterTests {
    @Suite struct ForeignWorkerTests {
        @Test("A worker of 60 lines of Python takes tasks and completes them", .timeLimit(.minutes(3)))
        func python() async throws {
            try await withCluster { cluster in
                cluster.note(queues: ["python"])
                let python = try await Self.python(for: cluster)
                let worker = try cluster.program(
                    "python", [python, Repository.path("Examples/python/worker.py"), cluster.broker.url, "python", cluster.namespace])
                let queue: [String: JSONValue] = ["queue": "python"]
                let run = try await cluster.api.submit(
                    graph(
                        "foreign",
                        [
                            step("before", "core.echo", inputs: ["n": 1]),
                            step("there", "anything.at.all", inputs: ["text": "grüße"], after: ["before"], queue),
                            step("again", "anything.at.all", inputs: nil, after: [], queue),
                            step("back", "core.echo", after: ["there"]),
                        ]))
                let record = try await cluster.api.recorded(run.id)
                #expect(worker.isRunning)
                #expect(record.tasks.values.allSatisfy { $0.attempts == 1 })
                let result: JSONValue = ["worker": "python", "inputs": ["text": "grüße", "before": ["n": 1]]]
                #expect(try await cluster.api.task("there", of: run.id).result?.value == result)
                #expect(try await cluster.api.task("back", of: run.id).result?.value == ["there": result])
                #expect(try await cluster.withPeer { try await $0.waiting("python") } == 0)
            }
        }

        /// One that has pika: named by `BATON_TEST_PYTHON`, the system's, or one of the cluster's own.
        private static func python(for cluster: Cluster) async throws -> String {
            let named = ProcessInfo.processInfo.environment["BATON_TEST_PYTHON"].map { [$0] } ?? []
            var problems: [String] = []
            func hasPika(_ python: String) async throws -> Bool {
                let words = python.contains("/") ? [python] : ["/usr/bin/env", python]
                let program = try cluster.program("python-check", words + ["-c", "import pika; print(pika.__file__)"])
                if try await program.exit(within: .seconds(60)) == 0 { return true }
                problems.append("\(python): \(program.output.lastLines(1))")
                return false
            }
            for candidate in named + ["python3", "/usr/bin/python3"] where try await hasPika(candidate) {
                guard !candidate.contains("/") else { return candidate }
                let which = try cluster.program("python-path", ["/usr/bin/env", candidate, "-c", "import sys; print(sys.executable)"])
                try await which.exit()
                return which.output.lastLines(1)
            }
            let folder = cluster.directory + "/python"
            let venv = try cluster.program("venv", ["/usr/bin/env", "python3", "-m", "venv", folder])
            if try await venv.exit(within: .seconds(60)) == 0 {
                let pip = try cluster.program("pip", [folder + "/bin/python", "-m", "pip", "install", "--quiet", "pika"])
                if try await pip.exit(within: .seconds(90)) == 0, try await hasPika(folder + "/bin/python") { return folder + "/bin/python" }
                problems.append("pip: \(pip.output.lastLines(1))")
            }
            throw Failure("no Python with pika: apt-get install python3-pika (\(problems.joined(separator: "; ")))")
        }
    }
}
