import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWire
import Synchronization
import Testing

@Suite("E6 limits by key, over all runs and workers", .timeLimit(.minutes(1)))
struct E6SharedLimits {
    private func limited(_ id: TaskID, _ limit: SharedLimit, key: String = "A", retry: RetryPolicy = .none) -> TaskSpec {
        task(id, inputs: ["key": .string(key)], retry: retry).with { $0.rules.limit = limit }
    }

    @Test("never more than n of a key at once, over several runs, first come first served; other keys go by")
    func concurrency() async throws {
        let limit = SharedLimit(key: "inputs.key", concurrency: 2)
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let one = try await cluster.submit(Graph(name: "one", tasks: (0..<4).map { limited(TaskID("t\($0)"), limit) }))
                let two = try await cluster.submit(Graph(name: "two", tasks: (4..<8).map { limited(TaskID("t\($0)"), limit) }))
                let other = try await cluster.submit(graph(limited("x", limit, key: "B")))
                try await worker.complete("x")
                try await cluster.wait(other.id)
                for number in 0..<8 {
                    #expect(try await cluster.published() == min(2, 8 - number))
                    try await worker.complete(TaskID("t\(number)"))
                    let run = number < 4 ? one.id : two.id
                    try await cluster.waitForEvent(run) { $0.type == .taskCompleted && $0.task == TaskID("t\(number)") }
                }
                #expect(try await cluster.wait(one.id).status == .completed)
                #expect(try await cluster.wait(two.id).status == .completed)
                let order = worker.tasks.all.compactMap { $0.message.headers.string(HeaderName.task) }.filter { $0 != "x" }
                #expect(order == (0..<8).map { "t\($0)" })
            }
        }
    }

    @Test("who comes when there is room again doesn't pass those who wait")
    func order() async throws {
        let limit = SharedLimit(concurrency: 1)
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                // "late" becomes ready in the very transaction that gives the permit back.
                let run = try await cluster.submit(
                    graph(limited("a", limit), limited("b", limit), limited("late", limit).with { $0.dependencies = [.init("a")] }))
                for id in ["a", "b", "late"] as [TaskID] { try await worker.complete(id) }
                #expect(try await cluster.wait(run.id).status == .completed)
                #expect(worker.tasks.all.compactMap { $0.message.headers.string(HeaderName.task) } == ["a", "b", "late"])
            }
        }
    }

    @Test("so many a period, in order; the rest go on by themselves when it ends")
    func rate() async throws {
        let limit = SharedLimit(rate: .init(2, per: .seconds(10)))
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(Graph(name: "r", tasks: (0..<5).map { limited(TaskID("t\($0)"), limit) }))
                #expect(try await cluster.published() == 2)
                try await worker.complete("t0")
                try await cluster.waitForEvent(run.id) { $0.type == .taskCompleted && $0.task == "t0" }
                // A permit of a period is used up, however soon the task ends.
                #expect(try await cluster.published() == 1)
                try await cluster.advance(by: .seconds(10) - .milliseconds(1))
                #expect(try await cluster.published() == 1)
                try await cluster.advance(by: .milliseconds(1))
                #expect(try await cluster.published() == 3)
                try await cluster.advance(by: .seconds(10))
                for number in 1..<5 { try await worker.complete(TaskID("t\(number)")) }
                #expect(try await cluster.wait(run.id).status == .completed)
                let order = worker.tasks.all.compactMap { $0.message.headers.string(HeaderName.task) }
                #expect(order == (0..<5).map { "t\($0)" })
            }
        }
    }

    @Test("a newcomer after the period's end stays behind those who wait for it")
    func rateOrder() async throws {
        let limit = SharedLimit(rate: .init(1, per: .seconds(10)))
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let one = try await cluster.submit(graph(limited("a", limit), limited("b", limit)))
                await cluster.stopCoordinator()
                clock.advance(by: .seconds(60))
                try cluster.startCoordinator()
                let two = try await cluster.submit(graph(limited("c", limit)))
                for id in ["a", "b"] as [TaskID] { try await worker.complete(id) }
                try await cluster.wait(one.id)
                #expect(try await cluster.task("c", of: two.id).status == .queued)
                try await cluster.advance(by: .seconds(10))
                try await worker.complete("c")
                #expect(try await cluster.wait(two.id).status == .completed)
                // What was not confirmed to the first coordinator came twice, and the second time perhaps behind "b".
                var order: [String] = []
                for id in worker.tasks.all.compactMap({ $0.message.headers.string(HeaderName.task) }) where !order.contains(id) { order.append(id) }
                #expect(order == ["a", "b", "c"])
            }
        }
    }

    enum Way: String, CaseIterable {
        case completed, failed, retryWait, cancelledWaiting, cancelledRunning, cancelIgnored, leaseLost, timedOut, givenUp, queuedTooLong
    }

    @Test("the place is free again once the attempt is over, in whichever way", arguments: Way.allCases)
    func permitComesBack(_ way: Way) async throws {
        let limit = SharedLimit(concurrency: 1)
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let retry = way == .retryWait ? RetryPolicy(maxAttempts: 2, delay: .seconds(3600), jitter: 0) : .none
                var first = limited("a", limit, retry: retry)
                if way == .timedOut { first.timeouts.attempt = .seconds(5) }
                if way == .queuedTooLong { first.timeouts.queued = .seconds(5) }
                let run = try await cluster.submit(graph(first, limited("b", limit)))
                let (delivery, message) = try await worker.message("a")
                let attempt = message.attempt
                #expect(try await cluster.published() == 1)
                switch way {
                case .completed: try await worker.report(.completed(result: .null), of: attempt)
                case .failed, .retryWait: try await worker.report(.failed(TaskError(type: "e", message: "no")), of: attempt)
                case .cancelledWaiting: try await cluster.cancel(task: "a", of: run.id)
                case .cancelledRunning, .cancelIgnored:
                    try await worker.report(.started, of: attempt)
                    try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
                    try await cluster.cancel(task: "a", of: run.id)
                    #expect(try await cluster.published() == 1)
                    if way == .cancelledRunning { try await worker.report(.cancelled(message: nil), of: attempt) }
                    if way == .cancelIgnored { try await cluster.advance(by: .seconds(11)) }
                case .leaseLost:
                    try await worker.report(.lease, of: attempt)
                    try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
                    for _ in 1...2 { try await cluster.advance(by: .seconds(20)) }
                case .timedOut:
                    try await worker.report(.started, of: attempt)
                    try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
                    try await cluster.advance(by: .seconds(6))
                case .givenUp: delivery.discard()
                case .queuedTooLong: try await cluster.advance(by: .seconds(6))
                }
                try await worker.complete("b")
                if way == .retryWait {
                    try await cluster.waitForEvent(run.id) { $0.type == .taskCompleted && $0.task == "b" }
                    try await cluster.advance(by: .seconds(3600))
                    try await worker.complete("a", number: 2)
                }
                #expect(try await cluster.wait(run.id).counts["completed", default: 0] >= 1)
                #expect(try await cluster.published() == 0)
                let left = try await cluster.submit(graph(limited("last", limit)))
                try await worker.complete("last")
                #expect(try await cluster.wait(left.id).status == .completed)
            }
        }
    }

    @Test("a task that is leased still counts: it runs")
    func leased() async throws {
        let limit = SharedLimit(concurrency: 1)
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(limited("a", limit), limited("b", limit)))
                let (delivery, message) = try await worker.message("a")
                try await worker.report(.lease, of: message.attempt)
                try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
                delivery.acknowledge()
                // The leased one's message is with nobody any more, and the other one's is not sent.
                #expect(try await cluster.published() == 0)
                try await worker.report(.completed(result: .null), of: message.attempt)
                try await worker.complete("b")
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }

    @Test("a thousand wait without a worker, and all of them run, in order")
    func thousand() async throws {
        let limit = SharedLimit(key: "inputs.key", concurrency: 5)
        let running = Mutex((now: 0, most: 0))
        try await withCluster(workers: 2, slots: 8) { cluster in
            cluster.register("work") {
                running.withLock { running in
                    running.now += 1
                    running.most = max(running.most, running.now)
                }
                defer { running.withLock { $0.now -= 1 } }
                await Task.yield()
                return "done"
            }
            var runs: [RunView] = []
            for run in 0..<10 {
                let tasks = (0..<100).map { limited(TaskID("t\(run * 100 + $0)"), limit) }
                runs.append(try await cluster.submit(Graph(name: "many", tasks: tasks)))
            }
            for run in runs { #expect(try await cluster.wait(run.id).counts == ["completed": 100]) }
            #expect(running.withLock { $0.most } <= 5)
            #expect(cluster.calls(of: "work").count == 1000)
        }
    }

    @Test("who waits, and who has passed, survives the coordinator")
    func restart() async throws {
        let limit = SharedLimit(concurrency: 1)
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(Graph(name: "r", tasks: (0..<3).map { limited(TaskID("t\($0)"), limit) }))
                for number in 0..<3 {
                    _ = try await worker.message(TaskID("t\(number)"))
                    await cluster.stopCoordinator()
                    try cluster.startCoordinator()
                    #expect(try await cluster.published() == 1)
                    try await worker.complete(TaskID("t\(number)"))
                    try await cluster.waitForEvent(run.id) { $0.type == .taskCompleted && $0.task == TaskID("t\(number)") }
                }
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }

    @Test("a key that can't be made fails the task, and holds up nobody")
    func badKey() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            let bad = SharedLimit(key: "abs(inputs.key)", concurrency: 1)
            let run = try await cluster.submit(graph(limited("a", bad), task("b")))
            #expect(try await cluster.wait(run.id).status == .failed)
            #expect(try await cluster.task("a", of: run.id).error?.type == TaskError.Kind.expression)
            #expect(try await cluster.task("b", of: run.id).status == .completed)
        }
    }

    @Test("a key may hold any characters: those that share one wait for one another, and nobody else is held up")
    func anyKey() async throws {
        let limit = SharedLimit(key: "inputs.key", concurrency: 1)
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(
                    graph(
                        limited("a", limit, key: "x\u{0}y"), limited("b", limit, key: "x\u{0}y"), limited("c", limit, key: "x\u{0}y"),
                        limited("x", limit, key: "x"), limited("z", limit, key: "x\u{0}z")))
                #expect(try await cluster.published() == 3)
                for id in ["x", "z", "a", "b", "c"] as [TaskID] { try await worker.complete(id) }
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }

    @Test("the key of a loop's limit is taken from the loop's inputs, and from what it depends on")
    func loopKey() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                for tenant in ["A", "B", "C"] {
                    let loop = task("each", inputs: ["tenant": .string(tenant)]).with {
                        $0.rules.loop = Loop(.list(JSON([1, 2])), maxParallel: 2)
                        $0.rules.limit = SharedLimit(key: "inputs.tenant", concurrency: 1)
                    }
                    _ = try await cluster.submit(graph(loop))
                }
                #expect(try await cluster.published() == 3, "one of each tenant")
                let loop = task("each", after: .init("who"), handler: "other").with {
                    $0.rules.loop = Loop(.list(JSON([1, 2])), maxParallel: 2)
                    $0.rules.limit = SharedLimit(key: "who.tenant", concurrency: 1)
                }
                for tenant in ["A", "B"] {
                    let run = try await cluster.submit(graph(task("who", handler: "other"), loop))
                    try await worker.complete("who", ["tenant": .string(tenant)], number: tenant == "A" ? 1 : 2)
                    try await cluster.waitForEvent(run.id) { $0.type == .taskQueued && $0.task == "each~1" }
                }
                #expect(try await cluster.published() == 5, "and one of each that was found out")
            }
        }
    }

    @Test("what a task has passed before it waits at a limit is given back when it is cancelled, after a restart too", arguments: [true, false])
    func passedBefore(_ restarts: Bool) async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let limit = SharedLimit(concurrency: 1)
                func twin(_ id: TaskID) -> TaskSpec {
                    task(id, inputs: ["city": "Ulm"]).with {
                        $0.rules.limit = limit
                        $0.rules.cache = CacheRule(ttl: .seconds(3600), version: "1")
                    }
                }
                let first = try await cluster.submit(graph(task("blocker", inputs: 1).with { $0.rules.limit = limit }))
                _ = try await worker.message("blocker")
                let second = try await cluster.submit(graph(twin("t1")))
                #expect(try await cluster.published() == 1)
                if restarts {
                    await cluster.stopCoordinator()
                    try cluster.startCoordinator()
                }
                try await cluster.cancel(second.id)
                try await worker.complete("blocker")
                try await cluster.wait(first.id)
                let third = try await cluster.submit(graph(twin("t2")))
                try await worker.complete("t2")
                #expect(try await cluster.wait(third.id).status == .completed)
            }
        }
    }
}
