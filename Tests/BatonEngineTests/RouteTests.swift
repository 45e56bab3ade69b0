import BatonEngine
import BatonModel
import Testing

private func routes(_ routes: [(String, [TaskID])], default name: String? = nil, by expression: String? = nil) -> Routing {
    Routing(routes.map { .init($0.0, to: $0.1) }, by: expression, default: name)
}

@Suite("C2 decisions", .timeLimit(.minutes(1)))
struct C2Decisions {
    private let plan = [
        task("decide") { $0.routing = routes([("yes", ["ship", "invoice"]), ("no", ["refund"])]) },
        task("ship"), task("invoice"), task("refund"), task("report", after: [Dependency("ship", on: .finished), Dependency("refund", on: .finished)]),
    ]

    @Test("all targets of the route run at once, the other branches are skipped, and the join runs")
    func allTargets() throws {
        var run = try RunDriver(plan)
        #expect(run.status("ship") == .pending)
        try run.complete("decide", json(["route": "yes"]))
        #expect(run.status("ship") == .queued && run.status("invoice") == .queued)
        #expect(run.status("refund") == .skipped)
        #expect(run.error("refund")?.type == TaskError.Kind.branchNotTaken)
        #expect(run.error("refund")?.message == "decide chose another branch")
        try run.complete("ship")
        try run.complete("invoice")
        try run.complete("report")
        #expect(run.runStatus == .completed)
    }

    @Test(
        "the route is the result itself, a field of it, or what the expression says",
        arguments: [json("no"), json(["route": "no", "why": "late"])])
    func names(_ result: JSON) throws {
        var run = try RunDriver(plan)
        try run.complete("decide", result)
        #expect(run.status("refund") == .queued)
        var tasks = plan
        tasks[0].rules.routing = routes([("true", ["ship", "invoice"]), ("false", ["refund"])], by: "total > `100`")
        var other = try RunDriver(tasks)
        try other.complete("decide", json(["total": 5]))
        #expect(other.status("refund") == .queued && other.status("ship") == .skipped)
    }

    @Test("numbers and booleans name routes too")
    func plain() throws {
        for (name, result) in [("3", json(3)), ("true", json(true))] {
            var run = try RunDriver([task("d") { $0.routing = routes([(name, ["a"]), ("x", ["b"])]) }, task("a"), task("b")])
            try run.complete("d", result)
            #expect(run.status("a") == .queued && run.status("b") == .skipped)
        }
    }

    @Test("an unknown route fails the decision, and names the known ones", arguments: [json("maybe"), json(.null), json(["x": 1])])
    func unknown(_ result: JSON) throws {
        var run = try RunDriver(plan)
        try run.complete("decide", result)
        #expect(run.status("decide") == .failed)
        #expect(run.error("decide")?.type == TaskError.Kind.unknownRoute)
        #expect(run.error("decide")?.message.contains("yes, no") == true)
        #expect(run.status("ship") == .skipped && run.error("ship")?.type == TaskError.Kind.dependencyFailed)
        #expect(run.runStatus == .failed || run.status("report") == .queued)
    }

    @Test("an unknown route takes the default")
    func byDefault() throws {
        var tasks = plan
        tasks[0].rules.routing = routes([("yes", ["ship", "invoice"]), ("no", ["refund"])], default: "no")
        var run = try RunDriver(tasks)
        try run.complete("decide", json("maybe"))
        #expect(run.status("refund") == .queued && run.status("ship") == .skipped)
    }

