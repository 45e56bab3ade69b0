import BatonEngine
import BatonModel
import Testing

@Suite("I5 re-execution", .timeLimit(.minutes(1)))
struct I5Reexecution {
    private let plan = [
        task("a"), task("b", after: [Dependency("a")]), task("c", after: [Dependency("a", on: .finished), Dependency("b", on: .finished)]),
        task("d", after: [Dependency("b")]), task("other"),
    ]

    private func ended() throws -> RunDriver {
        var run = try RunDriver(plan)
        for id in ["other", "a"] as [TaskID] { try run.complete(id, json("old")) }
        try run.fail("b")
        try run.complete("c", json("old"))
        #expect(run.runStatus == .failed && run.status("d") == .skipped)
        return run
    }

    @Test("failed ones only: with all that depends on them; the rest stays", arguments: [true, false])
    func failed(_ restarts: Bool) throws {
        var run = try ended()
        if restarts { run.restart() }
        try run.handle(.rerun(.failed))
        #expect(run.runStatus == .running)
        #expect(run.status("a") == .completed && run.status("other") == .completed && run.result("a") == json("old"))
        #expect(run.status("b") == .queued && run.status("c") == .pending && run.status("d") == .pending)
        #expect(run.attempts("b").map(\.status) == ["failed"] && run.attempts("c").map(\.status) == ["completed"])
        #expect(run.attempt("b").number == 2)
        for id in ["b", "c", "d"] as [TaskID] { try run.complete(id, json("new")) }
        #expect(run.runStatus == .completed && run.result("c") == json("new"))
        #expect(run.state.progress.ending == nil)
    }

