import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWorker
import Testing

@Suite("E7 results for equal inputs", .timeLimit(.minutes(1)))
struct E7ResultCache {
    private func cached(_ id: TaskID, inputs: JSONValue = ["city": "Ulm"], version: String = "1", retry: RetryPolicy = .none) -> TaskSpec {
        task(id, inputs: inputs, retry: retry).with { $0.rules.cache = CacheRule(ttl: .seconds(3600), version: version) }
    }

    @Test("fifty twins in several runs at the same time are one execution")
    func twins() async throws {
        try await withCluster { cluster in
            let gate = Journal<Void>()
            cluster.register("work") {
                try await gate.first()
                return "sun"
            }
            var runs: [RunView] = []
            for _ in 0..<5 { runs.append(try await cluster.submit(Graph(name: "w", tasks: (0..<10).map { cached(TaskID("t\($0)")) }))) }
            try await cluster.waitForCalls(of: "work")
            #expect(try await cluster.published() == 1)
            gate.append(())
            var tasks: [TaskView] = []
            for run in runs {
                #expect(try await cluster.wait(run.id).counts == ["completed": 10])
                tasks += try await cluster.tasks(of: run.id)
                #expect(try await cluster.task("t9", of: run.id).result?.value == "sun")
            }
            #expect(cluster.calls(of: "work").count == 1)
            #expect(tasks.count { $0.cached == true } == 49)
        }
    }

    @Test("what follows different tasks is different, though it says the same")
    func continuations() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let tasks = (1...2).map { number in
                task(TaskID("t\(number)"), inputs: ["v": .integer(Int64(number))]).with {
                    $0.rules.continuations.onCompleted = [cached("k", inputs: ["city": "Ulm"])]
                }
            }
            let run = try await cluster.submit(Graph(name: "w", tasks: tasks))
            #expect(try await cluster.wait(run.id).status == .completed)
            for number in 1...2 {
                let result = try await cluster.task(TaskID("t\(number)~k"), of: run.id).result?.value
                #expect(result?["origin"]?["task"]?.string == "t\(number)")
            }
        }
    }

    @Test("equal items of a loop are one execution")
    func items() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let loop = cached("each").with { $0.rules.loop = Loop(.list(JSON([5, 5, 5])), maxParallel: 3) }
            let run = try await cluster.submit(Graph(name: "w", tasks: [loop]))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").count == 1)
        }
    }

    @Test("a kept result counts only where it fits the task's own schema")
    func schema() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let first = try await cluster.submit(Graph(name: "w", tasks: [cached("a")]))
            try await cluster.wait(first.id)
            let strict = cached("a").with {
                $0.rules.schemas.result = JSON(["type": "string"])
                $0.rules.guardrails = Guardrails(steps: 0)
            }
            let second = try await cluster.submit(Graph(name: "w", tasks: [strict]))
            #expect(try await cluster.wait(second.id).status == .failed)
            #expect(try await cluster.task("a", of: second.id).error?.type == TaskError.Kind.invalidResult)
        }
    }

    @Test("a failure is kept for nobody: the next of the twins runs")
    func failure() async throws {
        try await withCluster { cluster in
            cluster.register("work", .failing(2, then: "sun"))
            let run = try await cluster.submit(Graph(name: "w", tasks: (0..<10).map { cached(TaskID("t\($0)")) }))
            #expect(try await cluster.wait(run.id).counts == ["completed": 8, "failed": 2])
            #expect(cluster.calls(of: "work").map(\.task) == ["t0", "t1", "t2"])
        }
    }

    @Test("a twin that is to be tried again keeps its place, and one that is cancelled leaves it")
    func retryAndCancel() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(1, then: "sun"))
            let retry = RetryPolicy(maxAttempts: 2, delay: .seconds(60), jitter: 0)
            let first = try await cluster.submit(graph(cached("a", retry: retry), cached("b")))
            try await cluster.waitForEvent(first.id) { $0.type == .taskRetrying }
            #expect(try await cluster.published() == 0)
            try await cluster.cancel(task: "a", of: first.id)
            #expect(try await cluster.wait(first.id).counts == ["completed": 1, "cancelled": 1])
            #expect(cluster.calls(of: "work").map(\.task) == ["a", "b"])
        }
    }

    @Test("another version, other inputs, or a result too old are run")
    func different() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .echoing)
            func calls(_ spec: TaskSpec) async throws -> Int {
                let run = try await cluster.submit(graph(spec))
                try await cluster.wait(run.id)
                return cluster.calls(of: "work").count
            }
            var counts: [Int] = []
            counts.append(try await calls(cached("a")))
            counts.append(try await calls(cached("other-name")))
            counts.append(try await calls(cached("a", inputs: ["city": "Bonn"])))
            counts.append(try await calls(cached("a", version: "2")))
            counts.append(try await calls(cached("a").with { $0.params = JSON(["unit": "F"]) }))
            clock.advance(by: .seconds(3599))
            counts.append(try await calls(cached("a")))
            clock.advance(by: .seconds(1))
            counts.append(try await calls(cached("a")))
            #expect(counts == [1, 1, 2, 3, 4, 4, 5])
        }
    }

    @Test("twins wait, and results are kept, over a restart of the coordinator")
    func restart() async throws {
        try await withCluster { cluster in
            let gate = Journal<Void>()
            cluster.register("work") {
                try await gate.first()
                return "sun"
            }
            let run = try await cluster.submit(graph(cached("a"), cached("b"), cached("c")))
            try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            gate.append(())
            #expect(try await cluster.wait(run.id).counts == ["completed": 3])
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            let late = try await cluster.submit(graph(cached("d")))
            #expect(try await cluster.wait(late.id).status == .completed)
            #expect(cluster.calls(of: "work").count == 1)
        }
    }

    @Test("a task that is run once more with feedback makes another result")
    func feedback() async throws {
        try await withCluster { cluster in
            cluster.register("work") { (_: JSON, context: TaskContext) in JSONValue.integer(Int64(context.attempt)) }
            cluster.register("judge") { (input: JSON, _) -> JSONValue in input.value["a"] == 3 ? "good" : "again" }
            let judge = task("judge", after: .init("a"), handler: "judge").with {
                $0.rules.routing = Routing([.init("again", to: ["a"]), .init("good", to: ["end"])])
            }
            let run = try await cluster.submit(graph(cached("a"), judge, task("end").with { $0.handler = "judge" }))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("a", of: run.id).result?.value == 3)
        }
    }
}
