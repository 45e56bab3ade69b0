import BatonEngine
import BatonModel
import Testing

@Suite("D5 saga", .timeLimit(.minutes(1)))
struct D5Saga {
    private func step(_ id: TaskID, after: [Dependency] = []) -> TaskSpec {
        task(id, after: after) { $0.compensation = Compensation("undo", params: json(["of": .string(id.rawValue)]), retry: RetryPolicy(maxAttempts: 2, delay: .zero, jitter: 0)) }
    }

    private var plan: [TaskSpec] {
        [step("flight"), step("hotel"), step("car"), task("pay", after: [Dependency("flight"), Dependency("hotel"), Dependency("car")])]
    }

    /// Compensates everything, and gives the order.
    private func undo(_ run: inout RunDriver, restarts: Bool = false) throws -> [TaskID] {
        var order: [TaskID] = []
        while run.runStatus == .compensating {
            if restarts { run.restart() }
            let open = run.added(.compensation).filter { run.status($0)?.isFinal == false }
            #expect(open.count == 1)
            guard let id = open.first else { break }
            order.append(id)
            try run.complete(id)
        }
        return order
    }

    @Test("a failure undoes what completed, one by one, in the reverse order of completion", arguments: [true, false])
    func reverse(_ restarts: Bool) throws {
        var run = try RunDriver(plan)
        for id in ["hotel", "car", "flight"] as [TaskID] {
            try run.complete(id)
            if restarts { run.restart() }
        }
        try run.fail("pay")
        #expect(run.runStatus == .compensating)
        #expect(run.store.specs.last?.handler == "undo" && run.store.specs.last?.params == json(["of": "flight"]))
        #expect(try undo(&run, restarts: restarts) == ["flight~compensate", "car~compensate", "hotel~compensate"])
        #expect(run.runStatus == .failed)
        #expect(run.flags("hotel").contains(.undone) && run.status("hotel") == .completed)
        #expect(run.state.progress.total == 4)
    }

    @Test("a failure in the middle undoes the completed steps only, once all that ran has ended")
    func middle() throws {
        var run = try RunDriver(plan)
        try run.complete("hotel")
        try run.start("car")
        try run.fail("flight")
        #expect(run.runStatus == .running)
        try run.complete("car", json("late"))
        #expect(run.status("car") == .cancelled)
        #expect(try undo(&run) == ["hotel~compensate"])
        #expect(run.runStatus == .failed && run.status("pay") == .cancelled)
    }

    @Test("a cancel undoes as well, and the run ends as cancelled; cancelling again changes nothing")
    func cancel() throws {
        var run = try RunDriver(plan)
        try run.complete("hotel")
        try run.complete("car")
        try run.handle(.cancelRun(reason: "stop"))
        #expect(run.runStatus == .compensating)
        try run.handle(.cancelRun(reason: "again"))
        #expect(run.runStatus == .compensating && run.status("car~compensate") == .queued)
        #expect(try undo(&run) == ["car~compensate", "hotel~compensate"])
        #expect(run.runStatus == .cancelled && run.state.progress.ending?.error.message == "stop")
    }

    @Test("nothing to undo: the run ends at once")
    func nothing() throws {
        var run = try RunDriver(plan)
        try run.fail("hotel")
        #expect(run.runStatus == .failed && run.count(.runCompensating) == 0)
    }

    @Test("a completed run undoes nothing")
    func completed() throws {
        var run = try RunDriver(plan)
        for id in ["hotel", "car", "flight", "pay"] as [TaskID] { try run.complete(id) }
        #expect(run.runStatus == .completed && run.store.added.isEmpty)
    }

    @Test("a compensation has its own retries; one that fails for good is seen, and the others go on", arguments: [true, false])
    func failing(_ restarts: Bool) throws {
        var run = try RunDriver(plan)
        for id in ["flight", "hotel", "car"] as [TaskID] { try run.complete(id) }
        try run.fail("pay")
        try run.complete("car~compensate")
        for attempt in 1...2 {
            if restarts { run.restart() }
            try run.fail("hotel~compensate", .transient)
            #expect(run.status("hotel~compensate") == (attempt == 1 ? .retrying : .failed))
            try run.advance(by: .zero)
        }
        if restarts { run.restart() }
        #expect(run.status("flight~compensate") == .queued && run.runStatus == .compensating)
        try run.complete("flight~compensate")
        #expect(run.runStatus == .failed && run.error("hotel~compensate")?.type == "transient")
        #expect(run.added(.compensation).count == 3)
    }

