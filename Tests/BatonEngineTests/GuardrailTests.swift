import BatonEngine
import BatonModel
import Testing

@Suite("C6 guardrails", .timeLimit(.minutes(1)))
struct C6Guardrails {
    private let pass = json(["verdict": "pass"])
    private let reject = json(["verdict": "reject", "feedback": "shorter"])

    private func plan(_ validators: [HandlerName], steps: Int = 3, delay: Duration = .zero, fallback: HandlerName? = nil) -> [TaskSpec] {
        [
            task("a", retry: RetryPolicy.none) {
                $0.guardrails = Guardrails(validators.map { .init($0) }, steps: steps, delay: delay)
                $0.fallback = fallback
            },
            task("next", after: [Dependency("a")]),
        ]
    }

    private func validator(_ run: RunDriver) -> TaskID { run.added(.validator).last ?? "none" }

    @Test("validators look at the result in their order, and each sees what the one before made of it")
    func order() throws {
        var run = try RunDriver(plan(["one", "two", "three"]))
        try run.complete("a", json("draft"))
        #expect(run.status("a") == .running && run.status("next") == .pending)
        #expect(run.part(.draft, "a")?.value["result"] == "draft")
        #expect(run.store.specs.last?.handler == "one")
        try run.complete(validator(run), pass)
        try run.complete(validator(run), json(["verdict": "change", "result": "better"]))
        #expect(run.part(.draft, "a")?.value["result"] == "better")
        #expect(run.store.specs.last?.handler == "three")
        run.restart()
        try run.complete(validator(run), pass)
        #expect(run.result("a") == json("better") && run.status("next") == .queued)
        #expect(run.part(.draft, "a") == nil)
    }

    @Test("a rejection makes the result anew, with the output and the feedback; it costs no attempt of the retry policy")
    func rejected() throws {
        var run = try RunDriver(plan(["v"], steps: 2))
        try run.complete("a", json("v1"))
        try run.complete(validator(run), reject)
        #expect(run.status("a") == .queued && run.attempt("a").number == 2)
        #expect(run.part(.feedback, "a")?.value == ["output": "v1", "reason": "shorter"])
        #expect(run.attempts("a").map(\.status) == ["rejected"] && run.count(.taskRejected) == 1)
        run.restart()
        try run.complete("a", json("v2"))
        try run.complete(validator(run), pass)
        #expect(run.result("a") == json("v2"))
    }

    @Test("after the last step the task fails, and says what the validator said", arguments: [0, 1, 3])
    func steps(_ steps: Int) throws {
        var run = try RunDriver(plan(["v"], steps: steps))
        for round in 0...steps {
            #expect(run.attempt("a").number == round + 1)
            try run.complete("a", json(.integer(Int64(round))))
            if round == 1 { run.restart() }
            try run.complete(validator(run), reject)
        }
        #expect(run.status("a") == .failed && run.error("a")?.type == TaskError.Kind.rejected)
        #expect(run.error("a")?.message == "v rejects the result: shorter")
        #expect(run.status("next") == .skipped)
    }

