import BatonEngine
import BatonModel
import Testing

private func withHooks() -> EngineSettings {
    var settings = EngineSettings()
    settings.hooks = { _ in [.onFailed, .onCancelled] }
    return settings
}

@Suite("D1 order of hooks", .timeLimit(.minutes(1)))
struct D1Hooks {
    @Test("onFailed and onCancelled become work of their own, which doesn't hold the run up")
    func hooks() throws {
        var run = try RunDriver([task("a"), task("b")], settings: withHooks())
        try run.fail("a")
        try run.cancel("b")
        #expect(run.added(.onFailed) == ["a~onFailed"] && run.added(.onCancelled) == ["b~onCancelled"])
        #expect(run.status("a~onFailed") == .queued)
        #expect(run.runStatus == .failed && run.state.progress.total == 2)
        run.restart()
        try run.complete("a~onFailed")
        try run.fail("b~onCancelled")
        #expect(run.status("b") == .cancelled && run.runStatus == .failed)
    }

    @Test("onFailed comes once, after the retries")
    func once() throws {
        var run = try RunDriver([task("a", retry: RetryPolicy(maxAttempts: 3, delay: .zero, jitter: 0))], settings: withHooks())
        for attempt in 1...3 {
            #expect(run.added(.onFailed).isEmpty)
            try run.fail("a", .transient)
            if attempt < 3 { try run.advance(by: .zero) }
        }
        #expect(run.added(.onFailed).count == 1)
    }

    @Test("a task that is skipped, or completes, has no such hook")
    func none() throws {
        var run = try RunDriver([task("a"), task("b") { $0.when = "`false`" }], settings: withHooks())
        try run.complete("a")
        #expect(run.store.added.isEmpty && run.runStatus == .completed)
    }

    @Test("a task and its continuation may be named as hooks are")
    func names() throws {
        var run = try RunDriver([task("a") { $0.continuations.onFailed = [task("onFailed"), task("compensate")] }], settings: withHooks())
        try run.fail("a")
        #expect(run.added(.onFailed) == ["a~onFailed"] && run.added(.continuation).count == 2)
    }
}

@Suite("D2 durable continuations", .timeLimit(.minutes(1)))
struct D2Continuations {
    @Test("what is declared and what is dispatched is part of the completion, and runs once")
    func completed() throws {
        var run = try RunDriver([task("a") { $0.continuations.onCompleted = [task("mail"), task("log")] }])
        let effects = try run.complete("a", json(1), dispatch: [task("mail"), task("?"), task("7")])
        #expect(effects.contains(.result(task: 0, json(1))))
        #expect(effects.filter { if case .append = $0 { true } else { false } }.count == 5)
        #expect(run.status("a~mail") == .queued && run.status("a~log") == .queued)
        #expect(run.runStatus == .running)
        try run.handle(.completed(AttemptID(run: "run", task: 0, number: 1), worker: "w", startedAt: nil, result: .null, dispatch: [task("x")]))
        #expect(run.store.specs.count == 6)
        run.restart()
        try run.work { _, _ in .gives(.null) }
        #expect(run.runStatus == .completed && run.state.progress.total == 6)
    }

    @Test("a list that is dispatched may depend on one another, in any order of the list")
    func list() throws {
        var run = try RunDriver([task("root")])
        try run.complete("root", dispatch: [task("last", after: [Dependency("first", as: "one"), Dependency("mid")]), task("mid", after: [Dependency("first")]), task("first")])
        #expect(run.status("root~first") == .queued && run.status("root~mid") == .pending && run.status("root~last") == .pending)
        #expect(run.store.specs[1].dependencies.map(\.name) == ["one", "mid"])
        try run.complete("root~first")
        run.restart()
        try run.complete("root~mid")
        #expect(run.status("root~last") == .queued)
        try run.complete("root~last")
        #expect(run.runStatus == .completed && run.state.nodes.addedIndices.isEmpty)
    }

    @Test("a failure in a list skips what depends on it; running it again brings that back", arguments: [true, false])
    func broughtBack(_ restarts: Bool) throws {
        var run = try RunDriver([task("root")])
        try run.complete("root", dispatch: [task("x"), task("y", after: [Dependency("x")]), task("z", after: [Dependency("y")])])
        try run.fail("root~x")
        #expect(run.status("root~z") == .skipped && run.runStatus == .failed)
        if restarts { run.restart() }
        try run.handle(.rerun(.failed))
        #expect(run.status("root~x") == .queued && run.status("root~z") == .pending)
        for id in ["root~x", "root~y", "root~z"] as [TaskID] { try run.complete(id) }
        #expect(run.runStatus == .completed)
    }

