@testable import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("C3 loops over data", .timeLimit(.minutes(3)))
struct C3Loops {
    private func loop(_ source: Loop.Source, parallel: Int = 10, after: Dependency..., collects: Bool = true, failing: Loop.ItemFailure = .stop) -> TaskSpec {
        var spec = task("all").with {
            $0.rules.loop = Loop(source, maxParallel: parallel, onItemFailure: failing, collects: collects)
        }
        spec.dependencies = after
        return spec
    }

    @Test("ten thousand items: in order, no more at a time than allowed, and no more of them in memory than run")
    func many() async throws {
        try await withCluster(slots: 32) { cluster in
            let inMemory = Journal<Int>()
            cluster.register("work") { (input: JSON, context) -> JSONValue in
                let item = input.value["item"]?.int ?? -1
                if item % 500 == 0 {
                    let run = context.runID
                    inMemory.append(try await cluster.coordinator.perform { try $0.find(run).state.nodes.addedIndices.count })
                }
                return .integer(Int64(item * 2))
            }
            cluster.register("end", .succeeding())
            let items = JSON(.array((0..<10_000).map { .integer($0) }))
            let run = try await cluster.submit(graph(loop(.list(items), parallel: 64), task("end", after: .init("all"), handler: "end")))
            #expect(try await cluster.wait(run.id).status == .completed)
            let results = try await cluster.task("all", of: run.id).result?.value.array?.map(\.int)
            #expect(results == (0..<10_000).map { $0 * 2 })
            #expect(cluster.calls(of: "work").count == 10_000)
            // Beside those under way, what ended in the transaction that is being made.
            #expect(inMemory.all.count == 20)
            #expect(inMemory.all.max() ?? 0 <= 3 * 64)
            #expect(cluster.calls(of: "end").count == 1)
            #expect(try await cluster.task("all", of: run.id).items == LoopView(total: 10_000, ended: 10_000, running: 0, failed: 0))
        }
    }

    @Test("a cancel in the middle stops the items that run, and starts no more")
    func cancel() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let items = JSON(.array((0..<1000).map { .integer($0) }))
                let run = try await cluster.submit(graph(loop(.list(items), parallel: 4), task("z", after: .init("all"))))
                for item in 0..<20 { try await worker.complete(TaskID("all~\(item)")) }
                for item in 20..<24 {
                    try await worker.report(.started, of: try await worker.message(TaskID("all~\(item)")).task.attempt)
                }
                try await cluster.waitForEvent(run.id) { $0.type == .taskStarted && $0.task == "all~23" }
                #expect(try await cluster.cancel(run.id).outcome == .cancelling)
                for item in 20..<24 {
                    let attempt = try await worker.message(TaskID("all~\(item)")).task.attempt
                    try await worker.report(.cancelled(message: nil), of: attempt)
                }
                #expect(try await cluster.wait(run.id).counts == ["cancelled": 2])
                #expect(try await cluster.published() == 0)
                #expect(worker.tasks.all.count == 24)
            }
        }
    }

    @Test("no items are an empty list; what is no list fails with its name")
    func empty() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            cluster.register("text", .succeeding("no list"))
            let run = try await cluster.submit(graph(loop(.list(JSON([]))), task("z", after: .init("all"))))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("z", of: run.id).result?.value == ["all": []])
            let bad = try await cluster.submit(
                graph(task("a", handler: "text"), loop(.expression("a", format: .list), after: .init("a"))))
            #expect(try await cluster.wait(bad.id).status == .failed)
            #expect(try await cluster.task("all", of: bad.id).error?.type == TaskError.Kind.invalidItems)
        }
    }

    @Test("CSV, lines and the result of a dependency are items too")
    func sources() async throws {
        try await withCluster { cluster in
            cluster.register("work") { (input: JSON, _) in input.value["item"] ?? .null }
            cluster.register("list", .succeeding(["rows": ["a", "b"]]))
            var results: [JSONValue?] = []
            for source in [Loop.Source.csv("id,name\n1,Ann\n2,Bob\n"), .lines("x\ny\n"), .expression("l.rows", format: .list)] {
                let run = try await cluster.submit(graph(task("l", handler: "list"), loop(source, after: .init("l"))))
                try await cluster.wait(run.id)
                results.append(try await cluster.task("all", of: run.id).result?.value)
            }
            #expect(results == [[["id": "1", "name": "Ann"], ["id": "2", "name": "Bob"]], ["x", "y"], ["a", "b"]])
        }
    }

    @Test("an item that fails stops the loop, or is left out of the results")
    func failures() async throws {
        try await withCluster { cluster in
            cluster.register("work") { (input: JSON, _) -> JSONValue in
                if input.value["item"] == 2 { throw TaskError(type: "e", message: "two is bad") }
                return input.value["item"] ?? .null
            }
            let items = Loop.Source.list(JSON([1, 2, 3]))
            let on = try await cluster.submit(graph(loop(items, failing: .continue)))
            #expect(try await cluster.wait(on.id).status == .completed)
            #expect(try await cluster.task("all", of: on.id).result?.value == [1, nil, 3])
            let counted = try await cluster.submit(graph(loop(items, collects: false, failing: .continue)))
            try await cluster.wait(counted.id)
            #expect(try await cluster.task("all", of: counted.id).result?.value == ["count": 3, "failed": 1])
            let stopped = try await cluster.submit(graph(loop(items, parallel: 1)))
            #expect(try await cluster.wait(stopped.id).status == .failed)
            #expect(try await cluster.task("all", of: stopped.id).error?.message.contains("two is bad") == true)
            #expect(cluster.calls(of: "work").count { $0.run == stopped.id } == 2)
        }
    }

    @Test("a limit holds for the items, and a breaker counts them, not the loop")
    func shared() async throws {
        try await withCluster { cluster in
            let running = Journal<Int>()
            cluster.register("work") {
                running.append(1)
                await Task.yield()
                running.append(-1)
                return "done"
            }
            let spec = loop(.list(JSON(.array((0..<50).map { .integer($0) })))).with { $0.rules.limit = SharedLimit(concurrency: 2) }
            let run = try await cluster.submit(graph(spec))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(running.all.reduce(into: (0, 0)) { $0 = ($0.0 + $1, max($0.1, $0.0 + $1)) }.1 <= 2)
            cluster.register("work", .failing(with: TaskError(type: "e", message: "no")))
            let guarded = loop(.list(JSON([1, 2, 3, 4])), parallel: 1, failing: .continue).with { $0.rules.breaker = BreakerRule(failures: 2) }
            let refused = try await cluster.submit(graph(guarded))
            try await cluster.wait(refused.id)
            #expect(cluster.calls(of: "work").count == 52)
            let next = try await cluster.submit(graph(task("a").with { $0.rules.breaker = BreakerRule(failures: 2) }))
            try await cluster.wait(next.id)
            #expect(try await cluster.task("a", of: next.id).error?.type == TaskError.Kind.circuitOpen)
        }
    }

    @Test("goes on where it was when the coordinator comes back")
    func restart() async throws {
        try await withCluster(slots: 4) { cluster in
            cluster.register("work") { (input: JSON, _) in input.value["item"] ?? .null }
            let run = try await cluster.submit(graph(loop(.list(JSON(.array((0..<200).map { .integer($0) }))), parallel: 7)))
            for count in [20, 70, 150] {
                try await cluster.waitForCalls(of: "work", count: count)
                await cluster.stopCoordinator()
                try cluster.startCoordinator()
            }
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").count == 200)
            #expect(try await cluster.task("all", of: run.id).result?.value.array?.map(\.int) == (0..<200).map { $0 })
        }
    }
}