    @Test("after the last step comes the fallback, with the feedback and as many steps of its own; then the task fails")
    func fallback() throws {
        var run = try RunDriver(plan(["v"], steps: 1, fallback: "second"))
        for round in 0..<4 {
            #expect(run.flags("a").contains(.fallback) == (round >= 2))
            try run.complete("a", json(.integer(Int64(round))))
            run.restart()
            try run.complete(validator(run), reject)
            if round < 3 { #expect(run.part(.feedback, "a")?.value["output"] == .integer(Int64(round))) }
        }
        #expect(run.status("a") == .failed && run.attempt("a").number == 4)
    }

    @Test("the next result waits for the delay, and no worker is held meanwhile")
    func delay() throws {
        var run = try RunDriver(plan(["v"], delay: .seconds(5)))
        try run.complete("a")
        try run.complete(validator(run), reject)
        #expect(run.status("a") == .retrying && run.due("a", .retry) == .seconds(5))
        run.restart()
        try run.advance(by: .seconds(5))
        #expect(run.status("a") == .queued)
    }

    @Test("a result that its schema turns down is rejected as by a validator")
    func schema() throws {
        var run = try RunDriver([task("a")])
        for round in 0...3 {
            try run.handle(.rejected(run.attempt("a"), worker: "w", startedAt: nil, result: json(1), reason: "must be a text"))
            #expect(run.status("a") == (round < 3 ? .queued : .failed))
        }
        #expect(run.error("a")?.type == TaskError.Kind.invalidResult)
    }

    @Test("a validator that fails, or gives no verdict, fails the task")
    func noVerdict() throws {
        for verdict in [nil, json(["verdict": "perhaps"]), json(1)] {
            var run = try RunDriver(plan(["v"]))
            try run.complete("a", json("x"))
            if let verdict { try run.complete(validator(run), verdict) } else { try run.fail(validator(run)) }
            #expect(run.status("a") == .failed && run.error("a")?.type == TaskError.Kind.rejected)
            #expect(run.part(.draft, "a") == nil)
        }
    }

    @Test("a doubled or late report doesn't disturb the examination")
    func doubled() throws {
        var run = try RunDriver(plan(["v"]))
        let attempt = run.attempt("a")
        try run.complete("a", json("x"))
        try run.handle(.completed(attempt, worker: "w1", startedAt: nil, result: json("again")))
        try run.handle(.failed(attempt, worker: "w1", startedAt: nil, error: .final))
        try run.handle(.claim(attempt, worker: "w2", redelivered: true))
        #expect(run.added(.validator).count == 1)
        try run.complete(validator(run), pass)
        #expect(run.result("a") == json("x"))
    }

    @Test("a cancel during the examination ends the task and the validator")
    func cancelled() throws {
        var run = try RunDriver(plan(["v"]))
        try run.complete("a", json("x"))
        try run.cancel("a")
        #expect(run.status("a") == .cancelled && run.status(validator(run)) == .cancelled)
        #expect(run.runStatus == .cancelled)
    }

    @Test("the total timeout ends the task with its validator")
    func timeout() throws {
        var tasks = plan(["v"])
        tasks[0].timeouts.total = .seconds(9)
        var run = try RunDriver(tasks)
        try run.complete("a", json("x"))
        try run.advance(by: .seconds(9))
        #expect(run.status("a") == .failed && run.status(validator(run)) == .cancelled)
    }

    @Test("a change that doesn't fit the schema is a rejection")
    func misfit() throws {
        var settings = EngineSettings()
        settings.problem = { payload, _ in payload.value.string == nil ? "is no text" : nil }
        var tasks = plan(["v"], steps: 1)
        tasks[0].rules.schemas.result = json(["type": "string"])
        var run = try RunDriver(tasks, settings: settings)
        for attempt in 1...2 {
            try run.complete("a", json("text"))
            try run.complete(validator(run), json(["verdict": "change", "result": 5]))
            #expect(run.attempt("a").number == min(2, attempt + 1))
        }
        #expect(run.status("a") == .failed && run.error("a")?.type == TaskError.Kind.invalidResult)
    }

    @Test("a graph whose result doesn't fit is made anew, and then fails")
    func graphMisfit() throws {
        var run = try RunDriver([
            task("a", handler: .graph) {
                $0.graph = Graph(name: "inner", tasks: [task("x")])
                $0.guardrails = Guardrails(steps: 1)
            }
        ])
        for attempt in 1...2 {
            try run.handle(.rejected(run.attempt("a"), worker: nil, startedAt: nil, result: json(1), reason: "is no text"))
            #expect(run.store.children.count == 2 && run.attempt("a").number == min(2, attempt + 1))
        }
        #expect(run.status("a") == .failed && run.error("a")?.type == TaskError.Kind.invalidResult)
    }
}

@Suite("C7 sub-graphs", .timeLimit(.minutes(1)))
struct C7SubGraphs {
    private let plan = [
        task("sub", handler: .graph) { $0.graph = Graph(name: "n", tasks: [task("x")]) }, task("next", after: [Dependency("sub")]),
    ]

    @Test("a task that is a graph starts a run; its result is the task's")
    func result() throws {
        var run = try RunDriver(plan)
        #expect(run.store.children == [run.attempt("sub")] && run.status("sub") == .running && run.queue.isEmpty)
        run.restart()
        try run.handle(.childEnded(run.attempt("sub"), .completed, result: json(["x": 1]), error: nil))
        #expect(run.result("sub") == json(["x": 1]) && run.status("next") == .queued)
    }

    @Test("its failure is the task's, once unless it says otherwise")
    func failure() throws {
        var run = try RunDriver(plan)
        try run.handle(.childEnded(run.attempt("sub"), .failed, result: .null, error: TaskError(type: "x", message: "broken")))
        #expect(run.status("sub") == .failed && run.error("sub")?.message == "its graph failed: broken")
        var tasks = plan
        tasks[0].retry = RetryPolicy(maxAttempts: 2, delay: .seconds(1), jitter: 0)
        var again = try RunDriver(tasks)
        let first = again.attempt("sub")
        try again.handle(.childEnded(first, .cancelled, result: .null, error: nil))
        try again.advance(by: .seconds(1))
        #expect(again.store.children.count == 2)
        try again.handle(.childEnded(first, .completed, result: json("late"), error: nil))
        #expect(again.status("sub") == .running)
    }

    @Test("a cancel reaches the run, and the task ends with it")
    func cancel() throws {
        var run = try RunDriver(plan)
        try run.cancel("sub")
        #expect(run.store.cancelledChildren == [run.attempt("sub")] && run.status("sub") == .running)
        run.restart()
        try run.handle(.childEnded(run.attempt("sub"), .completed, result: json(1), error: nil))
        #expect(run.status("sub") == .cancelled && run.result("sub") == nil)
    }

    @Test("a timeout reaches the run too")
    func timeout() throws {
        var tasks = plan
        tasks[0].timeouts.attempt = .seconds(3)
        var run = try RunDriver(tasks)
        try run.advance(by: .seconds(3))
        #expect(run.status("sub") == .failed && run.store.cancelledChildren.count == 1)
    }

