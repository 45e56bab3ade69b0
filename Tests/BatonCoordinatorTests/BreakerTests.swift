import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWorker
import Testing

@Suite("E5 circuit breaker, over all runs", .timeLimit(.minutes(1)))
struct E5CircuitBreaker {
    private static let failure = TaskError(type: "technical", message: "down")

    private func guarded(_ failures: Int = 3, retry: RetryPolicy = .none, fallback: HandlerName? = nil) -> Graph {
        graph(
            task("a", retry: retry).with {
                $0.rules.breaker = BreakerRule(failures: failures, reset: .seconds(60))
                $0.rules.fallback = fallback
            })
    }

    private func end(_ graph: Graph, _ cluster: TestCluster) async throws -> TaskView {
        let run = try await cluster.submit(graph)
        try await cluster.wait(run.id)
        return try await cluster.task("a", of: run.id)
    }

    private func error(of inputs: String, _ cluster: TestCluster) async throws -> String? {
        var graph = guarded()
        graph.tasks[0].inputs = JSON(.string(inputs))
        return try await end(graph, cluster).error?.type
    }

    private func open(_ cluster: TestCluster) async throws {
        cluster.register("work", .failing(with: Self.failure))
        for _ in 0..<3 { #expect(try await end(guarded(), cluster).error?.type == "technical") }
    }

    @Test("while it is open only the probe counts, not what began before")
    func stragglers() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            let gates = Journal<Void>()
            cluster.register("slow") { () -> JSON in
                try await gates.first()
                throw Self.failure
            }
            var straggler = guarded()
            straggler.tasks[0].handler = "slow"
            // The same circuit: the breaker is the handler's.
            let early = try await cluster.submit(straggler)
            try await cluster.waitForCalls(of: "slow")
            cluster.register("slow", .failing(with: Self.failure))
            for _ in 0..<3 {
                let run = try await cluster.submit(straggler)
                try await cluster.wait(run.id)
            }
            try await cluster.advance(by: .seconds(30))
            gates.append(())
            #expect(try await cluster.wait(early.id).status == .failed)
            cluster.register("slow", .echoing)
            try await cluster.advance(by: .seconds(30))
            let probe = try await cluster.submit(straggler)
            #expect(try await cluster.wait(probe.id).status == .completed, "the late failure did not prolong the pause")
        }
    }

    @Test("opens after n failures in a row, refuses at once, and closes after a probe that works")
    func cycle() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            try await open(cluster)
            let calls = cluster.calls(of: "work").count
            let refused = try await end(guarded(), cluster)
            #expect(refused.status == .failed && refused.error?.type == TaskError.Kind.circuitOpen)
            #expect(cluster.calls(of: "work").count == calls)
            try await cluster.advance(by: .seconds(59))
            #expect(try await end(guarded(), cluster).error?.type == TaskError.Kind.circuitOpen)
            try await cluster.advance(by: .seconds(1))
            let gate = Journal<Void>()
            cluster.register("work") {
                try await gate.first()
                return "well"
            }
            let probe = try await cluster.submit(guarded())
            try await cluster.waitForCalls(of: "work", count: calls + 1)
            #expect(try await end(guarded(), cluster).error?.type == TaskError.Kind.circuitOpen)
            gate.append(())
            #expect(try await cluster.wait(probe.id).status == .completed)
            #expect(try await end(guarded(), cluster).status == .completed)
        }
    }

    @Test("a probe that fails opens it again, for another reset time")
    func failedProbe() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            try await open(cluster)
            try await cluster.advance(by: .seconds(60))
            #expect(try await end(guarded(), cluster).error?.type == "technical")
            #expect(try await end(guarded(), cluster).error?.type == TaskError.Kind.circuitOpen)
            try await cluster.advance(by: .seconds(60))
            cluster.register("work", .succeeding())
            #expect(try await end(guarded(), cluster).status == .completed)
        }
    }

    @Test("a probe whose run is cancelled leaves its place to another", arguments: [true, false])
    func cancelledProbe(_ whileItRuns: Bool) async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock, configure: { $0.workers = 1 }) { cluster in
            try await open(cluster)
            try await cluster.advance(by: .seconds(60))
            cluster.register("work", .hanging)
            if !whileItRuns { await cluster.workers[0].stop() }
            let probe = try await cluster.submit(guarded())
            if whileItRuns { try await cluster.waitForEvent(probe.id) { $0.type == .taskStarted } }
            try await cluster.cancel(probe.id)
            try await cluster.wait(probe.id)
            cluster.register("work", .succeeding("well"))
            if !whileItRuns { try await cluster.startWorker() }
            #expect(try await end(guarded(), cluster).status == .completed)
        }
    }

    @Test("the fallback is used while it is open, and its own failures don't count")
    func fallback() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            try await open(cluster)
            let calls = cluster.calls(of: "work").count
            cluster.register("spare", .succeeding("spare"))
            let made = try await end(guarded(fallback: "spare"), cluster)
            #expect(made.status == .completed && made.madeBy == "spare" && made.result?.value == "spare")
            #expect(cluster.calls(of: "work").count == calls)
            cluster.register("spare", .failing(with: Self.failure))
            #expect(try await end(guarded(fallback: "spare"), cluster).error?.type == "technical")
            try await cluster.advance(by: .seconds(60))
            cluster.register("work", .succeeding("own"))
            #expect(try await end(guarded(fallback: "spare"), cluster).result?.value == "own")
        }
    }

    private static func work(_ input: String) throws -> String {
        switch input {
        case "bad": throw TaskError(type: "input", message: "no such customer", retryable: false)
        case "down": throw failure
        default: return "done"
        }
    }

    @Test("what the handler refuses for good doesn't count, and a success starts the count anew")
    func counting() async throws {
        try await withCluster { cluster in
            cluster.register("work") { (input: String, _) in try Self.work(input) }
            try await cluster.startWorkers()
            for _ in 0..<5 { #expect(try await error(of: "bad", cluster) == "input") }
            for _ in 0..<2 { #expect(try await error(of: "down", cluster) == "technical") }
            #expect(try await error(of: "well", cluster) == nil)
            for _ in 0..<3 { #expect(try await error(of: "down", cluster) == "technical") }
            #expect(try await error(of: "well", cluster) == TaskError.Kind.circuitOpen)
        }
    }

    @Test("each attempt of one task counts, and those that are refused wait as retries do")
    func attempts() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(2, then: "well", with: Self.failure))
            let run = try await cluster.submit(guarded(2, retry: RetryPolicy(maxAttempts: 4, backoff: .fixed, delay: .seconds(40), jitter: 0)))
            for attempt in 1...3 {
                try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying && $0.attempt == attempt }
                try await cluster.advance(by: .seconds(40))
            }
            #expect(try await cluster.wait(run.id).status == .completed)
            let errors = try await cluster.task("a", of: run.id).history?.compactMap { $0.error?.type }
            #expect(errors == ["technical", "technical", TaskError.Kind.circuitOpen])
        }
    }

    @Test("stays open over a restart of the coordinator")
    func restart() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            try await open(cluster)
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            #expect(try await end(guarded(), cluster).error?.type == TaskError.Kind.circuitOpen)
        }
    }

    @Test("a failure counts once, whatever becomes of its task later: a rerun, or a way back")
    func onceOnly() async throws {
        try await withCluster { cluster in
            cluster.register("work", .failing(1, then: "fine"))
            let run = try await cluster.submit(guarded(2))
            #expect(try await cluster.wait(run.id).status == .failed)
            try await cluster.rerun(run.id)
            #expect(try await cluster.wait(run.id).status == .completed)
            cluster.register("odd", .failing(1, then: "fine"))
            cluster.register("decide") { (_: JSON, context: TaskContext) in context.attempt == 1 ? "back" : "on" }
            let tasks = [
                task("a", handler: "first"),
                task("b", after: .init("a"), handler: "odd").with { $0.rules.breaker = BreakerRule(failures: 2, reset: .seconds(60)) },
                task("d", after: .init("a"), .init("b", on: .finished), handler: "decide").with {
                    $0.rules.routing = Routing([.init("back", to: ["a"]), .init("on", to: ["z"])])
                },
                task("z", handler: "first"),
            ]
            cluster.register("first", .succeeding())
            let again = try await cluster.submit(Graph(name: "g", tasks: tasks))
            #expect(try await cluster.wait(again.id).status == .completed)
            #expect(try await cluster.task("b", of: again.id).status == .completed)
        }
    }
}
