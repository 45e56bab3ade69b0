import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWorker
import Testing

@Suite("E8 checkpoint and resume", .timeLimit(.minutes(1)))
struct E8Resume {
    @Test("what an attempt saved reaches the next, also past a restart and a worker's death", arguments: [true, false])
    func checkpoint(_ workerDies: Bool) async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work") { (_: JSON, context: TaskContext) -> JSONValue in
                if let seen = try context.checkpoint(as: JSONValue.self) { return seen }
                try context.progress(0.5, checkpoint: ["line": 500])
                if workerDies { try await Task.sleep(for: .seconds(3600)) }
                throw TaskError(type: "e", message: "interrupted")
            }
            let run = try await cluster.submit(graph(task("a", retry: RetryPolicy(maxAttempts: 2, delay: .seconds(60), jitter: 0))))
            if workerDies {
                try await cluster.waitForEvent(run.id) { $0.type == .taskProgress }
                #expect(try await cluster.run(run.id).progress == 0.5)
                await cluster.workers[0].stop()
                try await cluster.startWorker()
            } else {
                try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying }
                await cluster.stopCoordinator()
                try cluster.startCoordinator()
                try await cluster.advance(by: .seconds(60))
            }
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("a", of: run.id).result?.value == ["line": 500])
        }
    }

    @Test("a stopped run goes on with what is unfinished, and only that")
    func unfinished() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            cluster.register("slow", .hanging)
            let run = try await cluster.submit(
                graph(task("a", inputs: ["n": 1]), task("b", after: .init("a"), handler: "slow"), task("c", after: .init("b"))))
            try await cluster.waitForCalls(of: "slow")
            try await cluster.cancel(run.id)
            #expect(try await cluster.wait(run.id).counts == ["completed": 1, "cancelled": 2])
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            cluster.register("slow", .echoing)
            #expect(try await cluster.rerun(run.id).status == .running)
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").map(\.task) == ["a", "c"])
            #expect(try await cluster.task("c", of: run.id).result?.value == ["b": ["a": ["n": 1]]])
        }
    }

    @Test("a changed graph is a conflict unless it is forced; the same one goes on")
    func changed() async throws {
        try await withCluster { cluster in
            cluster.register("work", .failing(1, then: "well"))
            let old = graph(task("a"))
            let run = try await cluster.submit(old)
            try await cluster.wait(run.id)
            let new = graph(task("a"), task("b"))
            #expect(await cluster.refusal { try await cluster.rerun(run.id, RerunRequest(graph: new.document)) } == .conflict)
            #expect(try await cluster.run(run.id).status == .failed)
            let bad = RerunRequest(graph: JSON(["name": "x"]))
            #expect(await cluster.refusal { try await cluster.rerun(run.id, bad) } == .invalid)
            try await cluster.rerun(run.id, RerunRequest(graph: old.document))
            #expect(try await cluster.wait(run.id).status == .completed)
            try await cluster.rerun(run.id, RerunRequest(scope: .all, graph: new.document, force: true))
            #expect(try await cluster.wait(run.id).counts == ["completed": 1])
            #expect(cluster.calls(of: "work").count == 3)
        }
    }
}

@Suite("I5 running again", .timeLimit(.minutes(1)))
struct I5Rerun {
    private func run(_ cluster: TestCluster) async throws -> RunID {
        cluster.register("work", .echoing)
        cluster.register("flaky", .failing(1, then: "well"))
        let run = try await cluster.submit(
            graph(
                task("a", inputs: ["n": 1]), task("b", after: .init("a"), handler: "flaky"), task("c", after: .init("b")), task("d")))
        #expect(try await cluster.wait(run.id).counts == ["completed": 2, "failed": 1, "skipped": 1])
        return run.id
    }

    @Test("the failed ones, and what was skipped because of them")
    func failed() async throws {
        try await withCluster { cluster in
            let run = try await run(cluster)
            try await cluster.rerun(run, RerunRequest(scope: .failed))
            #expect(try await cluster.wait(run).status == .completed)
            #expect(cluster.calls(of: "work").map(\.task.rawValue).sorted() == ["a", "c", "d"])
            let b = try await cluster.task("b", of: run)
            #expect(b.attempts == 2 && b.history?.map(\.status) == ["failed", "completed"])
            #expect(await cluster.refusal { try await cluster.rerun(run) } == .conflict)
        }
    }