    @Test("a crash between any two events of a saga changes neither the order nor that each is done once")
    func crashes() throws {
        for crash in 0..<12 {
            var run = try RunDriver(plan)
            var event = 0
            func tick() {
                if event == crash { run.restart() }
                event += 1
            }
            for id in ["car", "flight", "hotel"] as [TaskID] {
                tick()
                try run.start(id)
                tick()
                try run.complete(id)
            }
            tick()
            try run.fail("pay")
            var order: [TaskID] = []
            while run.runStatus == .compensating {
                tick()
                guard let id = run.added(.compensation).last else { break }
                try run.start(id)
                tick()
                order.append(id)
                try run.complete(id)
            }
            #expect(order == ["hotel~compensate", "flight~compensate", "car~compensate"], "crash \(crash)")
            #expect(run.runStatus == .failed)
        }
    }

    @Test("what was dispatched, or continues another task, is undone in its place of the order")
    func added() throws {
        var run = try RunDriver([step("a"), step("b", after: [Dependency("a")]), task("z", after: [Dependency("b")])])
        try run.complete("a", dispatch: [step("x"), step("y", after: [Dependency("x")])])
        try run.complete("a~x")
        try run.complete("b")
        run.restart()
        try run.complete("a~y")
        run.restart()
        try run.fail("z")
        #expect(try undo(&run, restarts: true) == ["a~y~compensate", "b~compensate", "a~x~compensate", "a~compensate"])
    }

    @Test("a compensation may dispatch a list, which is finished before the next one")
    func dispatching() throws {
        var run = try RunDriver(plan)
        try run.complete("flight")
        try run.complete("hotel")
        try run.fail("car")
        try run.complete("hotel~compensate", dispatch: [task("x"), task("y", after: [Dependency("x")])])
        run.restart()
        #expect(!run.has("flight~compensate"))
        try run.complete("hotel~compensate~x")
        try run.complete("hotel~compensate~y")
        try run.complete("flight~compensate")
        #expect(run.runStatus == .failed)
    }

    @Test("what cleaned up is not undone itself", arguments: [true, false])
    func cleanupStays(_ restarts: Bool) throws {
        var run = try RunDriver(plan)
        try run.complete("flight")
        try run.complete("hotel")
        try run.fail("car")
        try run.complete("hotel~compensate", dispatch: [step("x")])
        try run.complete("hotel~compensate~x")
        if restarts { run.restart() }
        try run.complete("flight~compensate")
        #expect(run.runStatus == .failed && run.added(.compensation).count == 2)
    }

    @Test("tasks that clean up after a failure come before what is undone")
    func cleanup() throws {
        var tasks = plan
        tasks[3].rules.continuations.onFailed = [task("alert")]
        var run = try RunDriver(tasks)
        for id in ["flight", "hotel", "car"] as [TaskID] { try run.complete(id) }
        try run.fail("pay")
        #expect(run.runStatus == .running && run.status("pay~alert") == .queued)
        try run.complete("pay~alert")
        #expect(try undo(&run).count == 3)
    }

    @Test("a loop, a graph and an answer are undone as one step each")
    func kinds() throws {
        let undo = Compensation("undo")
        var run = try RunDriver([
            task("loop") { $0.loop = Loop(.list(json([1, 2]))); $0.compensation = undo },
            task("graph", handler: .graph) { $0.graph = Graph(name: "n", tasks: [task("x")]); $0.compensation = undo },
            task("answer", handler: .answer) { $0.compensation = undo; $0.answer = AnswerRule() }, task("bad"),
        ])
        try run.complete("loop~0")
        try run.complete("loop~1")
        try run.handle(.childEnded(run.attempt("graph"), .completed, result: .null, error: nil))
        try run.handle(.answered(run.attempt("answer"), result: .null))
        try run.fail("bad")
        #expect(try self.undo(&run) == ["answer~compensate", "graph~compensate", "loop~compensate"])
    }

    @Test("running a failed run again runs what was undone again, and a second failure undoes it again")
    func rerun() throws {
        var run = try RunDriver(plan)
        for id in ["flight", "hotel", "car"] as [TaskID] { try run.complete(id) }
        try run.fail("pay")
        _ = try undo(&run)
        run.restart()
        try run.handle(.rerun(.failed))
        #expect(run.runStatus == .running)
        for id in ["flight", "hotel", "car"] as [TaskID] { #expect(run.status(id) == .queued && !run.flags(id).contains(.undone)) }
        for id in ["car", "hotel", "flight"] as [TaskID] { try run.complete(id) }
        try run.fail("pay")
        let order = try undo(&run, restarts: true).map { $0.rawValue.prefix { $0 != "~" } }
        #expect(order == ["flight", "hotel", "car"])
        #expect(run.added(.compensation).count == 6)
    }
}
