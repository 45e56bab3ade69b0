import BatonBroker
import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWire
import Testing

@Suite("A queue that the broker has lost", .timeLimit(.minutes(1)))
struct LostQueueTests {
    private let topology = Topology()
    private var queue: Queue { topology.tasksQueue(.default, .normal) }

    /// Returns once so many messages wait in the queue.
    private func waiting(_ count: Int, _ worker: ScriptedWorker) async throws {
        while try await worker.depth() != count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test("what was in it is sent again once a worker says that it isn't there, and asks before it starts")
    func deleted() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster, takes: false) { worker in
                let run = try await cluster.submit(graph(task("a"), task("b"), task("after", after: .init("a"))))
                try await waiting(2, worker)
                try await worker.link.delete(queue: queue.name)
                try await worker.announce(.running, missing: [queue.name])
                while try await !worker.link.has(queue: queue.name) { await Task.yield() }
                try await worker.take()
                for name: TaskID in ["a", "b"] {
                    #expect(try await worker.complete(name).needsClaim)
                }
                #expect(try await !worker.complete("after").needsClaim)
                #expect(try await cluster.wait(run.id).status == .completed)
                #expect(worker.tasks.all.count == 3)
            }
        }
    }

    @Test("a coordinator that was not there looks for it, and fills it before it makes it")
    func whileAway() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster, takes: false) { worker in
                let run = try await cluster.submit(graph(task("a")))
                try await waiting(1, worker)
                await cluster.stopCoordinator()
                try await worker.link.delete(queue: queue.name)
                try cluster.startCoordinator()
                while try await !worker.link.has(queue: queue.name) { await Task.yield() }
                try await worker.take()
                #expect(try await worker.complete("a").needsClaim)
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }

    @Test("with the queue of reports, every attempt may be concerned")
    func reports() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(task("a")))
                // Its report is lost.
                try await worker.message("a").delivery.acknowledge()
                await cluster.stopCoordinator()
                try await worker.link.delete(queue: topology.reportsQueue(0).name)
                try cluster.startCoordinator()
                let again = try await worker.message("a", 2)
                #expect(again.task.needsClaim)
                try await worker.report(.completed(result: .null), of: again.task.attempt)
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }

    @Test("a queue that is used for the first time gets everything once")
    func fresh() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster, takes: false) { worker in
                let side = topology.tasksQueue("side", .normal)
                let tasks = (0..<300).map { number in task(TaskID("t\(number)")).with { $0.queue = "side" } }
                let run = try await cluster.submit(Graph(name: "g", tasks: tasks))
                while try await !worker.link.has(queue: side.name) { await Task.yield() }
                _ = try await worker.link.consume(queue: side.name, prefetch: 1000) { [tasks = worker.tasks] in tasks.append($0) }
                for number in 0..<300 { try await worker.complete(TaskID("t\(number)")) }
                #expect(try await cluster.wait(run.id).status == .completed)
                // Whatever had been sent twice has come by now.
                let last = try await cluster.submit(graph(task("last").with { $0.queue = "side" }))
                try await worker.complete("last")
                #expect(try await cluster.wait(last.id).status == .completed)
                #expect(worker.tasks.all.count == 301)
            }
        }
    }

    @Test("an attempt that a worker of the smallest kind had is lost with it, that of one that announces itself is not")
    func running() async throws {
        for announced in [false, true] {
            try await withCoordinator { cluster in
                try await ScriptedWorker.with(cluster, announced: announced) { worker in
                    let run = try await cluster.submit(graph(task("a").with { $0.retry = RetryPolicy(maxAttempts: 2, delay: .zero) }))
                    let attempt = try await worker.start("a", of: run.id, in: cluster)
                    try await worker.link.delete(queue: queue.name)
                    try await worker.announce(.running, missing: [queue.name], by: "other")
                    if announced {
                        try await worker.report(.completed(result: .null), of: attempt)
                    } else {
                        try await cluster.waitForEvent(run.id) { $0.type == .attemptLost }
                        try await worker.complete("a", number: 2)
                    }
                    #expect(try await cluster.wait(run.id).status == .completed)
                    #expect(try await cluster.task("a", of: run.id).attempts == (announced ? 1 : 2))
                }
            }
        }
    }

    @Test("a worker that announces what it runs, and falls silent, loses it after the lease, whoever has its message")
    func silent() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster, announced: true) { worker in
                let retry = RetryPolicy(maxAttempts: 2, delay: .zero)
                let run = try await cluster.submit(graph(task("a", retry: retry)))
                let attempt = try await worker.start("a", of: run.id, in: cluster)
                for _ in 1...3 {
                    try await cluster.advance(by: .seconds(20))
                    try await worker.announce(.running, running: [attempt.description])
                    try await worker.heard()
                }
                #expect(try await cluster.task("a", of: run.id).attempts == 1)
                for _ in 1...2 { try await cluster.advance(by: .seconds(20)) }
                try await cluster.waitForEvent(run.id) { $0.type == .attemptLost }
                try await worker.complete("a", number: 2)
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }

    @Test("a coordinator that slept for longer than a lease has not listened, and holds its own silence against nobody")
    func slept() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster, announced: true) { worker in
                let run = try await cluster.submit(graph(task("a")))
                let attempt = try await worker.start("a", of: run.id, in: cluster)
                try await cluster.advance(by: .seconds(3600))
                try await worker.report(.completed(result: .null), of: attempt)
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }
}
