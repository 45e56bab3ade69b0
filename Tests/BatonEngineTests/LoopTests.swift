import BatonEngine
import BatonModel
import Testing

@Suite("C3 loops over data", .timeLimit(.minutes(1)))
struct C3Loops {
    private func loop(_ source: Loop.Source, _ parallel: Int = 10, _ failure: Loop.ItemFailure = .stop, collects: Bool = true) -> TaskSpec {
        task("loop") { $0.loop = Loop(source, maxParallel: parallel, onItemFailure: failure, collects: collects) }
    }

    private func numbers(_ count: Int) -> JSON { json(.array((0..<count).map { .integer(Int64($0)) })) }

    @Test("each item is a task; the results are in the items' order; the follower waits for all")
    func results() throws {
        var run = try RunDriver([loop(.list(numbers(3))), task("next", after: [Dependency("loop")])])
        #expect(run.added(.item) == ["loop~0", "loop~1", "loop~2"])
        for number in [2, 0, 1] {
            #expect(run.status("next") == .pending)
            if number == 1 { run.restart() }
            try run.complete(TaskID("loop~\(number)"), json(["was": .integer(Int64(number))]))
        }
        #expect(run.result("loop") == json([["was": 0], ["was": 1], ["was": 2]]))
        #expect(run.status("next") == .queued)
        #expect(run.state.progress.total == 2)
    }

    @Test("an empty list completes with an empty list, at once")
    func empty() throws {
        var run = try RunDriver([loop(.list(json([]))), task("next", after: [Dependency("loop")])])
        #expect(run.status("loop") == .completed && run.result("loop") == json([]))
        try run.complete("next")
        #expect(run.runStatus == .completed)
    }

    @Test("no more than maxParallel items are under way, and no more are held than that", arguments: [1, 10])
    func parallel(_ parallel: Int) throws {
        var run = try RunDriver([loop(.list(numbers(57)), parallel)])
        for _ in 0..<57 {
            let open = run.state.nodes.addedIndices
            #expect(open.count <= parallel)
            try run.handle(.completed(run.state.attemptID(of: open.last ?? -1), worker: "w", startedAt: nil, result: .null))
            if open.count == 3 { run.restart() }
        }
        #expect(run.runStatus == .completed)
    }

    @Test("100,000 items are executed with no more than those under way in memory")
    func large() throws {
        let count = 100_000
        var run = try RunDriver([loop(.list(numbers(count)))], isChecked: false)
        var most = 0
        var executed = 0
        while !run.queue.isEmpty {
            let attempt = run.queue.removeFirst()
            try run.handle(.completed(attempt, worker: "w", startedAt: nil, result: json(1)))
            executed += 1
            most = max(most, run.state.nodes.addedIndices.count)
            if run.queue.count > 64 { break }
        }
        #expect(executed == count && most <= 20)
        #expect(run.runStatus == .completed)
        #expect(run.result("loop")?.bytes.count == 2 * count + 1)
    }

    @Test("a list, CSV or lines from a dependency's result")
    func expression() throws {
        for (format, result, count) in [
            (Loop.Format.list, json(["rows": [1, 2]]), 2), (.csv, json(["rows": "a,b\n1,2\n3,4\n5,6"]), 3), (.lines, json(["rows": "x\r\ny\r\n"]), 2),
        ] {
            var run = try RunDriver([
                task("a"), task("loop", after: [Dependency("a")]) { $0.loop = Loop(.expression("a.rows", format: format)) },
            ])
            try run.complete("a", result)
            run.restart()
            #expect(run.added(.item).count == count)
            #expect(run.store.items[1]?.count == count)
            for id in run.added(.item) { try run.complete(id, json(1)) }
            #expect(run.runStatus == .completed)
        }
    }

    @Test("what is no list fails by its name", arguments: ["a.number", "a.nothing", "a.text"])
    func noList(_ text: String) throws {
        var run = try RunDriver([task("a"), task("loop", after: [Dependency("a")]) { $0.loop = Loop(.expression(text, format: .list)) }])
        try run.complete("a", json(["number": 5, "text": "x"]))
        #expect(run.status("loop") == .failed)
        #expect(run.error("loop")?.type == TaskError.Kind.invalidItems)
        #expect(run.error("loop")?.message.contains("a list is needed") == true)
    }