    @Test("what others say of it counts for nothing")
    func others() throws {
        var run = try RunDriver(plan)
        try run.complete("sub", json("no"))
        try run.handle(.answered(run.attempt("sub"), result: json("no")))
        try run.handle(.answerFailed(run.attempt("sub"), error: .final))
        #expect(run.status("sub") == .running)
    }
}

@Suite("C8 human input", .timeLimit(.minutes(1)))
struct C8HumanInput {
    private func plan(_ deadline: Duration?, _ result: JSON? = nil, _ validators: [Guardrails.Validator] = []) -> [TaskSpec] {
        [
            task("ask", handler: .answer) {
                $0.answer = AnswerRule(deadline: deadline, default: result)
                if !validators.isEmpty { $0.guardrails = Guardrails(validators) }
            },
            task("next", after: [Dependency("ask")]),
        ]
    }

    @Test("the task waits, and the answer is its result; a second one counts for nothing")
    func answered() throws {
        var run = try RunDriver(plan(nil))
        #expect(run.status("ask") == .running && run.queue.isEmpty)
        run.restart()
        let attempt = run.attempt("ask")
        try run.handle(.answered(attempt, result: json("yes")))
        try run.handle(.answered(attempt, result: json("no")))
        #expect(run.result("ask") == json("yes") && run.status("next") == .queued)
    }

    @Test("somebody may answer that it failed")
    func failed() throws {
        var run = try RunDriver(plan(nil))
        try run.handle(.answerFailed(run.attempt("ask"), error: .final))
        #expect(run.status("ask") == .failed && run.status("next") == .skipped)
    }

    @Test("the deadline passes: the default is the result, or the task fails", arguments: [nil, json("no")])
    func deadline(_ result: JSON?) throws {
        var run = try RunDriver(plan(.seconds(60), result))
        try run.advance(by: .milliseconds(59_999))
        run.restart()
        #expect(run.status("ask") == .running)
        try run.advance(by: .milliseconds(1))
        #expect(run.status("ask") == (result == nil ? .failed : .completed) && run.result("ask") == result)
        if result == nil { #expect(run.error("ask")?.message.contains("nobody answered within its deadline of") == true) }
    }

    @Test("an answer that a validator rejects is asked for again, with the feedback and the whole deadline")
    func rejected() throws {
        var run = try RunDriver(plan(.seconds(60), nil, [.init("v")]))
        try run.advance(by: .seconds(50))
        try run.handle(.answered(run.attempt("ask"), result: json("perhaps")))
        try run.advance(by: .seconds(50))
        try run.complete(run.added(.validator)[0], json(["verdict": "reject", "feedback": "yes or no"]))
        #expect(run.status("ask") == .running && run.due("ask", .answer) == .seconds(60))
        #expect(run.part(.feedback, "ask")?.value["reason"] == "yes or no")
    }

    @Test("a cancel ends it at once")
    func cancel() throws {
        var run = try RunDriver(plan(.seconds(60)))
        try run.handle(.cancelRun(reason: "stop"))
        #expect(run.status("ask") == .cancelled && run.runStatus == .cancelled)
        try run.handle(.answered(run.attempt("ask"), result: json("late")))
        #expect(run.status("ask") == .cancelled)
    }
}

@Suite("E4 fallback", .timeLimit(.minutes(1)))
struct E4Fallback {
    private let plan = [
        task("a", retry: RetryPolicy(maxAttempts: 2, delay: .zero, jitter: 0)) { $0.fallback = "second" }, task("b", after: [Dependency("a")]),
    ]

    @Test("after the last attempt the fallback has the task, with as many attempts, and the result says who made it")
    func fallback() throws {
        var run = try RunDriver(plan)
        for attempt in 1...3 {
            try run.fail("a", .transient)
            try run.advance(by: .zero)
            #expect(run.attempt("a").number == attempt + 1)
            #expect(run.flags("a").contains(.fallback) == (attempt >= 2))
            run.restart()
        }
        try run.complete("a", json("saved"))
        #expect(run.result("a") == json("saved") && run.status("b") == .queued)
        let end = run.store.events.last { $0.type == .taskCompleted }
        #expect(end?.data?.value["madeBy"] == "second")
        #expect(run.attempts("a").map(\.status) == ["failed", "failed", "failed"])
    }

    @Test("the fallback fails too: the task fails, once")
    func both() throws {
        var run = try RunDriver(plan)
        try run.fail("a")
        try run.fail("a")
        #expect(run.status("a") == .failed && run.count(.taskFailed, "a") == 1)
    }

    @Test("a poisoned message, and one that was given up, go to the fallback")
    func poisoned() throws {
        var run = try RunDriver(plan)
        for _ in 1...3 { try run.handle(.givenUp(run.attempt("a"), reason: "delivered 20 times", isRejected: false)) }
        #expect(run.flags("a").contains(.fallback) && run.status("a") == .queued)
    }

    @Test("a cancelled task has no fallback")
    func cancelled() throws {
        var run = try RunDriver(plan)
        try run.start("a")
        try run.cancel("a")
        try run.fail("a")
        #expect(run.status("a") == .cancelled)
    }
}
