import BatonEngine
import BatonModel
import Testing

@Suite("Dependencies", .timeLimit(.minutes(1)))
struct DependencyTests {
    @Test("B2: a dependent starts only after its dependency completed")
    func required() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")])])
        #expect(run.status("a") == .queued && run.status("b") == .pending)
        try run.complete("a")
        #expect(run.status("b") == .queued)
        try run.complete("b")
        #expect(run.state.progress.status == .completed)
        #expect(run.isFinished == 1)
    }

    @Test("B2: a dependency that fails skips its dependents, each with the cause named")
    func skipped() throws {
        var run = try RunDriver([task("charge"), task("ship", after: [Dependency("charge")]), task("mail", after: [Dependency("ship")])])
        try run.fail("charge")
        #expect(run.status("ship") == .skipped && run.status("mail") == .skipped)
        #expect(run.error("ship")?.message == "dependencyFailed: charge")
        #expect(run.error("mail")?.type == "dependencySkipped")
        #expect(run.state.progress.status == .failed)
    }

    @Test("B3: an optional dependency is waited for, and its failure lets the dependent run")
    func optional() throws {
        var run = try RunDriver([task("a"), task("b", critical: false), task("c", after: [Dependency("a"), Dependency("b", on: .finished)])])
        try run.complete("a")
        #expect(run.status("c") == .pending)
        try run.fail("b")
        #expect(run.status("c") == .queued)
        try run.complete("c")
        #expect(run.state.progress.status == .completed)
    }

    @Test("B3: `on: failed` runs after a failure, and is skipped otherwise")
    func onFailed() throws {
        var bad = try RunDriver([task("a", critical: false), task("b", after: [Dependency("a", on: .failed)])])
        try bad.fail("a")
        #expect(bad.status("b") == .queued)
        var good = try RunDriver([task("a"), task("b", after: [Dependency("a", on: .failed)])])
        try good.complete("a")
        #expect(good.status("b") == .skipped)
        #expect(good.state.progress.status == .completed)
    }

    @Test("B5: a join of 50,000 is decided once, without quadratic work")
    func join() throws {
        let count = 50_000
        var run = try RunDriver(
            (0..<count).map { task(TaskID("t\($0)")) } + [task("join", after: (0..<count).map { Dependency(TaskID("t\($0)")) })])
        for index in 0..<count {
            #expect(run.state.tasks[count].status == .pending)
            try run.handle(.completed(run.state.attemptID(of: index), worker: nil, startedAt: nil, result: .null))
        }
        #expect(run.ready.count { $0 == count } == 1)
    }

    @Test("B2: a chain of 100,000 that is skipped needs no deep stack")
    func longChain() throws {
        var run = try RunDriver((0..<100_000).map { task(TaskID("t\($0)"), after: $0 == 0 ? [] : [Dependency(TaskID("t\($0 - 1)"))]) })
        try run.fail("t0")
        #expect(run.state.progress[.skipped] == 99_999)
        #expect(run.state.progress.status == .failed)
    }

    @Test("E10, B11: a non-critical failure doesn't fail the run")
    func nonCritical() throws {
        var run = try RunDriver([task("a", critical: false), task("b")])
        try run.fail("a")
        try run.complete("b")
        #expect(run.state.progress.status == .completed)
        #expect(run.state.progress[.failed] == 1)
    }

    @Test("`onFailure: cancel` stops everything else")
    func cancelOnFailure() throws {
        var run = try RunDriver([task("a"), task("b"), task("c", after: [Dependency("b")])], onFailure: .cancel)
        try run.fail("a")
        #expect(run.status("b") == .cancelled && run.status("c") == .cancelled)
        #expect(run.state.progress.status == .failed)
    }

    @Test("B11: progress is the mean over the tasks, running ones by what they report")
    func progress() throws {
        var run = try RunDriver([task("a"), task("b")])
        try run.handle(.progress(run.attempt("a"), worker: "w", fraction: 0.5, message: nil, checkpoint: nil))
        #expect(run.state.progress.progress == 0.25)
        try run.complete("a")
        #expect(run.state.progress.progress == 0.5)
        try run.complete("b")
        #expect(run.state.progress.progress == 1)
    }

    @Test("A2: the counters, and what is restored, agree with the tasks after whatever happens", arguments: 0..<300)
    func random(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let count = Int.random(in: 1...12, using: &generator)
        let tasks = (0..<count).map { index in
            let earlier = (0..<index).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
            return task(
                TaskID("t\(index)"),
                after: earlier.map { Dependency(TaskID("t\($0)"), on: Dependency.Condition.allCases.randomElement(using: &generator) ?? .finished) },
                retry: RetryPolicy(maxAttempts: Int.random(in: 1...3, using: &generator), delay: .milliseconds(10)),
                start: Bool.random(using: &generator) ? .atOnce : .after(.milliseconds(5)),
                critical: Bool.random(using: &generator))
        }
        var run = try RunDriver(tasks, onFailure: Bool.random(using: &generator) ? .stop : .cancel)
        for _ in 0..<400 where !run.state.progress.status.isFinal {
            let index = Int.random(in: 0..<count, using: &generator)
            let stale = Int.random(in: 0..<6, using: &generator) == 0 ? -1 : 0
            let attempt = AttemptID(run: "run", task: index, number: max(1, Int(run.state.tasks[index].attempt) + stale))
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: try run.handle(.started(attempt, worker: "w", at: nil))
            case 1, 2: try run.handle(.completed(attempt, worker: "w", startedAt: nil, result: .null))
            case 3: try run.handle(.failed(attempt, worker: "w", startedAt: nil, error: TaskError(type: "e", message: "")))
            case 4: try run.handle(.claim(attempt, worker: "v", redelivered: Bool.random(using: &generator)))
            case 5: try run.handle(.lease(attempt, worker: "w"))
            case 6: try run.handle(.heartbeat(attempt, worker: "w"))
            case 7: try run.handle(.stopped(attempt, worker: "w"))
            case 8 where Int.random(in: 0..<10, using: &generator) == 0: try run.handle(.cancelTask(index, reason: "r"))
            case 9 where Int.random(in: 0..<30, using: &generator) == 0: try run.handle(.cancelRun(reason: "r"))
            default: try run.advance(by: .milliseconds(Int.random(in: 0...20, using: &generator)))
            }
            #expect(run.isConsistent)
        }
        for _ in 0..<50 where !run.state.progress.status.isFinal {
            for index in 0..<count where !run.state.tasks[index].status.isFinal && run.state.tasks[index].attempt > 0 {
                try run.handle(.completed(run.state.attemptID(of: index), worker: "w", startedAt: nil, result: .null))
            }
            try run.advance(by: .seconds(60))
        }
        #expect(run.state.progress.status.isFinal)
        #expect(run.isFinished == 1)
        let ends: Set<EventType> = [.taskCompleted, .taskFailed, .taskCancelled, .taskSkipped]
        for index in 0..<count { #expect(run.events.count { ends.contains($0.type) && $0.task == index } == 1) }
    }
}
