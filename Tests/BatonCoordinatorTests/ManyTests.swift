import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("F3 cancelling many", .timeLimit(.minutes(1)))
struct F3CancelMany {
    private func hanging(_ name: String, correlation: String? = nil, owner: String? = nil) -> Graph {
        Graph(name: name, correlationID: correlation, owner: owner, tasks: [task("a", handler: "slow")])
    }

    private func submit(_ graphs: Graph..., to cluster: TestCluster) async throws -> [RunID] {
        cluster.register("slow", .hanging)
        cluster.register("work", .succeeding())
        var runs: [RunID] = []
        for graph in graphs { runs.append(try await cluster.submit(graph).id) }
        return runs
    }

    private func statuses(_ runs: [RunID], _ cluster: TestCluster) async throws -> [RunStatus] {
        var statuses: [RunStatus] = []
        for run in runs { statuses.append(try await cluster.run(run).status) }
        return statuses
    }

    @Test("by list, of runs and of tasks; what had ended, and what there isn't, is reported as such")
    func list() async throws {
        try await withCluster { cluster in
            let runs = try await submit(hanging("one"), hanging("two"), graph(task("a")), graph(task("x"), task("y", handler: "slow")), to: cluster)
            try await cluster.wait(runs[2])
            let tasks = [TaskReference(run: runs[3], task: "y"), TaskReference(run: runs[3], task: "nobody")]
            let view = try await cluster.cancel(CancelManyRequest(runs: [runs[0], runs[2], "nobody"], tasks: tasks, reason: "enough"))
            #expect(view.cancelled + view.cancelling == 2 && view.alreadyEnded == 1 && view.notFound == 2)
            #expect(view.outcomes.map(\.run) == [runs[0], runs[2], runs[3]])
            #expect(try await cluster.wait(runs[0]).error?.message == "enough")
            #expect(try await cluster.wait(runs[3]).counts == ["completed": 1, "cancelled": 1])
            #expect(try await cluster.run(runs[1]).status == .running)
        }
    }

    @Test("by name, owner, correlation id and status, all of which have to fit")
    func filter() async throws {
        try await withCluster { cluster in
            let runs = try await submit(
                hanging("one", correlation: "c1", owner: "ann"), hanging("one", correlation: "c2"), hanging("two", correlation: "c1"), to: cluster)
            let both = try await cluster.cancel(CancelManyRequest(correlationId: "c1", name: "one"))
            #expect(both.outcomes.map(\.run) == [runs[0]])
            try await cluster.wait(runs[0])
            #expect(try await statuses(runs, cluster) == [.cancelled, .running, .running])
            #expect(try await cluster.cancel(CancelManyRequest(owner: "ann")).alreadyEnded == 1)
            let rest = try await cluster.cancel(CancelManyRequest(status: .running))
            #expect(rest.cancelled + rest.cancelling == 2 && rest.alreadyEnded == 0)
            for run in runs { #expect(try await cluster.wait(run).status == .cancelled) }
            #expect(try await cluster.cancel(CancelManyRequest()) == CancelManyView())
        }
    }

    @Test("a family: the run, the runs that are its tasks, and its copies")
    func family() async throws {
        try await withCluster { cluster in
            let inner = hanging("inner")
            let runs = try await submit(graph(task("sub", handler: .graph).with { $0.rules.graph = inner }), hanging("other"), to: cluster)
            try await cluster.waitForCalls(of: "slow", count: 2)
            let copy = try await cluster.copy(runs[0])
            try await cluster.waitForCalls(of: "slow", count: 3)
            let view = try await cluster.cancel(CancelManyRequest(family: runs[0]))
            #expect(view.outcomes.count == 4)
            #expect(try await cluster.wait(runs[0]).status == .cancelled)
            #expect(try await cluster.wait(copy.id).status == .cancelled)
            #expect(try await cluster.run(runs[1]).status == .running)
        }
    }

    @Test("six hundred at once, and none of them starts any more")
    func many() async throws {
        try await withCoordinator { cluster in
            for _ in 0..<600 { _ = try await cluster.submit(hanging("many")) }
            let view = try await cluster.cancel(CancelManyRequest(name: "many"))
            #expect(view.cancelled == 600 && view.outcomes.count == 600)
            #expect(try await cluster.runs(RunFilter(status: .running)).isEmpty)
            cluster.register("slow", .hanging)
            cluster.register("work", .succeeding())
            try await cluster.startWorker()
            let last = try await cluster.submit(graph(task("a")))
            try await cluster.wait(last.id)
            #expect(cluster.calls(of: "slow").isEmpty)
            #expect(try await cluster.published() == 0)
        }
    }
}

@Suite("J4 many submissions", .timeLimit(.minutes(1)))
struct J4Submissions {
    @Test("five hundred at once: each has its own run or its own refusal")
    func submissions() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            let outcomes = try await withThrowingTaskGroup(of: (Int, RunView?).self) { group in
                for number in 0..<500 {
                    group.addTask {
                        // Every fifth has a key that is another graph's.
                        let isTaken = number % 5 == 4
                        let key = isTaken ? "k\(number - 1)" : "k\(number)"
                        if isTaken { _ = try await cluster.submit(graph(task("a"), key: key)) }
                        return (number, try? await cluster.submit(graph(task(isTaken ? "b" : "a"), key: key)))
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(outcomes.count == 400)
            #expect(Set(outcomes.values.map(\.id)).count == 400)
            for run in outcomes.values { #expect(try await cluster.wait(run.id).status == .completed) }
            #expect(cluster.calls(of: "work").count == 400)
        }
    }
}