    @Test("all of them, with the earlier attempts kept")
    func all() async throws {
        try await withCluster { cluster in
            let run = try await run(cluster)
            for round in 2...4 {
                try await cluster.rerun(run, RerunRequest(scope: .all))
                #expect(try await cluster.wait(run).counts == ["completed": 4])
                #expect(try await cluster.task("a", of: run).attempts == round)
            }
            #expect(try await cluster.task("a", of: run).history?.map(\.status) == Array(repeating: "completed", count: 4))
            #expect(try await cluster.count(.runRestarted, of: run) == 3)
            let events = try await cluster.events(of: run)
            #expect(events.map(\.id) == Array(1...events.count))
        }
    }

    @Test("from a task on: its dependents follow, others stay")
    func from() async throws {
        try await withCluster { cluster in
            let run = try await run(cluster)
            try await cluster.rerun(run, RerunRequest(from: ["b"]))
            try await cluster.wait(run)
            cluster.register("flaky", .succeeding("third"))
            try await cluster.rerun(run, RerunRequest(from: ["b"]))
            try await cluster.wait(run)
            #expect(try await cluster.task("c", of: run).result?.value == ["b": "third"])
            #expect(cluster.calls(of: "work").count { $0.task == "a" } == 1 && cluster.calls(of: "work").count { $0.task == "c" } == 2)
            #expect(await cluster.refusal { try await cluster.rerun(run, RerunRequest(from: ["nobody"])) } == .notFound)
            let both = RerunRequest(scope: .all, from: ["a"])
            #expect(await cluster.refusal { try await cluster.rerun(run, both) } == .badRequest)
        }
    }

    @Test("not while it goes on; and what can't follow is skipped again")
    func refused() async throws {
        try await withCluster { cluster in
            let ended = try await run(cluster)
            // What it depends on has failed still, so the run ends at once.
            #expect(try await cluster.rerun(ended, RerunRequest(from: ["c"])).status == .failed)
            cluster.register("slow", .hanging)
            let run = try await cluster.submit(graph(task("s", handler: "slow")))
            #expect(await cluster.refusal { try await cluster.rerun(run.id) } == .conflict)
            #expect(await cluster.refusal { try await cluster.rerun("nobody") } == .notFound)
        }
    }
}

@Suite("E10, B11 how a run ends", .timeLimit(.minutes(1)))
struct B11RunOutcome {
    @Test("what is not critical may fail without the run, and is listed; so is what was skipped")
    func nonCritical() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            cluster.register("fail", .failing(with: TaskError(type: "e", message: "no")))
            let run = try await cluster.submit(
                graph(
                    task("a"), task("mail", handler: "fail").with { $0.critical = false },
                    task("off").with { $0.rules.when = "`false`" }, task("then", after: .init("mail", on: .finished))))
            let ended = try await cluster.wait(run.id)
            #expect(ended.status == .completed && ended.progress == 1)
            #expect(ended.nonCriticalFailures == ["mail"] && ended.skipped == ["off"])
            #expect(ended.counts == ["completed": 2, "failed": 1, "skipped": 1])
        }
    }

    @Test("a critical one fails the run once the others have ended; progress is the mean of all")
    func critical() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(task("a"), task("b"), task("c"), task("d")))
                let a = try await worker.message("a").task.attempt
                try await worker.report(.failed(TaskError(type: "e", message: "no")), of: a)
                let b = try await worker.message("b").task.attempt
                try await worker.report(.progress(.init(fraction: 0.5)), of: b)
                try await cluster.waitForEvent(run.id) { $0.type == .taskProgress }
                #expect(try await cluster.run(run.id).progress == 0.375)
                #expect(try await cluster.run(run.id).status == .running)
                for id in ["b", "c", "d"] as [TaskID] { try await worker.complete(id) }
                let ended = try await cluster.wait(run.id)
                #expect(ended.status == .failed && ended.error?.message.contains("a") == true && ended.progress == 1)
            }
        }
    }
}
