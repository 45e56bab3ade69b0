import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("A7 idempotent submissions", .timeLimit(.minutes(1)))
struct A7IdempotentSubmissions {
    private func order(_ value: JSONValue) -> Graph {
        var graph = graph(task("a", inputs: ["v": value]))
        graph.key = "order-42"
        return graph
    }

    @Test("a key with the same graph gives the run made then, with another graph a conflict, and under another owner a run of its own")
    func keys() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let first = try await cluster.submit(order(1))
            let again = try await cluster.submit(order(1))
            #expect(again.id == first.id && again.existing == true && first.existing == nil)
            #expect(await cluster.refusal { try await cluster.submit(order(2)) } == .conflict)
            var other = order(2)
            other.owner = "bob"
            #expect(try await cluster.submit(other).id != first.id)
        }
    }

    @Test("thirty submissions at the same time under one key make one run")
    func concurrent() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let graph = order(1)
            let ids = try await withThrowingTaskGroup(of: RunID.self) { group in
                for _ in 0..<30 { group.addTask { try await cluster.submit(graph).id } }
                return try await group.reduce(into: Set<RunID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            try await cluster.wait(try #require(ids.first))
            #expect(cluster.calls(of: "work").count == 1)
        }
    }
}

@Suite("A8 lineage", .timeLimit(.minutes(1)))
struct A8Lineage {
    @Test("one query returns the family: the run, its graphs within, copies and archives, each with where it comes from")
    func family() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            var graph = graph(
                task("sub", handler: .graph).with { $0.rules.graph = Graph(name: "inner", tasks: [task("x")]) },
                task("a").with { $0.rules.continuations.onCompleted = [task("then")] })
            graph.correlationID = "cart-7"
            let run = try await cluster.submit(graph)
            try await cluster.wait(run.id)
            let child = try #require(try await cluster.task("sub", of: run.id).child)
            let copy = try await cluster.copy(run.id, ReuseRequest())
            try await cluster.wait(copy.id)
            let archive = try await cluster.archive(copy.id, ReuseRequest())
            let stranger = try await cluster.submit(self.stranger)
            let family = try await cluster.runs(RunFilter(family: run.id)).map(\.id)
            #expect(Set(family).isSuperset(of: [run.id, child, copy.id, archive.id]) && !family.contains(stranger.id))
            let inner = try #require(try await cluster.runs(RunFilter(family: run.id)).first { $0.id == child })
            #expect(inner.parent == TaskReference(run: run.id, task: "sub") && inner.correlationId == "cart-7")
            #expect(copy.origin == run.id && copy.kind == .copy && archive.origin == copy.id && archive.kind == .archive)
            let then = try await cluster.task("a~then", of: run.id)
            #expect(then.causedBy == "a" && then.role == .continuation)
        }
    }

    private var stranger: Graph { graph(task("a")) }
}

@Suite("A9 owners", .timeLimit(.minutes(1)))
struct A9Owners {
    @Test("who names an owner gets only what is that one's: copies, links, archives and mixed runs of others are denied")
    func denied() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            var graph = graph(task("a"))
            graph.owner = "ann"
            let run = try await cluster.submit(graph)
            try await cluster.wait(run.id)
            for reuse in [cluster.copy, cluster.link, cluster.archive] {
                #expect(await cluster.refusal { try await reuse(run.id, ReuseRequest(owner: "eve")) } == .denied)
            }
            #expect(await cluster.refusal { try await cluster.mixed(run.id, ReuseRequest(link: ["a"], owner: "eve")) } == .denied)
            #expect(try await cluster.link(run.id, ReuseRequest(owner: "ann")).owner == "ann")
            #expect(try await cluster.runs(RunFilter(owner: "eve")).isEmpty)
        }
    }
}
