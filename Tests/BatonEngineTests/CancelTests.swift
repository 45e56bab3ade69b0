import BatonEngine
import BatonModel
import Testing

@Suite("F1 cancelling what waits", .timeLimit(.minutes(1)))
struct F1Waiting {
    @Test("what has not started is cancelled at once")
    func cancelWaiting() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")]), task("c", start: .after(.seconds(9)))])
        let attempt = run.attempt("a")
        let effects = try run.handle(.cancelRun(reason: "stop"))
        #expect(effects.contains(.revoke(attempt, reason: "stop")))
        for id in ["a", "b", "c"] as [TaskID] {
            #expect(run.status(id) == .cancelled)
            #expect(run.error(id)?.message == "stop")
        }
        #expect(run.runStatus == .cancelled)
        #expect(!run.store.timers.values.contains { !$0.isEmpty })
    }

    @Test("a message that comes up after the cancel is not started")
    func claimed() throws {
        var run = try RunDriver([task("a"), task("b")])
        let attempt = run.attempt("a")
        try run.cancel("a")
        let effects = try run.handle(.claim(attempt, worker: "w", redelivered: false))
        #expect(effects.contains(.claimed(attempt, worker: "w", granted: false)))
        #expect(try run.handle(.started(attempt, worker: "w", at: nil)).contains { if case .revoke(attempt, _) = $0 { true } else { false } })
        #expect(run.status("a") == .cancelled)
    }

    @Test("one that waits to be retried is cancelled, and never tried again")
    func retrying() throws {
        var run = try RunDriver([task("a")])
        try run.fail("a", .transient)
        try run.cancel("a")
        try run.advance(by: .seconds(600))
        #expect(run.status("a") == .cancelled && run.attempt("a").number == 1)
    }
}

@Suite("F2 cancelling what runs", .timeLimit(.minutes(1)))
struct F2Running {
    @Test("a running task stops; a result that comes after the cancel counts for nothing")
    func cancelRunning() throws {
        var run = try RunDriver([task("a")])
        try run.start("a")
        try run.cancel("a")
        #expect(run.status("a") == .running)
        try run.complete("a", json(["late": true]))
        #expect(run.status("a") == .cancelled)
        #expect(run.store.results.isEmpty)
        #expect(!run.flags("a").contains(.stopUnconfirmed))
        try run.cancel("a", "again")
        #expect(run.count(.taskCancelled) == 1 && run.error("a")?.message == "stop")
    }

    @Test("one that doesn't stop is given up after the grace, and that is seen", arguments: [true, false])
    func grace(_ restarts: Bool) throws {
        var run = try RunDriver([task("a")])
        try run.start("a")
        try run.handle(.cancelRun(reason: "stop"))
        if restarts { run.restart() }
        try run.advance(by: .seconds(10))
        #expect(run.status("a") == .cancelled)
        #expect(run.flags("a").contains(.stopUnconfirmed))
        #expect(run.runStatus == .cancelled)
    }

    @Test("a heartbeat of a task that is to stop tells the worker again")
    func reminded() throws {
        var run = try RunDriver([task("a")])
        try run.start("a")
        try run.cancel("a")
        #expect(try run.handle(.heartbeat(run.attempt("a"), worker: "w1")).contains { if case .revoke = $0 { true } else { false } })
    }
}

@Suite("F3 cancelling many", .timeLimit(.minutes(1)))
struct F3Many {
    @Test("a run that has ended stays as it is; cancelling ended tasks changes nothing")
    func ended() throws {
        var run = try RunDriver([task("a"), task("b", critical: false)])
        try run.complete("a")
        #expect(try run.cancel("a").isEmpty)
        try run.fail("b")
        #expect(try run.handle(.cancelRun(reason: "stop")).isEmpty && run.runStatus == .completed)
        #expect(try run.handle(.cancelTask(99, reason: "stop")).isEmpty)
    }

    @Test("one call ends all kinds of tasks that are under way")
    func kinds() throws {
        var run = try RunDriver([
            task("plain"), task("loop") { $0.loop = Loop(.list(json([1, 2, 3])), maxParallel: 2) },
            task("answer", handler: .answer) { $0.answer = AnswerRule(deadline: .seconds(5)) },
            task("checked") { $0.guardrails = Guardrails([.init("v")]) }, task("later", start: .after(.seconds(5))),
            task("graph", handler: .graph) { $0.graph = Graph(name: "n", tasks: [task("x")]) },
        ])
        try run.complete("checked")
        try run.handle(.cancelRun(reason: "stop"))
        #expect(run.status("graph") == .running && run.runStatus == .running)
        try run.handle(.childEnded(run.attempt("graph"), .cancelled, result: .null, error: nil))
        #expect(run.runStatus == .cancelled && run.state.progress[.cancelled] == 6)
    }
}

@Suite("F5 race", .timeLimit(.minutes(1)))
struct F5Race {
    @Test("completed before the cancel: it stays completed")
    func completed() throws {
        var run = try RunDriver([task("a"), task("b")])
        try run.complete("a", json(1))
        try run.cancel("a")
        #expect(run.status("a") == .completed && run.result("a") == json(1))
    }

    @Test("cancelled before the completion: the report is discarded, and says so")
    func cancelled() throws {
        var run = try RunDriver([task("a"), task("b")])
        try run.start("a")
        try run.cancel("a")
        try run.complete("a", json(1))
        #expect(run.status("a") == .cancelled && run.count(.reportDiscarded, "a") == 1)
    }
}
