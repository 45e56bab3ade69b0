import BatonEngine
import BatonModel
import Testing

@Suite("C1 sequential mode", .timeLimit(.minutes(1)))
struct C1Sequential {
    @Test("the tasks run in the order given, each after the one before")
    func order() throws {
        var run = try RunDriver(["c", "a", "b"].map { task($0) }, mode: .sequential)
        var order: [TaskID] = []
        try run.work { id, _ in
            order.append(id)
            return .gives(.null)
        }
        #expect(order == ["c", "a", "b"] && run.runStatus == .completed)
        #expect(run.store.specs[1].dependencies == [Dependency("c", on: .sequential)])
    }

    @Test("a failure stops the sequence, or it goes on", arguments: [Graph.FailureMode.stop, .continue])
    func failure(_ mode: Graph.FailureMode) throws {
        var run = try RunDriver(["a", "b", "c"].map { task($0, critical: false) }, mode: .sequential, onFailure: mode)
        try run.fail("a")
        #expect(run.status("b") == (mode == .stop ? .skipped : .queued))
        if mode == .continue {
            try run.complete("b")
            try run.complete("c")
        }
        #expect(run.runStatus == .completed)
    }

    @Test("a task whose condition isn't met is passed over, and the sequence goes on; one that was skipped for a failure ends it")
    func condition() throws {
        let tasks = [task("a"), task("b") { $0.when = "a.more" }, task("c"), task("d")]
        var run = try RunDriver(tasks, mode: .sequential)
        try run.complete("a", JSON(["more": false]))
        #expect(run.status("b") == .skipped && run.status("c") == .queued)
        try run.fail("c")
        #expect(run.status("d") == .skipped && run.runStatus == .failed)
        try run.handle(.rerun(.failed))
        #expect(run.status("b") == .skipped && run.status("c") == .queued)
    }

    @Test("a window of k lets a task see the k before it")
    func window() throws {
        let run = try RunDriver(["a", "b", "c", "d"].map { id in task(id) { $0.context = ContextRule(window: 2) } }, mode: .sequential)
        #expect(run.store.specs.map { $0.dependencies.map(\.task) } == [[], ["a"], ["a", "b"], ["b", "c"]])
    }
}

@Suite("B9 context compression and windowing", .timeLimit(.minutes(1)))
struct B9Context {
    private let plan = [
        task("a"), task("b", after: [Dependency("a")]) { $0.context = ContextRule(compressor: .init("squeeze", limit: 20)) },
    ]

    @Test("a context above the limit goes through the compressor first, whose result takes its place")
    func compressed() throws {
        var run = try RunDriver(plan)
        try run.complete("a", json(.string(String(repeating: "x", count: 100))))
        #expect(run.status("b") == .pending && run.status("b~compress") == .queued)
        #expect(run.store.specs.last?.handler == "squeeze")
        run.restart()
        try run.complete("b~compress", json(["a": "x…"]))
        #expect(run.status("b") == .queued && run.part(.context, "b") == json(["a": "x…"]))
        #expect(run.state.progress.total == 2)
    }

    @Test("a small one is passed as it is")
    func small() throws {
        var run = try RunDriver(plan)
        try run.complete("a", json("x"))
        #expect(run.status("b") == .queued && run.store.added.isEmpty)
    }

    @Test("a compressor that fails fails the task")
    func failing() throws {
        var run = try RunDriver(plan)
        try run.complete("a", json(.string(String(repeating: "x", count: 100))))
        try run.fail("b~compress")
        #expect(run.status("b") == .failed && run.error("b")?.message == "the compressor squeeze gave no context: no")
    }

    @Test("a cancel while it is compressed ends both")
    func cancelled() throws {
        var run = try RunDriver(plan)
        try run.complete("a", json(.string(String(repeating: "x", count: 100))))
        try run.cancel("b")
        #expect(run.status("b") == .cancelled && run.status("b~compress") == .cancelled)
    }

    @Test("the delay of the task counts from when its context is there")
    func delayed() throws {
        var tasks = plan
        tasks[1].start = .after(.seconds(5))
        var run = try RunDriver(tasks)
        try run.complete("a", json(.string(String(repeating: "x", count: 100))))
        try run.complete("b~compress", json(1))
        #expect(run.status("b") == .scheduled && run.due("b", .start) == .seconds(5))
    }

    @Test("a window passes the last k dependencies to end, in the order of the document")
    func window() {
        let parts = [("a", 3), ("b", 1), ("c", 2)].map { id, end in
            MergedInputs.Part(Dependency(TaskID(id)), status: .completed, finishedAt: Timestamp(milliseconds: Int64(end)), result: json(1), error: nil)
        }
        #expect(MergedInputs.window(parts, ContextRule(window: 2)).map(\.dependency.task) == ["a", "c"])
        #expect(MergedInputs.window(parts, ContextRule(window: 5)).count == 3 && MergedInputs.window(parts, nil).count == 3)
    }
}
