import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWorker
import Testing

@Suite("C6 guardrails", .timeLimit(.minutes(1)))
struct C6Guardrails {
    private func guarded(_ validators: HandlerName..., steps: Int = 3, delay: Duration = .zero, fallback: HandlerName? = nil) -> TaskSpec {
        task("a", inputs: ["topic": "tea"]).with {
            $0.rules.guardrails = Guardrails(validators.map { .init($0) }, steps: steps, delay: delay)
            $0.rules.fallback = fallback
        }
    }

    @Test("each passes or changes the result in turn, and sees the inputs")
    func change() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("draft"))
            cluster.register("pass", .succeeding(["verdict": "pass"]))
            cluster.register("polish") { (input: JSON, _) -> JSONValue in
                ["verdict": "change", "result": .string("\(input.value["result"]?.string ?? "")+")]
            }
            let run = try await cluster.submit(graph(guarded("polish", "pass", "polish"), task("z", after: .init("a"), handler: "pass")))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("a", of: run.id).result?.value == "draft++")
            #expect(cluster.calls(of: "pass").first?.inputs.value == ["inputs": ["topic": "tea"], "result": "draft+"])
            #expect(cluster.calls(of: "pass").last?.inputs.value == ["a": "draft++"])
        }
    }

    @Test("a rejection is tried again with the feedback, so often and so far apart as said, over a restart too")
    func reject() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work") { (_: JSON, context: TaskContext) -> JSONValue in context.feedback?.value["reason"] ?? "first" }
            cluster.register("judge") { (input: JSON, _) -> JSONValue in
                switch input.value["result"]?.string {
                case "first": ["verdict": "reject", "feedback": "longer"]
                case "longer": ["verdict": "reject", "feedback": "better"]
                default: ["verdict": "pass"]
                }
            }
            let run = try await cluster.submit(graph(guarded("judge", delay: .seconds(60))))
            for rejection in 1...2 {
                try await cluster.waitForEvent(run.id) { $0.type == .taskRejected && $0.data?.value["rejections"]?.int == rejection }
                await cluster.stopCoordinator()
                try cluster.startCoordinator()
                try await cluster.advance(by: .seconds(60))
            }
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("a", of: run.id).result?.value == "better")
            #expect(cluster.calls(of: "work").count == 3 && cluster.calls(of: "judge").count == 3)
        }
    }

    @Test("after the last rejection the fallback, and then the task fails")
    func exhausted() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("bad"))
            cluster.register("spare", .succeeding("good"))
            cluster.register("judge") { (input: JSON, _) -> JSONValue in
                input.value["result"] == "good" ? ["verdict": "pass"] : ["verdict": "reject", "feedback": "no"]
            }
            let saved = try await cluster.submit(graph(guarded("judge", steps: 2, fallback: "spare")))
            #expect(try await cluster.wait(saved.id).status == .completed)
            #expect(try await cluster.task("a", of: saved.id).madeBy == "spare")
            #expect(cluster.calls(of: "work").count == 3)
            let failed = try await cluster.submit(graph(guarded("judge", steps: 0)))
            #expect(try await cluster.wait(failed.id).status == .failed)
            #expect(try await cluster.task("a", of: failed.id).error?.type == TaskError.Kind.rejected)
        }
    }

    @Test("a validator that fails, or says nothing, fails the task with its name")
    func broken() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("x"))
            cluster.register("silent", .succeeding())
            cluster.register("dead", .failing(with: TaskError(type: "e", message: "broken", retryable: false)))
            for name in ["silent", "dead"] as [HandlerName] {
                let run = try await cluster.submit(graph(guarded(name)))
                #expect(try await cluster.wait(run.id).status == .failed)
                #expect(try await cluster.task("a", of: run.id).error?.message.contains(name.rawValue) == true)
            }
        }
    }

    @Test("a cancel while a validator looks ends both")
    func cancel() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("x"))
            cluster.register("slow", .hanging)
            let run = try await cluster.submit(graph(guarded("slow")))
            try await cluster.waitForCalls(of: "slow")
            try await cluster.cancel(run.id)
            #expect(try await cluster.wait(run.id).status == .cancelled)
            #expect(try await cluster.task("a", of: run.id).result == nil)
        }
    }

    @Test("a result that its schema turns down is tried again, and then fails the task")
    func schema() async throws {
        try await withCluster { cluster in
            cluster.register("work") { (_: JSON, context: TaskContext) in JSONValue.integer(Int64(context.attempt)) }
            let spec = task("a").with { $0.rules.schemas.result = JSON(["minimum": 3]) }
            let run = try await cluster.submit(graph(spec))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("a", of: run.id).result?.value == 3)
            let never = try await cluster.submit(graph(spec.with { $0.rules.schemas.result = JSON(["type": "string"]) }))
            #expect(try await cluster.wait(never.id).status == .failed)
            #expect(try await cluster.task("a", of: never.id).error?.type == TaskError.Kind.invalidResult)
        }
    }

    @Test("a change has to fit the schema of the result, like the result itself")
    func changed() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("text"))
            cluster.register("v", .succeeding(["verdict": "change", "result": 5]))
            let run = try await cluster.submit(
                graph(
                    task("a").with {
                        $0.rules.schemas.result = JSON(["type": "string"])
                        $0.rules.guardrails = Guardrails([.init("v")], steps: 1)
                    }))
            #expect(try await cluster.wait(run.id).status == .failed)
            let task = try await cluster.task("a", of: run.id)
            #expect(task.error?.type == TaskError.Kind.invalidResult && task.error?.message.contains("v changes the result") == true)
            #expect(cluster.calls(of: "work").count == 2)
        }
    }
}
