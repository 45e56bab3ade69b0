import BatonModel
import Testing

extension ClusterTests {
    @Suite struct ForeignWorkerTests {
        @Test("A worker of 60 lines of Python takes tasks and completes them", .timeLimit(.minutes(3)))
        func python() async throws {
            try await withCluster { cluster in
                cluster.note(queues: ["python"])
                let python = try await Python.with("pika", for: cluster)
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
    }
}
