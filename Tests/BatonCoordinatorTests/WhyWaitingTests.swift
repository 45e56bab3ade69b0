import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("K5 what a waiting task waits for", .timeLimit(.minutes(1)))
struct K5WhyWaiting {
    @Test("dependencies: which have not ended, and down the chain the task that keeps all of them waiting")
    func dependencies() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(
                    graph(task("a"), task("b", after: .init("a")), task("c", after: .init("b"), .init("a", on: .finished)), task("d", after: .init("b", on: .failed), .init("c"))))
                try await worker.start("a", of: run.id, in: cluster)
                let why = try await cluster.why("d", of: run.id)
                #expect(why.reason == .dependencies && why.status == .pending && why.count == 2)
                #expect(why.waitsFor.filter { $0.kind == .task }.map(\.task) == ["b", "c"])
                #expect(why.waitsFor.filter { $0.kind == .task }.map(\.on) == [.failed, .completed])
                let roots = why.waitsFor.filter { $0.kind == .root }
                #expect(roots.map(\.task) == ["a"] && roots.first?.status == "running")
                #expect(why.text.contains("b (pending), c (pending)") && why.text.contains("At the bottom, a runs"), "\(why.text)")
            }
        }
    }

    @Test("a chain of thousands is followed to its bottom, and what is wide is cut")
    func long() async throws {
        try await withCoordinator { cluster in
            var tasks = [task("t0")]
            for number in 1..<4000 { tasks.append(task(TaskID("t\(number)"), after: .init(TaskID("t\(number - 1)")))) }
            tasks += (0..<300).map { task(TaskID("w\($0)")) }
            tasks.append(TaskSpec(id: "join", handler: "work", dependencies: (0..<300).map { Dependency(TaskID("w\($0)")) }))
            let run = try await cluster.submit(Graph(name: "long", tasks: tasks))
            let chain = try await cluster.why("t3999", of: run.id)
            #expect(chain.waitsFor.filter { $0.kind == .root }.map(\.task) == ["t0"])
            let join = try await cluster.why("join", of: run.id)
            #expect(join.count == 300 && join.waitsFor.count == 40)
            #expect(join.text.contains("295 more"), "\(join.text)")
        }
    }

    @Test("a decision that has not been made yet")
    func route() async throws {
        try await withCoordinator { cluster in
            let decision = task("decide").with { $0.rules.routing = Routing([.init("yes", to: ["ship"]), .init("no", to: ["stop"])]) }
            let run = try await cluster.submit(graph(decision, task("ship"), task("stop")))
            let why = try await cluster.why("ship", of: run.id)
            #expect(why.reason == .route && why.waitsFor.first?.task == "decide" && why.waitsFor.first?.on == .routed)
            #expect(why.text.contains("if it is chosen"))
        }
    }

    @Test("the order of a sequence")
    func sequence() async throws {
        try await withCoordinator { cluster in
            let run = try await cluster.submit(Graph(name: "s", mode: .sequential, tasks: [task("a"), task("b"), task("c")]))
            let why = try await cluster.why("c", of: run.id)
            #expect(why.reason == .sequence && why.waitsFor.first?.task == "b")
            #expect(why.waitsFor.filter { $0.kind == .root }.map(\.task) == ["a"])
        }
    }

    @Test("a context that is being made smaller")
    func context() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding(.string(String(repeating: "x", count: 200))))
            cluster.register("compress", .hanging)
            let small = task("b", after: .init("a")).with { $0.rules.context = ContextRule(compressor: .init("compress", limit: 10)) }
            let run = try await cluster.submit(graph(task("a"), small))
            try await cluster.waitForCalls(of: "compress")
            let why = try await cluster.why("b", of: run.id)
            #expect(why.reason == .context && why.status == .pending)
            #expect(why.waitsFor.first?.task == "b~compress")
            let whole = try await cluster.coordinator.why(run: run.id)
            #expect(whole.tasks.map(\.task) == ["b~compress"])
        }
    }

    @Test("time: a delay, and a point in time")
    func time() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            let due = clock.now + .seconds(7200)
            let run = try await cluster.submit(graph(task("later", start: .after(.seconds(90))), task("then", start: .at(due))))
            let delay = try await cluster.why("later", of: run.id)
            #expect(delay.reason == .delay && delay.until == clock.now + .seconds(90) && delay.text.contains("in 90 s"), "\(delay.text)")
            let at = try await cluster.why("then", of: run.id)
            #expect(at.reason == .at && at.until == due && at.waitsFor.first?.until == due)
        }
    }

    @Test("a retry: when, and what the last attempt said")
    func retry() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(with: TaskError(type: "bank", message: "The bank did not answer.")))
            let run = try await cluster.submit(graph(task("a", retry: RetryPolicy(maxAttempts: 3, delay: .seconds(60), jitter: 0)), task("b", after: .init("a"))))
            try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying }
            let why = try await cluster.why("a", of: run.id)
            #expect(why.reason == .retry && why.until == clock.now + .seconds(60))
            let attempt = why.waitsFor.first { $0.kind == .attempt }
            #expect(attempt?.attempt == 1 && attempt?.maxAttempts == 3 && attempt?.error?.type == "bank")
            #expect(why.text.contains("attempt 1 of 3 failed (The bank did not answer)"), "\(why.text)")
            #expect(try await cluster.why("b", of: run.id).text.contains("a attempt 1 of 3 failed"))
        }
    }

    @Test("a circuit that is open, and until when")
    func circuit() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(with: TaskError(type: "technical", message: "down")))
            let guarded = { (retry: RetryPolicy) in
                graph(task("a", retry: retry).with { $0.rules.breaker = BreakerRule(failures: 1, reset: .seconds(60)) })
            }
            let first = try await cluster.submit(guarded(.none))
            try await cluster.wait(first.id)
            let run = try await cluster.submit(guarded(RetryPolicy(maxAttempts: 9, delay: .seconds(10), jitter: 0)))
            try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying }
            let why = try await cluster.why("a", of: run.id)
            #expect(why.reason == .circuitOpen)
            #expect(why.waitsFor.first { $0.kind == .limit }?.until == clock.now + .seconds(60))
        }
    }

    @Test("what isn't there is said to be missing")
    func missing() async throws {
        try await withCoordinator { cluster in
            let run = try await cluster.submit(graph(task("a")))
            #expect(await cluster.refusal { try await cluster.why("z", of: run.id) } == .notFound)
            #expect(await cluster.refusal { try await cluster.why("a", of: "nope") } == .notFound)
            #expect(await cluster.refusal { try await cluster.coordinator.why(run: "nope") } == .notFound)
        }
    }
}

extension TestCluster {
    func why(_ task: TaskID, of run: RunID) async throws -> WhyView {
        try await coordinator.tick()
        return try await coordinator.why(task: task, of: run)
    }
}
