import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWorker
import Testing

/// The coordinator dies once in each run of the graph: at its first write, at its second, and so on, until there are no more.
@Suite("D2, D3, D5: a crash at every commit", .timeLimit(.minutes(3)))
struct CrashSweepTests {
    @Test("a saga undoes what completed, once each and in reverse order", arguments: Crash.Point.allCases)
    func saga(_ point: Crash.Point) async throws {
        let steps: [TaskID] = ["a", "b", "c"]
        var tasks = steps.enumerated().map { place, id in
            var spec = task(id, handler: "do", inputs: ["step": .string(id.rawValue)])
            if place > 0 { spec.dependencies = [Dependency(steps[place - 1])] }
            spec.rules.compensation = Compensation("undo")
            return spec
        }
        tasks.append(task("d", after: .init("c"), handler: "fail"))
        try await sweep(point, Graph(name: "saga", tasks: tasks)) { cluster in
            cluster.register("do", .succeeding("done"))
            cluster.register("undo", .succeeding())
            cluster.register("fail", .failing(with: TaskError(type: "e", message: "no")))
        } check: { cluster, run in
            #expect(run.status == .failed)
            #expect(Set(run.undone ?? []) == Set(steps) && run.notUndone ?? [] == [])
            #expect(cluster.calls(of: "undo").map { $0.inputs.value["task"]?.string } == ["c", "b", "a"])
            #expect(cluster.calls(of: "do").map(\.task) == steps)
            #expect(cluster.calls(of: "fail").count == 1)
        }
    }

    @Test("continuations, and the tasks that they bring, come exactly once", arguments: Crash.Point.allCases)
    func continuations(_ point: Crash.Point) async throws {
        let first = task("a").with {
            $0.rules.continuations.onCompleted = [
                task("next"), task("after", after: .init("next")), task("never").with { $0.rules.when = "`false`" },
            ]
        }
        let second = task("b", handler: "fail").with {
            $0.critical = false
            $0.rules.continuations.onFailed = [task("alert")]
        }
        try await sweep(point, graph(first, second)) { cluster in
            cluster.register("work", .succeeding("done"))
            cluster.register("fail", .failing(with: TaskError(type: "e", message: "no")))
        } check: { cluster, run in
            #expect(run.status == .completed)
            #expect(Set(cluster.calls(of: "work").map(\.task)) == ["a", "a~next", "a~after", "b~alert"])
            #expect(cluster.calls(of: "work").count == 4 && cluster.calls(of: "fail").count == 1)
        }
    }

    @Test("a loop runs each item once, and what follows sees all of them", arguments: Crash.Point.allCases)
    func loop(_ point: Crash.Point) async throws {
        let loop = task("all").with { $0.rules.loop = Loop(.list(JSON([1, 2, 3, 4, 5])), maxParallel: 2) }
        try await sweep(point, graph(loop, task("sum", after: .init("all"), handler: "sum"))) { cluster in
            cluster.register("work") { (input: JSON, _) in input.value["item"] ?? .null }
            cluster.register("sum", .echoing)
        } check: { cluster, run in
            #expect(run.status == .completed)
            #expect(Set(cluster.calls(of: "work").map { $0.inputs.value["item"] }) == [1, 2, 3, 4, 5])
            #expect(cluster.calls(of: "work").count == 5)
            #expect(cluster.calls(of: "sum").map { $0.inputs.value } == [["all": [1, 2, 3, 4, 5]]])
        }
    }

    @Test("a graph within the graph runs once, and its result comes back", arguments: Crash.Point.allCases)
    func child(_ point: Crash.Point) async throws {
        let inner = graph(task("x", inputs: ["n": 1]), task("y", after: .init("x")), name: "inner")
        let outer = task("sub", handler: .graph).with { $0.rules.graph = inner }
        try await sweep(point, graph(outer, task("z", after: .init("sub"), handler: "last"))) { cluster in
            cluster.register("work", .echoing)
            cluster.register("last", .echoing)
        } check: { cluster, run in
            #expect(run.status == .completed)
            #expect(cluster.calls(of: "work").map(\.task) == ["x", "y"])
            #expect(cluster.calls(of: "last").map { $0.inputs.value } == [["sub": ["x": ["n": 1]]]])
            let family = try await cluster.runs(RunFilter(family: run.id))
            #expect(family.count == 2)
        }
    }

    @Test("limits and results for twins keep their count", arguments: Crash.Point.allCases)
    func gates(_ point: Crash.Point) async throws {
        var tasks = (0..<4).map { number in
            task(TaskID("t\(number)"), handler: "limited").with { $0.rules.limit = SharedLimit(concurrency: 1) }
        }
        tasks += (0..<3).map { number in
            task(TaskID("c\(number)"), handler: "cached").with { $0.rules.cache = CacheRule(ttl: .seconds(3600)) }
        }
        try await sweep(point, Graph(name: "gates", tasks: tasks)) { cluster in
            cluster.register("limited", .succeeding())
            cluster.register("cached", .succeeding("same"))
        } check: { cluster, run in
            #expect(run.status == .completed)
            #expect(cluster.calls(of: "limited").map(\.task) == ["t0", "t1", "t2", "t3"])
            #expect(cluster.calls(of: "cached").count == 1)
        }
    }

