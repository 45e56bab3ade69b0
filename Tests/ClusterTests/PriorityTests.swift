import BatonModel
import Testing

extension ClusterTests {
    @Suite struct PriorityTests {
        @Test("A worker with 10 slots and 1,000 waiting tasks starts an urgent one next (B6)", .timeLimit(.minutes(2)))
        func urgent() async throws {
            try await withCluster(workers: 1, slots: 10) { cluster in
                let crowd = try await cluster.api.submit(graph("crowd", (0..<1000).map { sleeping("t\($0)", 0.2) }))
                _ = try await cluster.api.event(of: crowd.id, "the end of 30 tasks") { $0.type == .taskCompleted && $0.id > 1030 }
                let urgent = try await cluster.api.submit(graph("urgent", [step("now", "core.noop", inputs: nil, after: [], ["priority": 0])]))
                try await cluster.api.recorded(urgent.id)
                let now = try await cluster.api.task("now", of: urgent.id)
                let queuedAt = try #require(now.queuedAt)
                let startedAt = try #require(now.startedAt)
                // What started before is on record only once it has ended.
                _ = try await cluster.api.event(of: crowd.id, "the end of a later task") { $0.type == .taskCompleted && $0.at > startedAt + .milliseconds(500) }
                let tasks = try await cluster.api.tasks(of: crowd.id).values
                let starts = tasks.compactMap(\.startedAt)
                #expect(starts.filter { $0 < queuedAt }.count >= 20, "it was busy before")
                #expect(starts.filter { $0 > queuedAt && $0 < startedAt }.count <= 10, "at most one more slotful")
                #expect(tasks.filter { !$0.status.isFinal }.count > 500, "most of the others still wait")
                #expect(startedAt - queuedAt < .seconds(1))
                let view = try await cluster.api.cancel(crowd.id, reason: "seen enough")
                #expect(view.outcome != .alreadyEnded)
                try await cluster.api.recorded(crowd.id, as: .cancelled)
            }
        }

        @Test("Ready tasks of one queue start by priority, and in their order within one (B6)", .timeLimit(.minutes(1)))
        func order() async throws {
            try await withCluster(workers: 0) { cluster in
                let priorities = [3, 2, 1, 0]
                let tasks = (0..<3).flatMap { place in
                    priorities.map { priority in
                        step("p\(priority)-\(place)", "core.noop", inputs: nil, after: [], ["priority": .integer(Int64(priority))])
                    }
                }
                let run = try await cluster.api.submit(graph("levels", tasks))
                try await cluster.withPeer { peer in
                    for priority in Priority.allCases {
                        try await eventually("messages of priority \(priority)") { try await peer.waiting("default", priority) == 3 ? () : nil }
                    }
                }
                try await cluster.startWorker(slots: 1)
                let record = try await cluster.api.recorded(run.id)
                let order = record.events(.taskCompleted).compactMap(\.task)
                #expect(order == (0..<4).flatMap { priority in (0..<3).map { TaskID("p\(priority)-\($0)") } })
            }
        }
    }
}
