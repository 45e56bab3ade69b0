import BatonEngine
import BatonModel
import Testing

@Suite("B2 required dependencies", .timeLimit(.minutes(1)))
struct B2RequiredDependencies {
    @Test("a dependent starts only after its dependency completed")
    func required() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")])])
        #expect(run.status("a") == .queued && run.status("b") == .pending)
        try run.complete("a")
        #expect(run.status("b") == .queued)
        try run.complete("b")
        #expect(run.runStatus == .completed)
    }

    @Test("a dependency that fails skips its dependents, each with the cause named")
    func skipped() throws {
        var run = try RunDriver([task("charge"), task("ship", after: [Dependency("charge")]), task("mail", after: [Dependency("ship")])])
        try run.fail("charge")
        #expect(run.status("ship") == .skipped && run.status("mail") == .skipped)
        #expect(run.error("ship")?.message == "dependencyFailed: charge")
        #expect(run.error("mail")?.type == "dependencySkipped")
        #expect(run.runStatus == .failed)
    }

    @Test("executing the failed dependency again brings its dependents back")
    func broughtBack() throws {
        var run = try RunDriver([task("charge"), task("ship", after: [Dependency("charge")]), task("mail", after: [Dependency("ship")])])
        try run.fail("charge")
        try run.handle(.rerun(.failed))
        #expect(run.status("charge") == .queued && run.status("ship") == .pending && run.status("mail") == .pending)
        for id in ["charge", "ship", "mail"] as [TaskID] { try run.complete(id) }
        #expect(run.runStatus == .completed)
    }

    @Test("a chain of 100,000 that is skipped needs no deep stack")
    func longChain() throws {
        let tasks = (0..<100_000).map { task(TaskID("t\($0)"), after: $0 == 0 ? [] : [Dependency(TaskID("t\($0 - 1)"))]) }
        var run = try RunDriver(tasks, isChecked: false)
        try run.fail("t0")
        #expect(run.state.progress[.skipped] == 99_999)
        #expect(run.runStatus == .failed)
    }
}

@Suite("B3 optional dependencies", .timeLimit(.minutes(1)))
struct B3OptionalDependencies {
    @Test("an optional dependency is waited for, and its failure lets the dependent run")
    func optional() throws {
        var run = try RunDriver([
            task("a"), task("b", critical: false), task("c", after: [Dependency("a"), Dependency("b", on: .finished)]),
        ])
        try run.complete("a")
        #expect(run.status("c") == .pending)
        try run.fail("b")
        #expect(run.status("c") == .queued)
        try run.complete("c")
        #expect(run.runStatus == .completed)
    }

    @Test("`on: failed` runs after a failure, and is skipped otherwise")
    func onFailed() throws {
        var bad = try RunDriver([task("a", critical: false), task("b", after: [Dependency("a", on: .failed)])])
        try bad.fail("a")
        #expect(bad.status("b") == .queued)
        var good = try RunDriver([task("a"), task("b", after: [Dependency("a", on: .failed)])])
        try good.complete("a")
        #expect(good.status("b") == .skipped)
        #expect(good.error("b")?.type == TaskError.Kind.dependencyCompleted)
        #expect(good.runStatus == .completed)
    }

    @Test("a skipped or cancelled optional dependency has ended too", arguments: [true, false])
    func ended(_ skipped: Bool) throws {
        var run = try RunDriver([
            task("a") { if skipped { $0.when = "`false`" } }, task("b", after: [Dependency("a", on: .finished)]),
        ])
        if !skipped { try run.cancel("a") }
        #expect(run.status("b") == .queued)
    }
}

@Suite("B5 fan-out and fan-in", .timeLimit(.minutes(1)))
struct B5FanOutFanIn {
    @Test("a join of 50,000 is decided once, without quadratic work")
    func join() throws {
        let count = 50_000
        let tasks = (0..<count).map { task(TaskID("t\($0)")) }
        var run = try RunDriver(tasks + [task("join", after: tasks.map { Dependency($0.id) })], isChecked: false)
        for index in 0..<count {
            #expect(run.state.tasks[count].status == .pending)
            try run.handle(.completed(run.state.attemptID(of: index), worker: nil, startedAt: nil, result: .null))
        }
        #expect(run.readied.count { $0.task == count } == 1)
    }

    @Test("all that share a dependency are ready at once; the join runs once after all of them")
    func shared() throws {
        let middle = (0..<20).map { task(TaskID("m\($0)"), after: [Dependency("up")]) }
        var run = try RunDriver([task("up")] + middle + [task("join", after: middle.map { Dependency($0.id) })])
        try run.complete("up")
        #expect(run.state.progress[.queued] == 20)
        for spec in middle.reversed() {
            #expect(run.status("join") == .pending)
            try run.complete(spec.id)
        }
        try run.complete("join")
        #expect(run.runStatus == .completed)
        #expect(run.readied.count { $0.task == run.index("join") } == 1)
    }
}

@Suite("B10 degradation", .timeLimit(.minutes(1)))
struct B10Degradation {
    private let plan = [
        task("primary", critical: false), task("fallback", after: [Dependency("primary", on: .failed)], critical: false),
        task("report", after: [Dependency("primary", on: .finished), Dependency("fallback", on: .finished)]),
    ]

    @Test("the primary works: the fallback is skipped, the report is made")
    func primary() throws {
        var run = try RunDriver(plan)
        try run.complete("primary")
        #expect(run.status("fallback") == .skipped)
        try run.complete("report")
        #expect(run.runStatus == .completed)
    }

