import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWorker
import Testing

@Suite("K2 each attempt counts once", .timeLimit(.minutes(1)))
struct K2AttemptCounts {
    private func counts(_ handler: HandlerName, _ cluster: TestCluster) async throws -> [Int] {
        let view = try #require(try await cluster.coordinator.handlers(slowest: 0).items.first { $0.name == handler })
        return [view.completed, view.failed, view.cancelled]
    }

    @Test("whatever is run again: a run, or what a route leads back to")
    func again() async throws {
        try await withCluster { cluster in
            cluster.register("work", .failing(1, then: "fine"))
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.wait(run.id)
            try await cluster.rerun(run.id)
            try await cluster.wait(run.id)
            #expect(try await counts("work", cluster) == [1, 1, 0])
            cluster.register("first", .succeeding())
            cluster.register("decide") { (_: JSON, context: TaskContext) in context.attempt < 3 ? "back" : "on" }
            let circle = try await cluster.submit(
                graph(
                    task("a", handler: "first"),
                    task("d", after: .init("a"), handler: "decide").with {
                        $0.rules.routing = Routing([.init("back", to: ["a"]), .init("on", to: ["z"])])
                    }, task("z", handler: "first")))
            #expect(try await cluster.wait(circle.id).status == .completed)
            #expect(try await counts("decide", cluster) == [3, 0, 0])
            #expect(try await counts("first", cluster) == [4, 0, 0])
        }
    }

    @Test("rejected ones as failures, those of a fallback as its own, those of a loop as its items'")
    func others() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("text"))
            cluster.register("spare", .succeeding(5))
            let rejected = try await cluster.submit(
                graph(
                    task("a").with {
                        $0.rules.schemas.result = JSON(["type": "integer"])
                        $0.rules.guardrails = Guardrails(steps: 1)
                        $0.rules.fallback = "spare"
                    }))
            #expect(try await cluster.wait(rejected.id).status == .completed)
            #expect(try await counts("work", cluster) == [0, 2, 0])
            #expect(try await counts("spare", cluster) == [1, 0, 0])
            cluster.register("item", .succeeding())
            let loop = try await cluster.submit(
                graph(task("each", handler: "item").with { $0.rules.loop = Loop(.list(JSON([1, 2, 3])), maxParallel: 2) }))
            #expect(try await cluster.wait(loop.id).status == .completed)
            #expect(try await counts("item", cluster) == [3, 0, 0])
        }
    }
}
