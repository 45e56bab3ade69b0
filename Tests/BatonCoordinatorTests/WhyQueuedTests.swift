@testable import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWorker
import Testing

@Suite("K5 what a ready task waits for", .timeLimit(.minutes(1)))
struct K5WhyQueued {
    @Test("no worker takes from the queue")
    func noWorker() async throws {
        try await withCoordinator { cluster in
            let run = try await cluster.submit(graph(task("a").with { $0.queue = "gpu" }))
            let why = try await cluster.why("a", of: run.id)
            #expect(why.reason == .noWorker && why.since != nil)
            #expect(why.waitsFor.first?.queue == "gpu" && why.waitsFor.first?.workers == 0)
            #expect(why.text.contains("baton worker --queues gpu"), "\(why.text)")
        }
    }

    @Test("the workers of the queue are silent")
    func silent() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster, takes: false, announced: true) { worker in
                try await cluster.advance(by: .seconds(600 / 10))
                let run = try await cluster.submit(graph(task("a")))
                let why = try await cluster.why("a", of: run.id)
                #expect(why.reason == .noWorker && why.text.contains("silent"), "\(why.text)")
                #expect(why.waitsFor.contains { $0.worker == worker.id && $0.status == "silent" })
            }
        }
    }

    @Test("workers take from the queue, but none offers the handler")
    func noHandler() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            try await cluster.startWorkers()
            await cluster.workers[0].stop()
            try await ScriptedWorker.with(cluster, takes: false, announced: true) { worker in
                let run = try await cluster.submit(graph(task("a", handler: "paint")))
                let why = try await cluster.why("a", of: run.id)
                #expect(why.reason == .noHandler && why.text.contains("paint") && why.waitsFor.first?.handler == "paint", "\(why.text)")
                #expect(why.waitsFor.contains { $0.worker == worker.id })
            }
        }
    }

    @Test("all slots are taken, and how many come before it")
    func slotsBusy() async throws {
        try await withCluster(slots: 1) { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
            let next = try await cluster.submit(graph(task("b"), task("c")))
            let why = try await cluster.why("c", of: next.id)
            #expect(why.reason == .slotsBusy, "\(why.text)")
            let queue = why.waitsFor.first { $0.kind == .queue }
            #expect(queue?.ahead == 1 && queue?.slots == 1 && queue?.busy == 1 && queue?.workers == 1)
            #expect(why.waitsFor.contains { $0.kind == .worker && $0.status == "running" })
        }
    }

    @Test("a worker is about to take it")
    func queued() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster, takes: false) { worker in
                try await worker.announce(.running, slots: 4)
                try await worker.heard()
                let run = try await cluster.submit(graph(task("a"), task("b", priority: .urgent)))
                let why = try await cluster.why("a", of: run.id)
                #expect(why.reason == .queued && why.waitsFor.first?.ahead == 1, "\(why.text)")
                #expect(try await cluster.why("b", of: run.id).waitsFor.first?.ahead == 0)
            }
        }
    }

    @Test("the window with the broker is full, and what waits before it in the store")
    func window() async throws {
        try await withCoordinator(configure: { $0.coordinator.minimumWindow = 1 }) { cluster in
            try await ScriptedWorker.with(cluster, takes: false) { worker in
                try await worker.announce(.running, slots: 0)
                try await worker.heard()
                let run = try await cluster.submit(graph(task("a"), task("b"), task("c"), task("d")))
                let why = try await cluster.why("d", of: run.id)
                #expect(why.reason == .windowFull && why.waitsFor.first?.ahead == 2, "\(why.text)")
                #expect(try await cluster.why("a", of: run.id).reason == .slotsBusy)
            }
        }
    }

    @Test("its queue is paused")
    func paused() async throws {
        try await withCoordinator { cluster in
            _ = try await cluster.coordinator.pause(queue: .default)
            let run = try await cluster.submit(graph(task("a")))
            let why = try await cluster.why("a", of: run.id)
            #expect(why.reason == .queuePaused && why.text.contains("baton queues resume default"), "\(why.text)")
        }
    }

    @Test("the coordinator has no connection with the broker")
    func broker() async throws {
        try await withCoordinator { cluster in
            let run = try await cluster.submit(graph(task("a")))
            try cluster.coordinator.links.set(publishing: .connecting(lastError: "connection refused"))
            let why = try await cluster.why("a", of: run.id)
            #expect(why.reason == .brokerUnavailable, "\(why.text)")
        }
    }

    @Test("as many of its kind are under way as may be: which, and under which key")
    func concurrency() async throws {
        let limit = SharedLimit(key: "inputs.bank", concurrency: 1)
        try await withCoordinator { cluster in
            let limited = { (id: TaskID) in task(id, inputs: ["bank": "abn"]).with { $0.rules.limit = limit } }
            let first = try await cluster.submit(graph(limited("a")))
            let run = try await cluster.submit(graph(limited("b"), limited("c")))
            let why = try await cluster.why("c", of: run.id)
            #expect(why.reason == .concurrencyLimit && why.status == .queued)
            let cause = try #require(why.waitsFor.first { $0.kind == .limit })
            #expect(cause.inside == 1 && cause.limit == 1 && cause.ahead == 1 && cause.name == "limit:work:abn")
            #expect(why.waitsFor.contains { $0.kind == .task && $0.task == "a" && $0.run == first.id })
            #expect(why.text.contains("key 'abn'"), "\(why.text)")
            var foreign = graph(limited("d"))
            foreign.owner = "eve"
            let other = try await cluster.submit(foreign)
            let seen = try await cluster.why("d", of: other.id)
            #expect(seen.reason == .concurrencyLimit && !seen.waitsFor.contains { $0.kind == .task }, "another owner's runs are not named")
        }
    }

    @Test("as many have started in the period as may, and when the next one begins")
    func rate() async throws {
        let clock = TestClock()
        let limit = SharedLimit(rate: .init(2, per: .seconds(60)))
        try await withCoordinator(clock: clock) { cluster in
            let run = try await cluster.submit(Graph(name: "r", tasks: ["a", "b", "c"].map { id in task(id).with { $0.rules.limit = limit } }))
            let why = try await cluster.why("c", of: run.id)
            #expect(why.reason == .rateLimit && why.until == clock.now + .seconds(60), "\(why.text)")
            #expect(why.waitsFor.first?.limit == 2)
        }
    }

    @Test("another execution makes the same result")
    func twin() async throws {
        try await withCoordinator { cluster in
            let cached = { (id: TaskID) in task(id, inputs: ["city": "Ulm"]).with { $0.rules.cache = CacheRule(ttl: .seconds(60)) } }
            let run = try await cluster.submit(graph(cached("a"), cached("b")))
            let why = try await cluster.why("b", of: run.id)
            #expect(why.reason == .twin && why.waitsFor.contains { $0.task == "a" && $0.run == run.id }, "\(why.text)")
        }
    }
}
