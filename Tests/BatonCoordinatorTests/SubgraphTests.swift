import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("C7 graphs as tasks", .timeLimit(.minutes(1)))
struct C7Subgraphs {
    private func sub(_ id: TaskID, _ inner: Graph, after dependencies: Dependency..., retry: RetryPolicy? = nil) -> TaskSpec {
        var spec = task(id, handler: .graph, retry: retry).with { $0.rules.graph = inner }
        spec.dependencies = dependencies
        return spec
    }

    private func child(of run: RunID, _ cluster: TestCluster) async throws -> RunID {
        try #require(try await cluster.task("sub", of: run).child)
    }

    @Test("the result of its last task is the task's, of several an object; inputs are its input; the family is found")
    func result() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let one = Graph(
                name: "one", input: JSON(["base": 1, "own": true]),
                tasks: [task("x", inputs: ["n": 1]), task("y", after: .init("x")).with { $0.rules.when = "input.a.q == `7` && input.own" }])
            let two = graph(task("p", inputs: "l"), task("q", inputs: "r"), name: "two")
            let run = try await cluster.submit(
                graph(task("a", inputs: ["q": 7]), sub("sub", one, after: .init("a")), sub("pair", two), task("z", after: .init("sub"), .init("pair"))))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("z", of: run.id).result?.value == ["sub": ["x": ["n": 1]], "pair": ["p": "l", "q": "r"]])
            let family = try await cluster.runs(RunFilter(family: run.id))
            #expect(Set(family.map(\.name)) == ["test", "one", "two"])
            let inner = try await cluster.run(try await child(of: run.id, cluster))
            #expect(inner.parent == TaskReference(run: run.id, task: "sub") && inner.correlationId == run.correlationId)
        }
    }

    @Test("a child that fails is a failed attempt, and a new child is the next")
    func retry() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(1, then: "second"))
            let policy = RetryPolicy(maxAttempts: 2, delay: .seconds(60), jitter: 0)
            let run = try await cluster.submit(graph(sub("sub", graph(task("x"), name: "inner"), retry: policy)))
            try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying }
            let first = try await cluster.task("sub", of: run.id)
            #expect(first.error?.type == TaskError.Kind.runFailed)
            try await cluster.advance(by: .seconds(60))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("sub", of: run.id).result?.value == "second")
            let inner = try await cluster.runs(RunFilter(name: "inner")).map(\.status)
            #expect(inner == [.completed, .failed])
        }
    }

    @Test("without a retry the failure is the run's, with its cause named")
    func failure() async throws {
        try await withCluster { cluster in
            cluster.register("work", .failing(with: TaskError(type: "e", message: "no")))
            let run = try await cluster.submit(graph(sub("sub", graph(task("x"), name: "inner")), task("z", after: .init("sub"))))
            #expect(try await cluster.wait(run.id).counts == ["failed": 1, "skipped": 1])
            #expect(try await cluster.task("sub", of: run.id).error?.message.contains("task x failed") == true)
        }
    }

    @Test("a cancel reaches the child's handlers, and the task ends when the child has", arguments: [true, false])
    func cancel(_ wholeRun: Bool) async throws {
        try await withCluster { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(graph(sub("sub", graph(sub("sub", graph(task("x"), name: "third")), name: "second"))))
            try await cluster.waitForCalls(of: "work")
            let outcome = wholeRun ? try await cluster.cancel(run.id, reason: "enough") : try await cluster.cancel(task: "sub", of: run.id, reason: "enough")
            #expect(outcome.outcome == .cancelling)
            #expect(try await cluster.wait(run.id).status == .cancelled)
            let family = try await cluster.runs(RunFilter(family: run.id))
            #expect(family.map(\.status) == [.cancelled, .cancelled, .cancelled])
            let third = try #require(family.first { $0.name == "third" })
            #expect(try await cluster.task("x", of: third.id).error?.message == "enough")
        }
    }

    @Test("a child that is cancelled fails its task")
    func cancelledChild() async throws {
        try await withCluster { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(graph(sub("sub", graph(task("x"), name: "inner"))))
            try await cluster.waitForCalls(of: "work")
            try await cluster.cancel(try await child(of: run.id, cluster), reason: "wrong")
            #expect(try await cluster.wait(run.id).status == .failed)
            #expect(try await cluster.task("sub", of: run.id).error?.message.contains("wrong") == true)
        }
    }

    @Test("a timeout of the task stops the child")
    func timeout() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(
                graph(sub("sub", graph(task("x"), name: "inner"), retry: RetryPolicy.none).with { $0.timeouts.attempt = .seconds(5) }))
            try await cluster.waitForCalls(of: "work")
            let inner = try await child(of: run.id, cluster)
            try await cluster.advance(by: .seconds(5))
            #expect(try await cluster.wait(run.id).status == .failed)
            #expect(try await cluster.task("sub", of: run.id).error?.type == TaskError.Kind.timeout)
            #expect(try await cluster.wait(inner).status == .cancelled)
        }
    }

    @Test("three levels, and the result comes up through all of them")
    func nested() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let third = graph(task("x", inputs: ["deep": true]), name: "third")
            let second = graph(sub("sub", third), task("y", after: .init("sub")), name: "second")
            let run = try await cluster.submit(graph(sub("sub", second), task("z", after: .init("sub"))))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("z", of: run.id).result?.value == ["sub": ["sub": ["deep": true]]])
        }
    }

    @Test("a loop over graphs: a child for each item, no more at a time than allowed")
    func loop() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let inner = Graph(name: "inner", tasks: [task("x").with { $0.rules.when = "input.item != `2`" }, task("y", inputs: ["ok": 1])])
            let loop = sub("all", inner).with { $0.rules.loop = Loop(.list(JSON([1, 2, 3])), maxParallel: 2) }
            let run = try await cluster.submit(graph(loop, task("z", after: .init("all"))))
            #expect(try await cluster.wait(run.id).status == .completed)
            let results = try await cluster.task("all", of: run.id).result?.value.array ?? []
            #expect(results.count == 3 && results.allSatisfy { $0["y"] == ["ok": 1] || $0["ok"] == 1 })
            #expect(try await cluster.runs(RunFilter(name: "inner")).count == 3)
            #expect(cluster.calls(of: "work").count { $0.task == "x" } == 2)
        }
    }

    @Test("running the task again makes a new child, and the old one is kept")
    func rerun() async throws {
        try await withCluster { cluster in
            cluster.register("work", .failing(1, then: "second"))
            let run = try await cluster.submit(graph(sub("sub", graph(task("x"), name: "inner"))))
            try await cluster.wait(run.id)
            let first = try await child(of: run.id, cluster)
            try await cluster.rerun(run.id)
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await child(of: run.id, cluster) != first)
            #expect(try await cluster.run(first).status == .failed)
        }
    }

    @Test("a child whose end comes at once ends its task")
    func empty() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            let inner = Graph(name: "inner", tasks: [task("x").with { $0.rules.when = "`false`" }])
            let run = try await cluster.submit(graph(sub("sub", inner), task("z", after: .init("sub"))))
            #expect(try await cluster.wait(run.id).status == .completed)
        }
    }

    @Test("a result that doesn't fit the task's schema fails it, once it has been made as often as it may be", arguments: [0, 1])
    func schema(_ steps: Int) async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("text"))
            let spec = sub("sub", graph(task("x"))).with {
                $0.rules.schemas.result = JSON(["type": "integer"])
                $0.rules.guardrails = Guardrails(steps: steps)
            }
            let run = try await cluster.submit(graph(spec))
            #expect(try await cluster.wait(run.id).status == .failed)
            let task = try await cluster.task("sub", of: run.id)
            #expect(task.error?.type == TaskError.Kind.invalidResult && task.attempts == steps + 1)
            #expect(cluster.calls(of: "work").count == steps + 1)
        }
    }

    /// A circle of graphs that have nothing to do, which the coordinator goes through by itself.
    private func circle(_ rounds: Int) -> Graph {
        let nothing = graph(task("x").with { $0.rules.when = "`false`" }, name: "nothing")
        return graph(
            sub("a", nothing).with { $0.rules.maxIterations = rounds },
            sub("d", nothing, after: .init("a")).with {
                $0.rules.routing = Routing([.init("back", to: ["a"]), .init("on", to: ["z"])], default: "back")
            },
            task("z"))
    }

    @Test("a document that keeps the coordinator busy with itself keeps nobody else out")
    func busy() async throws {
        let commits = Journal<Void>()
        try await withCluster(configured { $0.wrapStore = { CountingStore($0, commits) } }) { cluster in
            cluster.register("work", .succeeding())
            let run = try await cluster.submit(circle(500))
            #expect(run.status == .running, "it is accepted before it has come to its end")
            let before = commits.all.count
            let other = try await cluster.submit(graph(task("b")))
            #expect(try await cluster.wait(other.id).status == .completed)
            #expect(try await cluster.wait(run.id).status == .failed)
            #expect(try await cluster.task("d", of: run.id).error?.type == TaskError.Kind.tooManyIterations)
            #expect(try await cluster.task("a", of: run.id).attempts == 501)
            #expect(commits.all.count > before + 2, "in several transactions")
        }
    }

    @Test("what was left for later goes on after a crash", arguments: [1, 2])
    func leftForLater(_ restarts: Int) async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            let run = try await cluster.submit(circle(300))
            for _ in 0..<restarts {
                await cluster.stopCoordinator()
                try cluster.startCoordinator()
            }
            #expect(try await cluster.wait(run.id).status == .failed)
            #expect(try await cluster.task("a", of: run.id).attempts == 301)
        }
    }

    private func configured(_ change: (inout TestClusterSettings) -> Void) -> TestClusterSettings {
        var settings = TestClusterSettings()
        change(&settings)
        return settings
    }
}
