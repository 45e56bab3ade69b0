import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("K7 graphs and timelines of runs", .timeLimit(.minutes(1)))
struct K7Pictures {
    @Test("a saga with a decision shows routes, what was added, and what was undone")
    func graphOfRun() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("yes"))
            cluster.register("charge", .failing(with: TaskError(type: "card", message: "refused", retryable: false)))
            let decide = task("decide").with {
                $0.rules.routing = Routing([.init("yes", to: ["ship"]), .init("no", to: ["stop"])])
                $0.rules.compensation = Compensation("work")
                $0.rules.continuations.onCompleted = [task("then")]
            }
            let loop = task("each", after: .init("ship", on: .finished)).with { $0.rules.loop = Loop(.list(JSON([1, 2, 3]))) }
            let run = try await cluster.submit(graph(decide, task("ship"), task("stop"), loop, task("charge", after: .init("each"), handler: "charge")))
            #expect(try await cluster.wait(run.id).status == .failed)
            let graph = try await cluster.coordinator.graph(of: run.id)
            let node = { (id: TaskID) in graph.nodes.first { $0.id == id } }
            let edge = { (from: TaskID, to: TaskID) in graph.edges.first { $0.from == from && $0.to == to } }
            #expect(graph.nodes.count == 7 && graph.status == .failed, "items are no nodes")
            #expect(node("each")?.items?.total == 3 && node("decide")?.undone == true && node("decide")?.compensation == "work")
            #expect(edge("decide", "ship")?.kind == .route && edge("decide", "ship")?.label == "yes" && edge("decide", "ship")?.taken == true)
            #expect(edge("decide", "stop")?.taken == false)
            #expect(edge("ship", "each")?.on == .finished && edge("ship", "each")?.required == false)
            #expect(edge("decide", "decide~then")?.kind == .continuation && edge("decide", "decide~compensate")?.kind == .compensation)
            #expect(node("charge")?.error == "refused")
        }
    }

    @Test("a route that leads back is told from one that leads on")
    func back() async throws {
        try await withCoordinator { cluster in
            let judge = task("judge", after: .init("draft")).with { $0.rules.routing = Routing([.init("again", to: ["draft"]), .init("good", to: ["end"])]) }
            let run = try await cluster.submit(graph(task("draft"), judge, task("end")))
            let graph = try await cluster.coordinator.graph(of: run.id)
            #expect(graph.edges.map(\.kind) == [.dependency, .route, .back] && graph.edges.last?.label == "again")
        }
    }

    @Test("a timeline has each attempt, the earlier ones too; and both are bounded")
    func timeline() async throws {
        try await withCoordinator(configure: { $0.workers = 1; $0.coordinator.limits.pictureTasks = 2 }) { cluster in
            cluster.register("work", .failing(1))
            let run = try await cluster.submit(graph(task("a", retry: RetryPolicy(maxAttempts: 3, delay: .zero, jitter: 0))))
            try await cluster.wait(run.id)
            let timeline = try await cluster.coordinator.timeline(of: run.id)
            #expect(timeline.bars.map(\.attempt) == [1, 2] && timeline.bars.map(\.status) == ["failed", "completed"])
            #expect(timeline.bars.allSatisfy { $0.startedAt != nil && $0.finishedAt != nil && $0.worker != nil } && timeline.isCut == nil)
            let large = try await cluster.submit(graph(task("a"), task("b"), task("c")))
            try await cluster.wait(large.id)
            #expect(try await cluster.coordinator.timeline(of: large.id).isCut == true)
            #expect(await cluster.refusal { try await cluster.coordinator.graph(of: large.id) } == .badRequest)
        }
    }
}