    @Test("an expression that can't be applied fails the loop")
    func impossible() throws {
        let run = try RunDriver([loop(.expression("abs('x')", format: .list))])
        #expect(run.status("loop") == .failed && run.error("loop")?.type == TaskError.Kind.expression)
    }

    @Test("`stop`: a failed item lets those under way end, starts no more, and fails the loop by its name")
    func stop() throws {
        var run = try RunDriver([loop(.list(numbers(10)), 3)])
        try run.fail("loop~1", TaskError(type: "e", message: "broken", retryable: false))
        #expect(run.status("loop") == .running)
        try run.complete("loop~0")
        run.restart()
        try run.complete("loop~2")
        #expect(run.added(.item).count == 3)
        #expect(run.status("loop") == .failed)
        #expect(run.error("loop")?.type == TaskError.Kind.itemFailed)
        #expect(run.error("loop")?.message == "item 1: broken (1 of 3 items failed)")
        #expect(run.runStatus == .failed)
    }

    @Test("`continue`: the others go on, with null where an item failed")
    func goOn() throws {
        var run = try RunDriver([loop(.list(numbers(4)), 2, .continue)])
        try run.work { id, _ in id == "loop~1" ? .fails(.final) : .gives(json("ok")) }
        #expect(run.result("loop") == json(["ok", nil, "ok", "ok"]))
        #expect(run.runStatus == .completed)
    }

    @Test("`collect: false` gives the counts")
    func counts() throws {
        var run = try RunDriver([loop(.list(numbers(4)), 2, .continue, collects: false)])
        try run.work { id, _ in id == "loop~1" ? .fails(.final) : .gives(json("ok")) }
        #expect(run.result("loop")?.value == ["count": 4, "failed": 1])
    }

    @Test("results that are too large together fail the loop, and say what to do")
    func tooLarge() throws {
        var settings = EngineSettings()
        settings.loopResultBytes = 20
        var run = try RunDriver([loop(.list(numbers(4)))], settings: settings)
        try run.work { _, _ in .gives(json("0123456789")) }
        #expect(run.error("loop")?.type == TaskError.Kind.tooLarge)
        #expect(run.error("loop")?.message.contains("collect: false") == true)
    }

    @Test("items are retried, and offered to the fallback, each on its own")
    func retries() throws {
        var run = try RunDriver([
            task("loop", retry: RetryPolicy(maxAttempts: 2, delay: .seconds(1), jitter: 0)) {
                $0.loop = Loop(.list(json([1])))
                $0.fallback = "second"
            },
        ])
        try run.fail("loop~0", .transient)
        run.restart()
        #expect(run.status("loop~0") == .retrying)
        try run.advance(by: .seconds(1))
        try run.fail("loop~0", .transient)
        #expect(run.flags("loop~0").contains(.fallback))
        try run.complete("loop~0", json("saved"))
        #expect(run.result("loop") == json(["saved"]))
    }

    @Test("a cancelled loop starts no more, and ends once what runs has stopped", arguments: [true, false])
    func cancelled(_ restarts: Bool) throws {
        var run = try RunDriver([loop(.list(numbers(10)), 3)])
        try run.start("loop~0")
        try run.cancel("loop")
        #expect(run.status("loop~1") == .cancelled && run.status("loop") == .running)
        if restarts { run.restart() }
        try run.complete("loop~0", json("late"))
        #expect(run.status("loop") == .cancelled && run.added(.item).count == 3)
        #expect(run.runStatus == .cancelled)
    }

    @Test("a loop whose items don't stop is cancelled after the grace")
    func grace() throws {
        var run = try RunDriver([loop(.list(numbers(10)), 3)])
        try run.start("loop~0")
        try run.handle(.cancelRun(reason: "stop"))
        try run.advance(by: .seconds(10))
        #expect(run.flags("loop~0").contains(.stopUnconfirmed))
        #expect(run.status("loop") == .cancelled && run.runStatus == .cancelled)
    }