    @Test("a continuation's condition sees what it follows from, at once")
    func condition() throws {
        let list = [
            task("big") { $0.when = "origin.result.total > `100`" }, task("small") { $0.when = "origin.result.total <= `100`" },
            task("mine", inputs: json(["x": true])) { $0.when = "inputs.x && origin.task == 'a' && origin.inputs.k == 'v'" },
        ]
        var run = try RunDriver([task("a", inputs: json(["k": "v"])) { $0.continuations.onCompleted = list }])
        try run.complete("a", json(["total": 500]))
        #expect(run.status("a~big") == .queued && run.status("a~small") == .skipped && run.status("a~mine") == .queued)
    }

    @Test("a continuation of a continuation")
    func nested() throws {
        let inner = task("b") { $0.continuations.onCompleted = [task("c") { $0.when = "origin.result == `2`" }] }
        var run = try RunDriver([task("a") { $0.continuations.onCompleted = [inner] }])
        try run.complete("a", json(1))
        run.restart()
        try run.complete("a~b", json(2))
        #expect(run.status("a~b~c") == .queued && run.runStatus == .running)
        try run.complete("a~b~c")
        #expect(run.runStatus == .completed)
    }

    @Test("the tasks that follow a draft survive a restart, those without a name too")
    func draft() throws {
        var run = try RunDriver([task("a") { $0.guardrails = Guardrails([.init("v")]) }])
        try run.complete("a", json("v1"), dispatch: [task("?"), task("b", after: [Dependency("c")]), task("c"), task("?")])
        run.restart()
        #expect(run.store.added.count == 1)
        try run.complete(run.added(.validator)[0], json(["verdict": "pass"]))
        #expect(run.added(.dispatched).count == 4 && run.has("a~b"))
        #expect(run.status("a~b") == .pending)
    }

    @Test("what a task dispatches while its own continuation has ended the run is cancelled with it")
    func endedAtOnce() throws {
        var run = try RunDriver(
            [task("a") { $0.continuations.onCompleted = [task("bad") { $0.when = "abs('x')" }, task("good")] }], onFailure: .cancel)
        try run.complete("a", dispatch: [task("x")])
        #expect(run.status("a~bad") == .failed && run.status("a~good") == .cancelled && run.status("a~x") == .cancelled)
        #expect(run.runStatus == .failed)
    }
}

@Suite("D3 conditional continuations", .timeLimit(.minutes(1)))
struct D3ConditionalContinuations {
    @Test("on a failure, tasks that know the failed task's inputs and error", arguments: [Graph.FailureMode.cancel, .compensate, .stop])
    func onFailed(_ mode: Graph.FailureMode) throws {
        let alert = task("alert") { $0.when = "origin.error.type == 'e' && origin.inputs.order == `7`" }
        var run = try RunDriver(
            [task("a", inputs: json(["order": 7])) { $0.continuations.onFailed = [alert, task("later", after: [Dependency("alert")])] }, task("b")],
            onFailure: mode)
        try run.fail("a")
        #expect(run.status("a~alert") == .queued)
        #expect(run.status("b") == (mode == .stop ? .queued : .cancelled))
        if mode == .stop { try run.complete("b") }
        #expect(run.runStatus == .running)
        run.restart()
        try run.handle(.cancelRun(reason: "stop"))
        #expect(run.status("a~alert") == .queued)
        try run.complete("a~alert")
        run.restart()
        #expect(run.status("a~later") == .queued)
        try run.complete("a~later")
        #expect(run.runStatus == (mode == .stop ? .cancelled : .failed))
    }

    @Test("what cleans up may itself be followed by lists, in a run that is being ended", arguments: [true, false])
    func deep(_ restarts: Bool) throws {
        let alert = task("alert") { $0.continuations.onCompleted = [task("x"), task("y", after: [Dependency("x")])] }
        var run = try RunDriver([task("a") { $0.continuations.onFailed = [alert] }, task("b")], onFailure: .cancel)
        try run.fail("a")
        if restarts { run.restart() }
        try run.complete("a~alert", dispatch: [task("d"), task("e", after: [Dependency("d")])])
        for id in ["x", "y", "d", "e"] {
            if restarts { run.restart() }
            #expect(run.status(TaskID("a~alert~\(id)")) == .queued, "\(id)")
            try run.complete(TaskID("a~alert~\(id)"))
        }
        #expect(run.runStatus == .failed)
    }

