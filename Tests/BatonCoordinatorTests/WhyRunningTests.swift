import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("K5 what a task under way waits for", .timeLimit(.minutes(1)))
struct K5WhyRunning {
    @Test("which worker runs it, since when, with which lease and how far")
    func running() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster, announced: true) { worker in
                let run = try await cluster.submit(graph(task("a")))
                let (_, message) = try await worker.message("a")
                try await worker.report(.started, of: message.attempt)
                try await worker.report(.lease, of: message.attempt)
                try await worker.report(.progress(.init(fraction: 0.5)), of: message.attempt)
                try await cluster.waitForEvent(run.id) { $0.type == .taskProgress }
                let why = try await cluster.why("a", of: run.id)
                #expect(why.reason == .running && why.since == clock.now, "\(why.text)")
                let cause = try #require(why.waitsFor.first)
                #expect(cause.worker == worker.id && cause.leased == true && cause.progress == 0.5 && cause.lastSeenAt != nil)
                #expect(cause.until != nil && why.text.contains("50 %"))
            }
        }
    }

    @Test("its worker is silent")
    func silent() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster, announced: true) { worker in
                let run = try await cluster.submit(graph(task("a")))
                try await worker.start("a", of: run.id, in: cluster)
                try await cluster.advance(by: .seconds(60))
                let why = try await cluster.why("a", of: run.id)
                #expect(why.reason == .workerSilent && why.text.contains("silent for 60 s"), "\(why.text)")
            }
        }
    }

    @Test("a cancel that its handler has not confirmed")
    func cancelling() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster, announced: true) { worker in
                let run = try await cluster.submit(graph(task("a")))
                let attempt = try await worker.start("a", of: run.id, in: cluster)
                async let cancelled = cluster.cancel(run.id, reason: "Ada changed her mind")
                try await cluster.waitForEvent(run.id) { $0.type == .taskCancelling }
                let why = try await cluster.why("a", of: run.id)
                #expect(why.reason == .cancelling && why.until != nil, "\(why.text)")
                #expect(why.text.contains("Ada changed her mind") && why.waitsFor.first?.worker == worker.id)
                try await worker.report(.cancelled(message: nil), of: attempt)
                _ = try await cancelled
                try await cluster.wait(run.id)
                let end = try await cluster.why("a", of: run.id)
                #expect(end.reason == .cancelled && end.text.contains("Ada changed her mind"), "\(end.text)")
            }
        }
    }

    @Test("validators that look at its result")
    func validating() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding(1))
            cluster.register("judge", .hanging)
            let run = try await cluster.submit(graph(task("a").with { $0.rules.guardrails = Guardrails([.init("judge")]) }))
            try await cluster.waitForCalls(of: "judge")
            let why = try await cluster.why("a", of: run.id)
            #expect(why.reason == .validating && why.waitsFor.count == 1, "\(why.text)")
        }
    }

    @Test("an answer from outside, with its token and deadline")
    func answer() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            let approval = task("approve", handler: .answer).with { $0.rules.answer = AnswerRule(deadline: .seconds(60), default: JSON(false)) }
            let run = try await cluster.submit(graph(approval, task("b", after: .init("approve"))))
            let why = try await cluster.why("approve", of: run.id)
            let cause = try #require(why.waitsFor.first)
            #expect(why.reason == .answer && why.until == clock.now + .seconds(60) && cause.hasDefault == true)
            #expect(why.text.contains("takes its default"), "\(why.text)")
            #expect(try await cluster.why("b", of: run.id).waitsFor.contains { $0.kind == .root && $0.reason == .answer })
            let token = try #require(cause.token)
            #expect(try await cluster.answer(token, .complete(JSON(true))).status == .completed)
        }
    }

    @Test("the run that it is")
    func subgraph() async throws {
        try await withCoordinator { cluster in
            let inner = task("inner", handler: .graph).with { $0.rules.graph = graph(task("deep"), name: "inner") }
            let run = try await cluster.submit(graph(inner))
            let why = try await cluster.why("inner", of: run.id)
            let child = try #require(why.waitsFor.first?.run)
            #expect(why.reason == .subgraph && why.waitsFor.first?.status == "running" && why.text.contains("baton why \(child)"))
            #expect(try await cluster.coordinator.why(run: child).tasks.map(\.task) == ["deep"])
        }
    }

    @Test("the items of a loop, and what those wait for")
    func items() async throws {
        try await withCoordinator { cluster in
            let loop = task("each").with { $0.rules.loop = Loop(.list(JSON([1, 2, 3, 4, 5])), maxParallel: 2) }
            let run = try await cluster.submit(graph(loop))
            let why = try await cluster.why("each", of: run.id)
            let items = try #require(why.waitsFor.first)
            #expect(why.reason == .items && items.total == 5 && items.open == 2 && items.limit == 2 && items.ended == 0)
            #expect(why.waitsFor.filter { $0.kind == .root }.map(\.reason) == [.noWorker, .noWorker])
            #expect(why.text.contains("as many as may be at a time") && why.text.contains("no worker"), "\(why.text)")
        }
    }

    @Test("of a run without a task: what holds it up, what needs somebody first")
    func run() async throws {
        try await withCluster(slots: 1) { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(
                graph(task("a"), task("b", after: .init("a")), task("c").with { $0.queue = "gpu" }, task("d", after: .init("c"))))
            try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
            try await cluster.coordinator.tick()
            let why = try await cluster.coordinator.why(run: run.id)
            #expect(why.tasks.map(\.task) == ["c", "a"] && why.reasons == ["noWorker": 1, "running": 1])
            #expect(why.text.contains("0 of 4 tasks have ended"), "\(why.text)")
        }
    }
}
