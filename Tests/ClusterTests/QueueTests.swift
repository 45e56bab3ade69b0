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
    }
}