    @Test("from a task on: its dependents that had ended are run again")
    func from() throws {
        var run = try ended()
        try run.handle(.rerun(.from([0])))
        #expect(run.status("a") == .queued && run.status("other") == .completed)
        for id in ["b", "c", "d"] as [TaskID] { #expect(run.status(id) == .pending) }
        for id in ["a", "b", "c", "d"] as [TaskID] { try run.complete(id) }
        #expect(run.runStatus == .completed)
    }

    @Test("all")
    func all() throws {
        var run = try ended()
        try run.handle(.rerun(.all))
        #expect(run.state.progress[.queued] == 2 && run.state.progress[.pending] == 3)
        try run.work { _, _ in .gives(.null) }
        #expect(run.runStatus == .completed)
    }

    @Test("again and again: numbers of attempts go on, and late reports of earlier rounds count for nothing")
    func again() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")])])
        for round in 1...5 {
            #expect(run.attempt("a").number == round)
            try run.complete("a")
            try run.handle(.completed(AttemptID(run: "run", task: 1, number: max(1, round - 1)), worker: "w", startedAt: nil, result: json(1)))
            if round > 1 { #expect(run.status("b") == .queued) }
            if run.status("b") == .queued { try run.complete("b") }
            #expect(run.runStatus == .completed)
            if round < 5 { try run.handle(.rerun(round.isMultiple(of: 2) ? .all : .from([0]))) }
            if round.isMultiple(of: 2) { run.restart() }
        }
        #expect(run.attempts("a").map(\.number) == [1, 2, 3, 4])
    }

    @Test("a run that goes on is not run again, nor one where nothing failed; an unknown task changes nothing")
    func nothing() throws {
        var run = try RunDriver(plan)
        #expect(try run.handle(.rerun(.all)).isEmpty)
        try run.work { _, _ in .gives(.null) }
        #expect(try run.handle(.rerun(.failed)).isEmpty)
        #expect(try run.handle(.rerun(.from([77]))).isEmpty)
        #expect(run.runStatus == .completed)
    }

    @Test("the run's timeout begins anew")
    func timeout() throws {
        var run = try RunDriver([task("a")], timeout: .seconds(10))
        try run.fail("a")
        try run.advance(by: .seconds(60))
        try run.handle(.rerun(.failed))
        try run.advance(by: .seconds(9))
        #expect(run.runStatus == .running)
        try run.advance(by: .seconds(1))
        #expect(run.runStatus == .failed && run.state.progress.ending?.error.type == TaskError.Kind.timeout)
    }

    @Test("a decision that stands still decides over a target that is run again", arguments: [true, false])
    func decision(_ restarts: Bool) throws {
        var run = try RunDriver([
            task("d") { $0.routing = Routing([.init("x", to: ["x"]), .init("y", to: ["y"])]) }, task("x"), task("y"),
        ])
        try run.complete("d", json("x"))
        try run.fail("x")
        if restarts { run.restart() }
        try run.handle(.rerun(.from([1, 2])))
        #expect(run.status("x") == .queued && run.status("y") == .skipped)
        try run.complete("x")
        #expect(run.runStatus == .completed)
    }

    @Test("a failure that followed from what is run again doesn't count any more, however far it followed")
    func followers() throws {
        var run = try RunDriver([
            task("a") { $0.continuations.onCompleted = [task("b") { $0.continuations.onCompleted = [task("c")] }] }, task("z"),
        ])
        try run.complete("a")
        try run.complete("a~b")
        try run.fail("a~b~c")
        try run.complete("z")
        #expect(run.runStatus == .failed)
        run.restart()
        let effects = try run.handle(.rerun(.from([0])))
        #expect(run.status("a~b~c") == .skipped)
        // The history says so too.
        let told = effects.contains { if case .event(.taskSkipped, task: 3, _, _) = $0 { true } else { false } }
        #expect(told)
        try run.work { _, _ in .gives(.null) }
        #expect(run.runStatus == .completed && run.added(.continuation).count == 4)
    }

    @Test("an added task that failed is run again itself, where what it follows from stands")
    func added() throws {
        var run = try RunDriver([task("a") { $0.continuations.onCompleted = [task("b")] }])
        try run.complete("a")
        try run.fail("a~b")
        run.restart()
        try run.handle(.rerun(.failed))
        #expect(run.status("a") == .completed && run.status("a~b") == .queued)
        try run.complete("a~b")
        #expect(run.runStatus == .completed && run.state.nodes.addedIndices.isEmpty)
    }

    @Test("tasks that were cancelled are run again with those that failed")
    func cancelled() throws {
        var run = try RunDriver([task("a"), task("b"), task("c", after: [Dependency("b")])], onFailure: .cancel)
        try run.fail("a")
        try run.handle(.rerun(.failed))
        #expect(run.status("a") == .queued && run.status("b") == .queued && run.status("c") == .pending)
        try run.work { _, _ in .gives(.null) }
        #expect(run.runStatus == .completed)
    }
}

@Suite("I4 links", .timeLimit(.minutes(1)))
struct I4Links {
    @Test("a linked task shows the other run's result, never runs, and what depends on it starts at once")
    func linked() throws {
        var run = try RunDriver(
            [task("a"), task("b", after: [Dependency("a")]) { $0.when = "a.total == `5`" }, task("c", after: [Dependency("b")])],
            links: [0: json(["total": 5])])
        #expect(run.status("a") == .completed && run.status("b") == .queued && run.readied.count == 1)
        run.restart()
        try run.complete("b")
        try run.fail("c")
        for rerun in [Rerun.all, .failed, .from([0])] {
            try run.handle(.rerun(rerun))
            #expect(run.status("a") == .completed && run.flags("a").contains(.linked))
            if run.status("b") == .queued { try run.complete("b") }
            try run.fail("c")
        }
        #expect(run.attempt("a").number == 0)
    }

    @Test("a linked decision has chosen already, and a linked task is not undone")
    func decision() throws {
        var run = try RunDriver(
            [
                task("d") {
                    $0.routing = Routing([.init("x", to: ["x"]), .init("y", to: ["y"])])
                    $0.compensation = Compensation("undo")
                }, task("x"), task("y"),
            ], links: [0: json("x")])
        #expect(run.status("x") == .queued && run.status("y") == .skipped)
        try run.fail("x")
        #expect(run.runStatus == .failed && run.store.added.isEmpty)
    }

    @Test("all tasks linked: the run completes at once")
    func all() throws {
        let run = try RunDriver([task("a"), task("b", after: [Dependency("a")])], links: [0: json(1), 1: json(2)])
        #expect(run.runStatus == .completed && run.readied.isEmpty)
    }
}