    @Test("a task that two decisions may choose waits for both, and runs once if one of them chooses it")
    func twoDecisions() throws {
        let tasks = [
            task("d1") { $0.routing = routes([("go", ["t"]), ("x", ["x"])]) }, task("d2") { $0.routing = routes([("go", ["t"]), ("y", ["y"])]) },
            task("t"), task("x"), task("y"),
        ]
        for (first, second, runs) in [("go", "go", true), ("go", "y", true), ("x", "go", true), ("x", "y", false)] {
            var run = try RunDriver(tasks)
            try run.complete("d1", json(.string(first)))
            run.restart()
            #expect(run.status("t") == .pending)
            try run.complete("d2", json(.string(second)))
            #expect(run.status("t") == (runs ? .queued : .skipped), "\(first), \(second)")
            if !runs { #expect(run.error("t")?.message == "d1, d2 chose another branch") }
        }
    }

    @Test("of two decisions one may fail, if the other one chooses")
    func oneFails() throws {
        let tasks = [
            task("d1", critical: false) { $0.routing = routes([("go", ["t"])]) }, task("d2") { $0.routing = routes([("go", ["t"])]) }, task("t"),
        ]
        var run = try RunDriver(tasks)
        try run.fail("d1")
        try run.complete("d2", json("go"))
        #expect(run.status("t") == .queued)
    }

    @Test("a chosen task waits for its other dependencies as well")
    func others() throws {
        var run = try RunDriver([
            task("d") { $0.routing = routes([("go", ["t"]), ("no", ["n"])]) }, task("a"), task("t", after: [Dependency("a")]), task("n"),
        ])
        try run.complete("d", json("go"))
        #expect(run.status("t") == .pending)
        run.restart()
        try run.complete("a")
        #expect(run.status("t") == .queued)
    }

    @Test("a decision that names a task which already depends on it decides over it")
    func alsoDependency() throws {
        var run = try RunDriver([
            task("d") { $0.routing = routes([("go", ["t"]), ("no", ["n"])]) }, task("t", after: [Dependency("d")]), task("n"),
        ])
        try run.complete("d", json("no"))
        #expect(run.status("t") == .skipped && run.status("n") == .queued)
    }

    @Test("a decision that is a branch of another one is skipped with all its targets")
    func nested() throws {
        var run = try RunDriver([
            task("d1") { $0.routing = routes([("deep", ["d2"]), ("end", ["e"])]) },
            task("d2") { $0.routing = routes([("a", ["a"]), ("b", ["b"])]) }, task("a"), task("b"), task("e"),
        ])
        try run.complete("d1", json("end"))
        for id in ["d2", "a", "b"] as [TaskID] { #expect(run.status(id) == .skipped) }
        try run.complete("e")
        #expect(run.runStatus == .completed)
    }

    @Test("a decision's result that validators change decides")
    func validated() throws {
        var tasks = plan
        tasks[0].rules.guardrails = Guardrails([.init("v")])
        var run = try RunDriver(tasks)
        try run.complete("decide", json("yes"))
        try run.complete(run.added(.validator)[0], json(["verdict": "change", "result": "no"]))
        #expect(run.status("refund") == .queued && run.status("ship") == .skipped)
        #expect(run.result("decide") == json("no"))
    }

    @Test("routes between tasks that were dispatched, or that continue another one, mean those tasks, however long the names are")
    func added() throws {
        let long = String(repeating: "n", count: 120)
        let list = [
            task("d") { $0.routing = routes([("a", [TaskID(long)]), ("b", ["b"])]) }, task(TaskID(long)), task("b"),
        ]
        for name in ["root", String(repeating: "r", count: 120)] {
            let root = TaskID(name)
            var run = try RunDriver([task(root)])
            try run.complete(root, dispatch: list)
            let ids = run.added(.dispatched)
            run.restart()
            try run.complete(ids[0], json("a"))
            #expect(run.status(ids[1]) == .queued && run.status(ids[2]) == .skipped)
            try run.complete(ids[1])
            #expect(run.runStatus == .completed)
        }
    }
}

@Suite("C4 cycles with feedback", .timeLimit(.minutes(1)))
struct C4Cycles {
    private let plan = [
        task("draft") { $0.maxIterations = 2 }, task("check", after: [Dependency("draft")]),
        task("review", after: [Dependency("check")]) { $0.routing = routes([("ok", ["publish"]), ("redo", ["draft"])]) }, task("publish"),
    ]

    @Test("going back runs the target and what follows again, with the rejected output and the reason")
    func feedback() throws {
        var run = try RunDriver(plan)
        #expect(run.status("draft") == .queued && run.status("publish") == .pending)
        try run.complete("draft", json("v1"))
        try run.complete("check")
        try run.complete("review", json(["route": "redo", "note": "too long"]))
        #expect(run.status("draft") == .queued && run.status("check") == .pending && run.status("review") == .pending)
        let expected = json(["from": "review", "route": "redo", "output": "v1", "reason": ["route": "redo", "note": "too long"]])
        #expect(run.part(.feedback, "draft")?.value == expected.value)
        #expect(run.attempt("draft").number == 2)
        #expect(run.result("draft") == nil && run.result("check") == nil)
        #expect(run.attempts("review").map(\.status) == ["completed"])
        #expect(run.attempts("draft").map(\.status) == ["completed"])
        try run.complete("draft", json("v2"))
        try run.complete("check")
        try run.complete("review", json("ok"))
        try run.complete("publish")
        #expect(run.runStatus == .completed)
        #expect(run.result("draft") == json("v2"))
    }

    @Test("a route leads back maxIterations times; once more is a failure that says so", arguments: [true, false])
    func bound(_ restarts: Bool) throws {
        var run = try RunDriver(plan)
        for round in 0...2 {
            if restarts { run.restart() }
            try run.complete("draft")
            try run.complete("check")
            try run.complete("review", json("redo"))
            #expect(run.status("review") == (round < 2 ? .pending : .failed))
        }
        #expect(run.error("review")?.type == TaskError.Kind.tooManyIterations)
        #expect(run.error("review")?.message.contains("draft more than its maxIterations of 2") == true)
        #expect(run.status("publish") == .skipped)
        #expect(run.runStatus == .failed)
    }

    @Test("the setting holds where the task says nothing")
    func bySetting() throws {
        var settings = EngineSettings()
        settings.maxIterations = 1
        var run = try RunDriver([task("d") { $0.routing = routes([("again", ["d"])]) }], settings: settings)
        try run.complete("d", json("again"))
        #expect(run.status("d") == .queued)
        try run.complete("d", json("again"))
        #expect(run.status("d") == .failed)
    }

    @Test("what runs in parallel behind the target is stopped, and begins again; its late report counts for nothing")
    func parallel() throws {
        var run = try RunDriver([
            task("a"), task("slow", after: [Dependency("a")]),
            task("d", after: [Dependency("a")]) { $0.routing = routes([("back", ["a"]), ("on", ["end"])]) },
            task("end", after: [Dependency("slow")]),
        ])
        try run.complete("a")
        try run.start("slow")
        let slow = run.attempt("slow")
        try run.complete("d", json("back"))
        #expect(run.store.revoked.contains(slow))
        #expect(!run.store.revoked.contains(AttemptID(run: "run", task: 2, number: 1)))
        #expect(run.attempts("slow").map(\.status) == ["cancelled"])
        try run.handle(.completed(slow, worker: "w1", startedAt: nil, result: json("late")))
        #expect(run.status("slow") == .pending && run.count(.reportDiscarded) == 1)
        for id in ["a", "slow"] as [TaskID] { try run.complete(id) }
        try run.complete("d", json("on"))
        try run.complete("end")
        #expect(run.runStatus == .completed)
    }

    @Test("a loop, validators and a compressor that are under way behind the target don't disturb the next round")
    func underWay() throws {
        var run = try RunDriver([
            task("a"), task("loop", after: [Dependency("a")]) { $0.loop = Loop(.list(json([1, 2])), maxParallel: 2) },
            task("checked", after: [Dependency("a")]) { $0.guardrails = Guardrails([.init("v")]) },
            task("small", after: [Dependency("a")]) { $0.context = ContextRule(compressor: .init("c", limit: 5)) },
            task("d", after: [Dependency("a")]) { $0.routing = routes([("back", ["a"]), ("on", ["end"])]) }, task("end"),
        ])
        try run.complete("a", json("something long"))
        try run.start("loop~0")
        try run.complete("checked")
        let old = [run.added(.validator)[0], "small~compress", "loop~0"]
        for id in old { try run.start(id) }
        try run.complete("d", json("back"))
        try run.complete("a", json("something long"))
        #expect(run.state.loops[1]?.open == 2)
        try run.complete("checked")
        // The old ones end only now.
        for id in old { try run.handle(.stopped(run.attempt(id), worker: "w1")) }
        run.restart()
        #expect(run.state.loops[1]?.open == 2)
        #expect(run.status("checked") == .running && run.status("small") == .pending)
        for id in run.added(.item).suffix(2) { try run.complete(id, json(1)) }
        try run.complete(run.added(.validator)[1], json(["verdict": "pass"]))
        try run.complete(run.added(.compressor)[1], json(["a": "short"]))
        try run.complete("small")
        try run.complete("d", json("on"))
        try run.complete("end")
        #expect(run.runStatus == .completed)
        #expect(run.result("loop") == json([1, 1]))
    }

    @Test("an inner cycle has its rounds anew in each round of the outer one")
    func nested() throws {
        var run = try RunDriver([
            task("plan") { $0.maxIterations = 1 }, task("write", after: [Dependency("plan")]) { $0.maxIterations = 1 },
            task("edit", after: [Dependency("write")]) { $0.routing = routes([("rewrite", ["write"]), ("on", ["judge"])]) },
            task("judge") { $0.routing = routes([("replan", ["plan"]), ("done", ["end"])]) }, task("end"),
        ])
        for round in 0...1 {
            try run.complete("plan")
            try run.complete("write")
            try run.complete("edit", json("rewrite"))
            run.restart()
            try run.complete("write")
            try run.complete("edit", json("on"))
            try run.complete("judge", json(round == 0 ? "replan" : "done"))
        }
        try run.complete("end")
        #expect(run.runStatus == .completed)
        #expect(run.attempt("write").number == 4)
    }

    @Test("several targets that come before the decision are run again together")
    func several() throws {
        var run = try RunDriver([
            task("a"), task("b"), task("c"),
            task("d", after: [Dependency("a"), Dependency("b"), Dependency("c")]) { $0.routing = routes([("back", ["a", "b"]), ("on", ["e"])]) },
            task("e"),
        ])
        for id in ["a", "b", "c"] as [TaskID] { try run.complete(id) }
        try run.complete("d", json("back"))
        #expect(run.status("a") == .queued && run.status("b") == .queued && run.status("c") == .completed)
        for id in ["a", "b"] as [TaskID] { try run.complete(id) }
        try run.complete("d", json("on"))
        #expect(run.status("e") == .queued)
    }

    @Test("a route leads back among tasks that were dispatched, after a restart too")
    func added() throws {
        let list = [
            task("draft"), task("mid", after: [Dependency("draft")]),
            task("review", after: [Dependency("mid")]) { $0.routing = routes([("ok", ["publish"]), ("redo", ["draft"])]) }, task("publish"),
        ]
        var run = try RunDriver([task("root")])
        try run.complete("root", dispatch: list)
        for round in 0...1 {
            for id in ["root~draft", "root~mid"] as [TaskID] { try run.complete(id, json("x")) }
            run.restart()
            try run.complete("root~review", json(round == 0 ? "redo" : "ok"))
        }
        try run.complete("root~publish")
        #expect(run.runStatus == .completed)
        #expect(run.attempt("root~draft").number == 2)
        #expect(run.state.nodes.addedIndices.isEmpty)
    }

    @Test("what followed from a task that is run again follows again, under another name")
    func followers() throws {
        var tasks = plan
        tasks[0].rules.continuations.onCompleted = [task("log", critical: true)]
        var run = try RunDriver(tasks)
        try run.complete("draft")
        try run.fail("draft~log")
        try run.complete("check")
        try run.complete("review", json("redo"))
        #expect(run.status("draft~log") == .skipped)
        try run.complete("draft")
        let second = run.added(.continuation)[1]
        #expect(second.rawValue.hasPrefix("draft~log@"))
        try run.complete(second)
        try run.complete("check")
        try run.complete("review", json("ok"))
        try run.complete("publish")
        #expect(run.runStatus == .completed)
    }

    @Test("a chain of 1,000 tasks has no hidden limit")
    func chain() throws {
        let tasks = (0..<1000).map { task(TaskID("t\($0)"), after: $0 == 0 ? [] : [Dependency(TaskID("t\($0 - 1)"))]) }
        var run = try RunDriver(tasks, isChecked: false)
        try run.work { _, _ in .gives(.null) }
        #expect(run.runStatus == .completed)
    }
}
