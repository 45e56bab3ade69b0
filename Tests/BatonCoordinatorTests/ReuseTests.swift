import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

/// A tree of tasks that has completed: `p` with its children `x` and `y`, and `z` after `y`.
private func original(_ cluster: TestCluster, owner: String? = nil) async throws -> RunID {
    cluster.register("work", .echoing)
    var tree = graph(
        task("p", inputs: ["n": 1]), task("x", after: .init("p")).with { $0.parent = "p" },
        task("y", after: .init("x"), inputs: ["m": 2]).with { $0.parent = "p" }, task("z", after: .init("y")))
    tree.owner = owner
    let run = try await cluster.submit(tree)
    #expect(try await cluster.wait(run.id).status == .completed)
    return run.id
}

extension TestCluster {
    fileprivate func ids(of run: RunID) async throws -> [TaskID] { try await tasks(of: run).map(\.id) }

    /// All that can be seen of a run.
    fileprivate func everything(of run: RunID) async throws -> [String] {
        var all = ["\(try await self.run(run))"]
        for task in try await tasks(of: run) { all.append("\(try await self.task(task.id, of: run))") }
        return all + (try await events(of: run).map { "\($0)" })
    }
}

@Suite("I1 copies", .timeLimit(.minutes(1)))
struct I1Copies {
    @Test("a copy runs anew under its own id, and the original stays as it is")
    func whole() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster)
            let before = try await cluster.everything(of: run)
            let copy = try await cluster.copy(run, ReuseRequest(name: "again"))
            #expect(copy.id != run && copy.origin == run && copy.kind == .copy && copy.name == "again" && copy.family == run)
            #expect(try await cluster.wait(copy.id).status == .completed)
            #expect(try await cluster.task("z", of: copy.id).result == cluster.task("z", of: run).result)
            #expect(try await cluster.task("x", of: copy.id).parent == "p")
            #expect(cluster.calls(of: "work").count == 8)
            #expect(try await cluster.everything(of: run) == before)
        }
    }

    @Test("with or without children, with what comes before or after")
    func selection() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster)
            let cases: [(ReuseRequest, [TaskID])] = [
                (ReuseRequest(tasks: ["p"]), ["p", "x", "y"]),
                (ReuseRequest(tasks: ["p"], children: false), ["p"]),
                (ReuseRequest(tasks: ["x"], upstream: true), ["p", "x", "y"]),
                (ReuseRequest(tasks: ["p"], children: false, dependents: true), ["p", "x", "y", "z"]),
                (ReuseRequest(tasks: ["z", "z"], upstream: true), ["p", "x", "y", "z"]),
            ]
            for (request, tasks) in cases {
                let copy = try await cluster.copy(run, request)
                #expect(try await cluster.ids(of: copy.id) == tasks)
                #expect(try await cluster.wait(copy.id).status == .completed)
            }
        }
    }

    @Test("a dependency left outside, or a task that isn't there, is refused with its name")
    func outside() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster)
            let error = await #expect(throws: OperationError.self) { try await cluster.copy(run, ReuseRequest(tasks: ["x", "nobody"])) }
            #expect(error?.code == .invalid)
            #expect(error?.problems.contains { $0.message.contains("'p'") } == true)
            #expect(error?.problems.contains { $0.message.contains("'nobody'") } == true)
            #expect(await cluster.refusal { try await cluster.copy(run, ReuseRequest(tasks: [])) } == .invalid)
            #expect(await cluster.refusal { try await cluster.copy(run, ReuseRequest(name: "no name")) } == .invalid)
            #expect(try await cluster.runs().count == 1)
        }
    }

    @Test("keys stay with their runs, and owners see only their own (A7, A9)")
    func keysAndOwners() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster, owner: "ann")
            let copy = try await cluster.copy(run, ReuseRequest(key: "k"))
            #expect(copy.key == "k" && copy.owner == "ann")
            let again = try await cluster.copy(run, ReuseRequest(key: "k"))
            #expect(again.id == copy.id && again.existing == true)
            #expect(await cluster.refusal { try await cluster.link(run, ReuseRequest(key: "k")) } == .conflict)
            for reuse in [cluster.copy, cluster.link, cluster.archive] {
                #expect(await cluster.refusal { try await reuse(run, ReuseRequest(owner: "eve")) } == .denied)
            }
        }
    }

    @Test("loops, rules and payloads are copied with the tasks")
    func loops() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let loop = task("all", inputs: ["own": 1]).with { $0.rules.loop = Loop(.lines("a\nb\n")) }
            let run = try await cluster.submit(Graph(name: "l", input: JSON(["i": 7]), tasks: [loop, task("c").with { $0.rules.when = "input.i == `7`" }]))
            try await cluster.wait(run.id)
            let copy = try await cluster.copy(run.id)
            #expect(try await cluster.wait(copy.id).counts == ["completed": 2])
            #expect(try await cluster.task("all", of: copy.id).result == cluster.task("all", of: run.id).result)
            #expect(try await cluster.task("all", of: copy.id).items?.total == 2)
        }
    }
}