    @Test("a message that can't be made fails its task once", arguments: Crash.Point.allCases)
    func undeliverable(_ point: Crash.Point) async throws {
        let colliding = task("c", after: .init("a"), .init("b"), handler: "never", flat: true)
        try await sweep(point, graph(task("a", inputs: ["x": 1]), task("b", inputs: ["x": 2]), colliding)) { cluster in
            cluster.register("work", .echoing)
            cluster.register("never", .succeeding())
        } check: { cluster, run in
            #expect(run.status == .failed && run.counts == ["completed": 2, "failed": 1])
            #expect(cluster.calls(of: "never").isEmpty)
        }
    }

    @Test("a validator's rejection, and a route that leads back, happen once", arguments: Crash.Point.allCases)
    func again(_ point: Crash.Point) async throws {
        let first = task("a", handler: "count").with { $0.rules.guardrails = Guardrails([.init("check")]) }
        let decision = task("d", after: .init("a"), handler: "decide").with {
            $0.rules.routing = Routing([.init("back", to: ["a"]), .init("on", to: ["z"])])
        }
        try await sweep(point, graph(first, decision, task("z"))) { cluster in
            cluster.register("work", .succeeding())
            cluster.register("count") { (_: JSON, context: TaskContext) in context.attempt }
            // The first is rejected, the second led back, the third is good.
            cluster.register("check") { (input: JSON, _) -> JSONValue in
                input.value["result"] == 1 ? ["verdict": "reject", "feedback": "no"] : ["verdict": "pass"]
            }
            cluster.register("decide") { (input: JSON, _) in input.value["a"] == 2 ? "back" : "on" }
        } check: { cluster, run in
            #expect(run.status == .completed)
            #expect(cluster.calls(of: "count").map(\.attempt) == [1, 2, 3])
            #expect(cluster.calls(of: "check").count == 3 && cluster.calls(of: "decide").count == 2)
            #expect(cluster.calls(of: "work").map(\.task) == ["z"])
        }
    }

    private func sweep(
        _ point: Crash.Point, _ graph: Graph, _ register: (TestCluster) -> Void,
        check: (TestCluster, RunView) async throws -> Void
    ) async throws {
        var write = 0
        var survived = 0
        // How much is decided in one transaction differs a little from run to run.
        while survived < 3 {
            write += 1
            survived = try await runs(graph, Crash(at: write, point), register, check) ? 0 : survived + 1
        }
        #expect(write > 5)
    }

    /// - Returns: whether the coordinator died on the way.
    private func runs(
        _ graph: Graph, _ crash: Crash, _ register: (TestCluster) -> Void, _ check: (TestCluster, RunView) async throws -> Void
    ) async throws -> Bool {
        var settings = TestClusterSettings()
        settings.wrapStore = { CrashingStore($0, crash) }
        return try await withCluster(settings) { cluster in
            register(cluster)
            try await cluster.startWorkers()
            let restarted = Journal<Void>()
            async let restart: Void = Self.restart(cluster, crash, restarted)
            crash.arm()
            var graph = graph
            graph.key = "once"
            let run = try await Self.surviving(restarted) { try await cluster.submit(graph) }
            let ended = try await Self.surviving(restarted) { try await cluster.wait(run.id) }
            let hasDied = crash.disarm()
            if hasDied { try await restarted.first() }
            try await check(cluster, ended)
            let events = try await cluster.events(of: run.id)
            #expect(events.map(\.id) == Array(1...events.count))
            let ends = events.filter { [.taskCompleted, .taskFailed, .taskSkipped, .taskCancelled].contains($0.type) }
            #expect(Set(ends.map { "\($0.task?.rawValue ?? "") \($0.attempt ?? 0)" }).count == ends.count)
            #expect(try await cluster.tasks(of: run.id).allSatisfy(\.status.isFinal))
            #expect(try await cluster.published() == 0)
            // Nobody is to wait for a crash that doesn't come.
            if !hasDied { crash.happened.append(()) }
            _ = try await restart
            return hasDied
        }
    }

    private static func restart(_ cluster: TestCluster, _ crash: Crash, _ restarted: Journal<Void>) async throws {
        try await crash.happened.first()
        await cluster.stopCoordinator()
        try cluster.startCoordinator()
        restarted.append(())
    }

    /// Asks again once the coordinator is there again.
    private static func surviving<Value>(_ restarted: Journal<Void>, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as OperationError where error.code == .unavailable {
            try await restarted.first()
            return try await body()
        }
    }
}