    @Test("one that was caused by a failure doesn't follow a completion")
    func otherwise() throws {
        var run = try RunDriver([task("a") { $0.continuations = Continuations(onFailed: [task("x")], onCancelled: [task("y")]) }])
        try run.complete("a")
        #expect(run.store.added.isEmpty && run.runStatus == .completed)
    }

    @Test("what an earlier attempt failed with is not the error of a task that completed")
    func earlierError() throws {
        var run = try RunDriver([
            task("a", retry: RetryPolicy(maxAttempts: 2, delay: .zero, jitter: 0)) {
                $0.continuations.onCompleted = [task("c") { $0.when = "origin.error == null" }]
            }
        ])
        try run.fail("a", .transient)
        try run.advance(by: .zero)
        try run.complete("a")
        #expect(run.status("a~c") == .queued)
    }
}

@Suite("D4 rescheduling from inside", .timeLimit(.minutes(1)))
struct D4Rescheduling {
    @Test("a task dispatches itself again five times, 1, 2, 4, 8, 16 seconds apart")
    func chain() throws {
        var run = try RunDriver([task("poll")])
        var seen: [Int64] = []
        var current: TaskID = "poll"
        for (round, seconds) in [1, 2, 4, 8, 16].enumerated() {
            var next = task(TaskID("poll"), inputs: json(["round": .integer(Int64(round + 2))]), start: .after(.seconds(seconds)))
            next.rules.round = round + 2
            try run.complete(current, dispatch: [next])
            current = run.added(.dispatched).last ?? "none"
            #expect(run.status(current) == .scheduled && run.runStatus == .running)
            let before = run.now
            run.restart()
            while run.status(current) == .scheduled { try run.advance(by: .milliseconds(500)) }
            seen.append((run.now - before).milliseconds)
        }
        #expect(seen == [1000, 2000, 4000, 8000, 16000])
        try run.complete(current)
        #expect(run.runStatus == .completed && run.state.progress.total == 6)
    }

    @Test("300 times on, names are still unique, and nothing piles up in memory")
    func long() throws {
        var run = try RunDriver([task("poll")])
        var current: TaskID = "poll"
        for _ in 0..<300 {
            try run.complete(current, dispatch: [task("poll")])
            current = run.added(.dispatched).last ?? "none"
            #expect(run.state.nodes.addedIndices.count == 1 && current.rawValue.utf8.count <= 200)
        }
        try run.complete(current)
        #expect(run.runStatus == .completed)
    }
}

@Suite("F4 hooks of a cancel", .timeLimit(.minutes(1)))
struct F4CancelHooks {
    @Test("onCancelled runs, also where the task had not started")
    func notStarted() throws {
        var run = try RunDriver(
            [task("a") { $0.continuations.onCancelled = [task("tidy"), task("after", after: [Dependency("tidy")])] }, task("b", after: [Dependency("a")])],
            settings: withHooks())
        try run.handle(.cancelRun(reason: "stop"))
        #expect(run.status("b") == .cancelled)
        #expect(run.status("a~onCancelled") == .queued && run.status("b~onCancelled") == .queued)
        #expect(run.status("a~tidy") == .queued && run.runStatus == .running)
        run.restart()
        try run.handle(.cancelRun(reason: "again"))
        try run.complete("a~tidy")
        try run.complete("a~after")
        #expect(run.runStatus == .cancelled)
    }

    @Test("a hook can dispatch clean-up tasks, before and after the run has ended", arguments: [true, false])
    func dispatched(_ early: Bool) throws {
        var run = try RunDriver([task("a", critical: false), task("b")], onFailure: .cancel, settings: withHooks())
        try run.fail("a")
        if !early { try run.complete("b") }
        try run.complete("a~onFailed", dispatch: [task("x"), task("y", after: [Dependency("x")])])
        if early { try run.handle(.cancelRun(reason: "stop")) }
        #expect(run.status("a~onFailed~x") == .queued)
        run.restart()
        try run.complete("a~onFailed~x")
        try run.fail("a~onFailed~y")
        // What comes after the end doesn't change what the run has become.
        #expect(run.runStatus == (early ? .cancelled : .completed))
        #expect(early || run.state.progress.ending == nil)
    }
}