@Suite("I2 links", .timeLimit(.minutes(1)))
struct I2Links {
    @Test("a link shows the original's results under its own id, and runs nothing; a link of a link leads to the original")
    func linkOfLink() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster)
            let calls = cluster.calls(of: "work").count
            let link = try await cluster.link(run)
            #expect(link.status == .completed && link.kind == .link && link.origin == run && link.id != run)
            let second = try await cluster.link(link.id, ReuseRequest(tasks: ["p"], children: false))
            #expect(second.status == .completed)
            #expect(try await cluster.task("p", of: second.id).linkedTo == TaskReference(run: run, task: "p"))
            #expect(try await cluster.task("z", of: link.id).result == cluster.task("z", of: run).result)
            #expect(try await cluster.task("p", of: second.id).result == cluster.task("p", of: run).result)
            #expect(cluster.calls(of: "work").count == calls)
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            #expect(try await cluster.task("p", of: second.id).result?.value == ["n": 1])
        }
    }

    @Test("only what has completed")
    func notCompleted() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            cluster.register("fail", .failing(with: TaskError(type: "e", message: "no")))
            cluster.register("slow", .hanging)
            let run = try await cluster.submit(graph(task("a"), task("f", handler: "fail"), task("s", handler: "slow")))
            try await cluster.waitForEvent(run.id) { $0.type == .taskFailed }
            try await cluster.waitForEvent(run.id) { $0.type == .taskCompleted }
            for request in [ReuseRequest(), ReuseRequest(tasks: ["f"]), ReuseRequest(tasks: ["s"])] {
                #expect(await cluster.refusal { try await cluster.link(run.id, request) } == .notCompleted)
            }
            #expect(try await cluster.link(run.id, ReuseRequest(tasks: ["a"])).status == .completed)
            #expect(try await cluster.runs().count == 2)
        }
    }
}

@Suite("I3 archives", .timeLimit(.minutes(1)))
struct I3Archives {
    @Test("an archive can be read, copied and linked, but never changed")
    func frozen() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster)
            let archive = try await cluster.archive(run, ReuseRequest(name: "kept"))
            #expect(archive.kind == .archive && archive.status == .completed && archive.origin == run)
            // The original may change; the archive doesn't.
            cluster.register("work", .succeeding("other"))
            try await cluster.rerun(run, RerunRequest(scope: .all))
            try await cluster.wait(run)
            #expect(try await cluster.task("p", of: archive.id).result?.value == ["n": 1])
            let before = try await cluster.everything(of: archive.id)
            for refusal in [
                await cluster.refusal { try await cluster.cancel(archive.id) },
                await cluster.refusal { try await cluster.cancel(task: "x", of: archive.id) },
                await cluster.refusal { try await cluster.rerun(archive.id, RerunRequest(scope: .all)) },
            ] { #expect(refusal == .frozen) }
            let token = AttemptID(run: archive.id, task: 0, number: 1)
            #expect(await cluster.refusal { try await cluster.answer(token, .complete(.null)) } == .conflict)
            let link = try await cluster.link(archive.id)
            #expect(try await cluster.task("p", of: link.id).result?.value == ["n": 1])
            let copy = try await cluster.copy(archive.id)
            #expect(try await cluster.wait(copy.id).status == .completed && copy.kind == .copy)
            #expect(try await cluster.task("p", of: copy.id).result?.value == "other")
            #expect(try await cluster.everything(of: archive.id) == before)
        }
    }

    @Test("not of a run that goes on, and not of a part")
    func refused() async throws {
        try await withCluster { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(graph(task("a")))
            #expect(await cluster.refusal { try await cluster.archive(run.id) } == .conflict)
            #expect(await cluster.refusal { try await cluster.archive(run.id, ReuseRequest(tasks: ["a"])) } == .badRequest)
            try await cluster.waitForCalls(of: "work")
            try await cluster.cancel(run.id)
            try await cluster.wait(run.id)
            let archive = try await cluster.archive(run.id)
            #expect(archive.status == .cancelled)
            #expect(try await cluster.cancel(CancelManyRequest(runs: [archive.id])).alreadyEnded == 1)
        }
    }
}

