import BatonEngine
import BatonModel
import Testing

@Suite("F1 what was cancelled stays so, whatever leads back to it", .timeLimit(.minutes(1)))
struct F1CalledOff {
    private let plan = [
        task("a"), task("slow", after: [Dependency("a")]), task("after", after: [Dependency("slow")]),
        task("d", after: [Dependency("a", on: .finished)]) {
            $0.routing = Routing([.init("back", to: ["a"]), .init("on", to: ["end"])])
        },
        task("end"),
    ]

    @Test("a task behind the target that never started", arguments: [true, false])
    func unstarted(_ isQueued: Bool) throws {
        var tasks = plan
        if !isQueued { tasks[1].start = .after(.seconds(60)) }
        var run = try RunDriver(tasks)
        try run.complete("a")
        try run.cancel("slow")
        #expect(run.status("slow") == .cancelled && run.status("after") == .skipped)
        try run.complete("d", json("back"))
        #expect(run.status("a") == .queued && run.status("slow") == .cancelled)
        run.restart()
        try run.complete("a")
        try run.advance(by: .seconds(60))
        #expect(run.status("slow") == .cancelled && run.status("after") == .skipped)
        #expect(run.readied.count { $0.task == run.index("slow") } == (isQueued ? 1 : 0))
        try run.complete("d", json("on"))
        try run.complete("end")
        #expect(run.runStatus == .cancelled)
    }

    @Test("one that is being stopped, whose end then decides over those behind it")
    func stopping() throws {
        var run = try RunDriver(plan)
        try run.complete("a")
        try run.start("slow")
        try run.cancel("slow")
        try run.complete("d", json("back"))
        #expect(run.status("slow") == .running && run.flags("slow").contains(.cancelRequested))
        run.restart()
        try run.complete("a")
        #expect(run.status("after") == .pending)
        try run.handle(.stopped(run.attempt("slow"), worker: "w1"))
        #expect(run.status("slow") == .cancelled && run.status("after") == .skipped)
        #expect(run.readied.count { $0.task == run.index("slow") } == 1)
    }

    @Test("a target that was cancelled fails the decision, which says so")
    func target() throws {
        var tasks = plan
        tasks[3].dependencies = [Dependency("a", on: .finished)]
        var run = try RunDriver(tasks)
        try run.cancel("a")
        try run.complete("d", json("back"))
        #expect(run.status("a") == .cancelled && run.status("d") == .failed)
        #expect(run.error("d")?.message == "the route 'back' leads back to a, which was cancelled")
        #expect(run.runStatus.isFinal)
    }
}

@Suite("K3 attempts on record", .timeLimit(.minutes(1)))
struct K3AttemptsOnRecord {
    private func news(_ effects: [RunEffect]) -> [String] {
        effects.compactMap { if case .attempt(_, let view, true) = $0 { view.status } else { nil } }
    }

    private func known(_ effects: [RunEffect]) -> [String] {
        effects.compactMap { if case .attempt(_, let view, false) = $0 { view.status } else { nil } }
    }

    @Test("what ends an attempt is news once: a retry is, a last attempt that a rerun puts on record was")
    func rerun() throws {
        var run = try RunDriver([task("a", retry: RetryPolicy(maxAttempts: 2, delay: .zero, jitter: 0))])
        #expect(news(try run.fail("a", .transient)) == ["failed"])
        try run.advance(by: .zero)
        let last = try run.fail("a", .transient)
        #expect(news(last).isEmpty && run.status("a") == .failed)
        let again = try run.handle(.rerun(.failed))
        #expect(news(again).isEmpty && known(again) == ["failed"])
    }

    @Test("a way back: the decision's attempt ends with it, those it resets had ended before, or end with it")
    func back() throws {
        var run = try RunDriver([
            task("a"), task("b", after: [Dependency("a")]), task("c", after: [Dependency("a")]),
            task("d", after: [Dependency("a"), Dependency("b", on: .finished)]) {
                $0.routing = Routing([.init("back", to: ["a"]), .init("on", to: ["end"])])
            },
            task("end"),
        ])
        try run.complete("a")
        try run.fail("b")
        try run.start("c")
        let effects = try run.complete("d", json("back"))
        #expect(news(effects).sorted() == ["cancelled", "completed"])
        #expect(known(effects).sorted() == ["completed", "failed"])
    }

    @Test("a rejected result is news, unless it came from equal inputs")
    func rejected() throws {
        let plan = [task("a") { $0.guardrails = Guardrails([.init("v")], steps: 1) }]
        for isCached in [false, true] {
            var run = try RunDriver(plan)
            if isCached { try run.handle(.cached(run.attempt("a"), result: json("x"))) } else { try run.complete("a", json("x")) }
            let effects = try run.complete(run.added(.validator)[0], json(["verdict": "reject"]))
            #expect(news(effects) == (isCached ? [] : ["rejected"]) && known(effects) == (isCached ? ["rejected"] : []))
            #expect(!run.flags("a").contains(.cached))
        }
    }

    @Test("a lost attempt that puts the task aside is news once")
    func lost() throws {
        var run = try RunDriver([task("a")])
        var told: [String] = []
        for _ in 0..<3 {
            try run.start("a")
            told += news(try run.handle(.claim(run.attempt("a"), worker: "w2", redelivered: true)))
        }
        #expect(told == ["lost", "lost", "lost"] && run.status("a") == .failed)
    }
}
