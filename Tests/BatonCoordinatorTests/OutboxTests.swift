import BatonBroker
import BatonCoordinator
import BatonModel
import BatonStore
import BatonTesting
import BatonWire
import Testing

@Suite("J1 a queue that can't be had", .timeLimit(.minutes(1)))
struct J1UnusableQueue {
    /// The broker has a queue of that name already, of another kind.
    private func withOddQueue(_ body: (TestCluster, KeptStore) async throws -> Void) async throws {
        let kept = KeptStore()
        var settings = TestClusterSettings()
        settings.wrapStore = kept.keep
        try await withCluster(settings) { cluster in
            cluster.register("work", .succeeding())
            let link = cluster.broker.link("other")
            try await link.declare(exchanges: [], queues: [Queue(name: "baton.tasks.odd.p2", kind: .exclusive, bindings: [])])
            try await body(cluster, kept)
        }
    }

    /// Returns once the outbox has no more entries than that.
    private func empty(to count: Int, _ cluster: TestCluster, _ kept: KeptStore) async throws {
        while try kept.store.read({ try $0.outbox().count }) > count {
            try Task.checkCancellation()
            try await cluster.coordinator.tick()
        }
    }

    @Test("holds up its own tasks, not the removal of what others have sent; a restart sends only what is left")
    func others() async throws {
        try await withOddQueue { cluster, kept in
            let odd = try await cluster.submit(graph(task("x").with { $0.queue = "odd" }))
            for _ in 0..<4 {
                let run = try await cluster.submit(Graph(name: "g", tasks: (0..<500).map { task(TaskID("t\($0)")) }))
                try await cluster.wait(run.id)
            }
            // Confirmations come in their own time.
            try await empty(to: 1, cluster, kept)
            #expect(try await cluster.run(odd.id).status == .running)
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            let run = try await cluster.submit(graph(task("y")))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").count == 2001)
        }
    }

    @Test("a task that is cancelled before its queue can be had is done with")
    func cancelled() async throws {
        try await withOddQueue { cluster, kept in
            let odd = try await cluster.submit(graph(task("x").with { $0.queue = "odd" }))
            try await cluster.cancel(odd.id)
            try await empty(to: 0, cluster, kept)
        }
    }
}
