import BatonModel
import Foundation
import Testing

extension ClusterTests {
    @Suite struct QueueTests {
        @Test("Nothing of a paused queue starts, though its messages were with the broker; resumed, each task runs once (J1)", .timeLimit(.minutes(2)))
        func pause() async throws {
            try await withCluster(workers: 0) { cluster in
                let run = try await cluster.api.submit(graph("many", (0..<50).map { step("t\($0)", "core.noop", after: []) }))
                _ = try await eventually("the messages are with the broker") {
                    try await cluster.withPeer { try await $0.waiting("default") } == 50 ? true : nil
                }
                #expect(try await cluster.api.ask("POST", "/v1/queues/default/pause").status == 200)
                #expect(try await cluster.withPeer { try await $0.waiting("default") } == 0)
                _ = try await cluster.startWorker()
                let late = try await cluster.api.submit(graph("late", [step("a")]))
                try await cluster.coordinator.crash()
                try await cluster.startCoordinator()
                #expect(try await cluster.api.run(run.id).counts == ["queued": 50])
                #expect(try await cluster.api.ask("POST", "/v1/queues/default/resume").status == 200)
                let record = try await cluster.api.recorded(run.id)
                #expect(record.tasks.values.allSatisfy { $0.attempts == 1 })
                try await cluster.api.recorded(late.id)
            }
        }

        @Test("A second coordinator with a database of its own waits, and takes nothing of the first one's", .timeLimit(.minutes(2)))
        func second() async throws {
            try await withCluster { cluster in
                let words = [
                    try Repository.baton(), "coordinator", "--amqp-url", cluster.broker.url, "--namespace", cluster.namespace, "--database",
                    cluster.directory + "/second.sqlite", "--http", "127.0.0.1:0",
                ]
                let second = try cluster.program("second", words)
                _ = try await eventually("it says that it waits") { second.output.contains("another coordinator works in this namespace") ? true : nil }
                let run = try await cluster.api.submit(graph("many", (0..<200).map { step("t\($0)", "core.noop", after: []) }))
                try await cluster.api.recorded(run.id)
                #expect(second.isRunning)
                #expect(!second.output.contains("the coordinator is ready"))
                try await cluster.coordinator.crash()
                _ = try await eventually("it goes on") { second.output.contains("the coordinator is ready") ? true : nil }
            }
        }
    }
}