    @Test("the primary fails and the fallback works: the report is made")
    func fallback() throws {
        var run = try RunDriver(plan)
        try run.fail("primary")
        #expect(run.status("report") == .pending)
        try run.complete("fallback")
        try run.complete("report")
        #expect(run.runStatus == .completed)
    }

    @Test("both fail: the report is made")
    func both() throws {
        var run = try RunDriver(plan)
        try run.fail("primary")
        try run.fail("fallback")
        try run.complete("report")
        #expect(run.runStatus == .completed)
        #expect(run.state.progress[.failed] == 2)
    }

    @Test("the primary fails and the fallback is skipped: the report is made")
    func skipped() throws {
        var tasks = plan
        tasks[1].rules.when = "inputs.wanted"
        var run = try RunDriver(tasks)
        try run.fail("primary")
        #expect(run.status("fallback") == .skipped)
        #expect(run.error("fallback")?.type == TaskError.Kind.conditionFalse)
        try run.complete("report")
        #expect(run.runStatus == .completed)
    }
}

@Suite("B11 status and progress", .timeLimit(.minutes(1)))
struct B11StatusAndProgress {
    @Test("progress is the mean over the tasks, running ones by what they report")
    func progress() throws {
        var run = try RunDriver([task("a"), task("b")])
        try run.handle(.progress(run.attempt("a"), worker: "w", fraction: 0.5, message: nil, checkpoint: nil))
        #expect(run.state.progress.progress == 0.25)
        try run.complete("a")
        #expect(run.state.progress.progress == 0.5)
        try run.complete("b")
        #expect(run.state.progress.progress == 1)
    }

    @Test("what hooks, validators and items report doesn't count as the run's progress")
    func others() throws {
        var settings = EngineSettings()
        settings.hooks = { _ in [.onFailed] }
        var run = try RunDriver(
            [
                task("bad", critical: false), task("a") { $0.guardrails = Guardrails([.init("v")]) },
                task("loop") { $0.loop = Loop(.list(json([1, 2, 3, 4]))) },
            ], settings: settings)
        try run.fail("bad")
        try run.complete("a")
        let before = run.state.progress.progress
        for id in ["bad~onFailed", run.added(.validator)[0], "loop~0"] {
            try run.handle(.progress(run.attempt(id), worker: "w", fraction: 0.9, message: nil, checkpoint: nil))
            #expect(run.state.progress.progress == before)
        }
        try run.complete("loop~0")
        #expect(run.state.progress.progress == (1 + 0.25) / 3)
    }

    @Test("a condition that isn't met skips the task, and the run completes")
    func condition() throws {
        var run = try RunDriver([
            task("a"), task("big", after: [Dependency("a")]) { $0.when = "a.total > `100`" },
            task("small", after: [Dependency("a")]) { $0.when = "a.total <= `100`" },
        ])
        try run.complete("a", json(["total": 20]))
        #expect(run.status("big") == .skipped && run.status("small") == .queued)
        #expect(run.error("big")?.type == TaskError.Kind.conditionFalse)
        try run.complete("small")
        #expect(run.runStatus == .completed)
    }

    @Test("conditions see the graph's input, the task's inputs, and how dependencies ended")
    func scope() throws {
        for (condition, isMet) in [
            ("input.level > `2`", true), ("inputs.region == 'eu'", true), ("status.a == 'failed'", true), ("a", false),
            ("status.b == 'completed' && b == `[]`", false), ("status.b == 'completed'", true),
        ] {
            var run = try RunDriver(
                [
                    task("a", critical: false), task("b"),
                    task("c", after: [Dependency("a", on: .finished), Dependency("b")], inputs: json(["region": "eu"])) { $0.when = condition },
                ], input: json(["level": 3]))
            try run.fail("a")
            try run.complete("b")
            #expect(run.status("c") == (isMet ? .queued : .skipped), "\(condition)")
        }
    }

    @Test("a condition that can't be applied fails the task, and says which one it is")
    func impossible() throws {
        let run = try RunDriver([task("a") { $0.when = "abs('x')" }])
        #expect(run.status("a") == .failed)
        #expect(run.error("a")?.type == TaskError.Kind.expression)
        #expect(run.error("a")?.message.contains("abs('x')") == true)
        #expect(run.runStatus == .failed)
    }

    @Test("a critical failure fails the run, and the others finish first")
    func critical() throws {
        var run = try RunDriver([task("a"), task("b")])
        try run.fail("a")
        #expect(run.runStatus == .running)
        try run.complete("b")
        #expect(run.runStatus == .failed)
        #expect(run.state.progress.ending?.error.message.contains("a") == true)
    }

    @Test("`onFailure: cancel` stops everything else")
    func cancelOnFailure() throws {
        var run = try RunDriver([task("a"), task("b"), task("c", after: [Dependency("b")])], onFailure: .cancel)
        try run.fail("a")
        #expect(run.status("b") == .cancelled && run.status("c") == .cancelled)
        #expect(run.runStatus == .failed)
    }
}

@Suite("E10 non-critical tasks", .timeLimit(.minutes(1)))
struct E10NonCritical {
    @Test("a non-critical failure doesn't fail the run", arguments: [Graph.FailureMode.stop, .cancel])
    func nonCritical(_ mode: Graph.FailureMode) throws {
        var run = try RunDriver([task("a", critical: false), task("b")], onFailure: mode)
        try run.fail("a")
        try run.complete("b")
        #expect(run.runStatus == .completed)
        #expect(run.state.progress[.failed] == 1)
    }
}