@Suite("I4 mixed", .timeLimit(.minutes(1)))
struct I4Mixed {
    @Test("the copies run, with the results of the links")
    func mixed() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster)
            let calls = cluster.calls(of: "work").count
            let mixed = try await cluster.mixed(run, ReuseRequest(link: ["p", "x"]))
            #expect(try await cluster.wait(mixed.id).status == .completed && mixed.kind == .mixed)
            #expect(cluster.calls(of: "work").dropFirst(calls).map(\.task) == ["y", "z"])
            #expect(try await cluster.task("z", of: mixed.id).result == cluster.task("z", of: run).result)
            #expect(try await cluster.task("x", of: mixed.id).linkedTo == TaskReference(run: run, task: "x"))
            // Running all again leaves the links as they are.
            try await cluster.rerun(mixed.id, RerunRequest(scope: .all))
            #expect(try await cluster.wait(mixed.id).status == .completed)
            #expect(cluster.calls(of: "work").dropFirst(calls + 2).map(\.task) == ["y", "z"])
        }
    }

    @Test("what a link depended on may be left outside")
    func partial() async throws {
        try await withCluster { cluster in
            let run = try await original(cluster)
            let mixed = try await cluster.mixed(run, ReuseRequest(tasks: ["y", "z"], link: ["y"]))
            #expect(try await cluster.wait(mixed.id).counts == ["completed": 2])
            #expect(try await cluster.ids(of: mixed.id) == ["y", "z"])
            #expect(try await cluster.task("z", of: mixed.id).result == cluster.task("z", of: run).result)
        }
    }

    @Test("a decision that is linked has its choice followed")
    func routes() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            cluster.register("decide", .succeeding("left"))
            let decide = task("d", handler: "decide").with { $0.rules.routing = Routing([.init("left", to: ["l"]), .init("right", to: ["r"])]) }
            let run = try await cluster.submit(graph(decide, task("l"), task("r")))
            try await cluster.wait(run.id)
            let mixed = try await cluster.mixed(run.id, ReuseRequest(link: ["d"]))
            #expect(try await cluster.wait(mixed.id).counts == ["completed": 2, "skipped": 1])
            #expect(try await cluster.task("r", of: mixed.id).status == .skipped)
        }
    }

    @Test("links are of completed tasks that are there")
    func refused() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            cluster.register("fail", .failing(with: TaskError(type: "e", message: "no")))
            let run = try await cluster.submit(graph(task("a"), task("f", handler: "fail")))
            try await cluster.wait(run.id)
            #expect(await cluster.refusal { try await cluster.mixed(run.id, ReuseRequest()) } == .invalid)
            #expect(await cluster.refusal { try await cluster.mixed(run.id, ReuseRequest(link: ["nobody"])) } == .invalid)
            #expect(await cluster.refusal { try await cluster.mixed(run.id, ReuseRequest(link: ["f"])) } == .notCompleted)
        }
    }
}