    @Test("an item that is cancelled counts as failed")
    func itemCancelled() throws {
        var run = try RunDriver([loop(.list(numbers(2)), 1)])
        try run.cancel("loop~0", "not this one")
        #expect(run.error("loop")?.message == "item 0: not this one (1 of 1 items failed)")
    }

    @Test("the total timeout ends a loop with its items, and what they still report changes nothing")
    func timeout() throws {
        var run = try RunDriver([
            task("loop", timeouts: Timeouts(total: .seconds(5))) { $0.loop = Loop(.list(json([1, 2, 3])), maxParallel: 2) },
        ])
        try run.start("loop~0")
        let attempt = run.attempt("loop~0")
        try run.advance(by: .seconds(5))
        #expect(run.status("loop") == .failed && run.error("loop")?.type == TaskError.Kind.timeout)
        #expect(run.runStatus == .failed)
        run.restart()
        try run.handle(.completed(attempt, worker: "w1", startedAt: nil, result: json(1)))
        #expect(run.status("loop~0") == .cancelled && run.added(.item).count == 2)
    }

    @Test("a loop that is run again executes its items anew; those of the last time are not in its result")
    func rerun() throws {
        var run = try RunDriver([loop(.list(numbers(3)), 3, .continue), task("bad", after: [Dependency("loop")])])
        for number in 0..<3 { try run.complete(TaskID("loop~\(number)"), json("old")) }
        try run.fail("bad")
        run.restart()
        try run.handle(.rerun(.from([0])))
        let items = run.added(.item).suffix(3)
        #expect(run.added(.item).count == 6)
        for (number, id) in items.enumerated() {
            if number == 1 { try run.fail(id) } else { try run.complete(id, json("new")) }
        }
        #expect(run.result("loop") == json(["new", nil, "new"]))
        try run.complete("bad")
        #expect(run.runStatus == .completed)
    }

    @Test("a loop that was dispatched, or continues a task, has its items at once")
    func added() throws {
        var run = try RunDriver([task("a") { $0.continuations.onCompleted = [self.loop(.csv("n\n1\n2"))] }])
        try run.complete("a", dispatch: [loop(.list(numbers(3)))])
        #expect(run.added(.item).count == 5)
        run.restart()
        try run.work { _, _ in .gives(json(1)) }
        #expect(run.result("a~loop") == json([1, 1]))
        #expect(run.runStatus == .completed)
        #expect(run.state.nodes.addedIndices.isEmpty)
    }

    @Test("each item can be a graph, or wait for an answer")
    func own() throws {
        var run = try RunDriver([
            task("graphs", handler: .graph) {
                $0.loop = Loop(.list(json([1, 2])))
                $0.graph = Graph(name: "n", tasks: [task("x")])
            },
            task("answers", handler: .answer) {
                $0.loop = Loop(.list(json([1])))
                $0.answer = AnswerRule(deadline: .seconds(60))
            },
        ])
        #expect(run.store.children.count == 2)
        // The loop itself is neither.
        try run.handle(.childEnded(run.attempt("graphs"), .completed, result: json("wrong"), error: nil))
        try run.handle(.answered(run.attempt("answers"), result: json("wrong")))
        #expect(run.status("graphs") == .running && run.status("answers") == .running)
        for child in run.store.children { try run.handle(.childEnded(child, .completed, result: json("done"), error: nil)) }
        #expect(run.result("graphs") == json(["done", "done"]))
        run.restart()
        try run.handle(.answered(run.attempt("answers~0"), result: json("yes")))
        #expect(run.result("answers") == json(["yes"]))
        #expect(run.runStatus == .completed)
    }

    @Test("an item may dispatch tasks, whose names are their own")
    func itemsDispatch() throws {
        var run = try RunDriver([loop(.list(numbers(30)), 30)])
        for number in 0..<30 { try run.complete(TaskID("loop~\(number)"), dispatch: [task("?"), task("5"), task("x")]) }
        #expect(run.added(.dispatched).count == 90 && run.runStatus == .running)
        try run.work { _, _ in .gives(.null) }
        #expect(run.runStatus == .completed)
    }
}
