import BatonEngine
import BatonModel
import Testing

@Suite("Retries, timeouts, losses and cancels", .timeLimit(.minutes(1)))
struct ResilienceTests {
    private let transient = TaskError(type: "transient", message: "not yet")

    private func delays(_ policy: RetryPolicy, _ count: Int) -> [Int64] {
        var generator = SeededGenerator(seed: 1)
        return (1...count).map { policy.delay(afterAttempt: $0, using: &generator).milliseconds }
    }

    @Test("E1: fixed, linear, exponential and explicit delays, with their cap")
    func backoff() {
        #expect(delays(RetryPolicy(backoff: .fixed, delay: .seconds(1), jitter: 0), 3) == [1000, 1000, 1000])
        #expect(delays(RetryPolicy(backoff: .linear, delay: .seconds(1), jitter: 0), 3) == [1000, 2000, 3000])
        #expect(delays(RetryPolicy(backoff: .exponential, delay: .seconds(1), maxDelay: .seconds(5), jitter: 0), 4) == [1000, 2000, 4000, 5000])
        #expect(delays(RetryPolicy(backoff: .explicit([.seconds(3), .seconds(1)]), jitter: 0), 3) == [3000, 1000, 1000])
        let spread = delays(RetryPolicy(backoff: .fixed, delay: .seconds(1), jitter: 0.2), 200)
        #expect(spread.min().map { $0 >= 800 } == true && spread.max().map { $0 <= 1200 } == true)
    }

    @Test("E1: a failed attempt waits, and is tried again until there are no more")
    func retry() throws {
        var run = try RunDriver([task("a", retry: RetryPolicy(maxAttempts: 2, delay: .seconds(1), jitter: 0))])
        try run.fail("a", transient)
        #expect(run.status("a") == .retrying)
        try run.advance(by: .milliseconds(999))
        #expect(run.status("a") == .retrying)
        try run.advance(by: .milliseconds(1))
        #expect(run.status("a") == .queued)
        #expect(run.attempt("a").number == 2)
        try run.fail("a", transient)
        #expect(run.status("a") == .failed)
        #expect(run.attempts[0]?.map(\.status) == ["failed"])
    }

    @Test("E1: by error type: only, never, and the handler's own word")
    func types() throws {
        for (policy, error) in [
            (RetryPolicy(only: ["x"]), transient), (RetryPolicy(never: ["transient"]), transient),
            (RetryPolicy(), TaskError(type: "t", message: "", retryable: false)),
        ] {
            var run = try RunDriver([task("a", retry: policy)])
            try run.fail("a", error)
            #expect(run.status("a") == .failed)
        }
        var run = try RunDriver([task("a")])
        try run.fail("a", TaskError(type: "t", message: "", retryAfterMs: 12_345))
        #expect(run.due("a", .retry) == .milliseconds(12_345))
    }

    @Test(
        "E2: each timeout ends what it limits, and says which it was",
        arguments: [
            ("attempt", Timeouts(attempt: .seconds(5))), ("total", Timeouts(total: .seconds(5))),
            ("queued", Timeouts(queued: .seconds(5))), ("heartbeat", Timeouts(heartbeat: .seconds(5))),
        ])
    func timeouts(_ name: String, _ timeouts: Timeouts) throws {
        var run = try RunDriver([task("a", retry: RetryPolicy.none, timeouts: timeouts)])
        if name != "queued" { try run.start("a") }
        try run.advance(by: .milliseconds(4999))
        #expect(!run.status("a").isFinal)
        try run.advance(by: .milliseconds(1))
        #expect(run.status("a") == .failed)
        #expect(run.error("a")?.type == TaskError.Kind.timeout)
        #expect(run.error("a")?.details?.value["timeout"]?.string == name)
        #expect(run.effects.contains { if case .revoke = $0 { true } else { false } })
    }

    @Test("E2: a run that takes too long fails, and what is open ends")
    func runTimeout() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")])], timeout: .seconds(10))
        try run.advance(by: .seconds(10))
        #expect(run.status("a") == .cancelled && run.status("b") == .cancelled)
        #expect(run.state.progress.status == .failed)
        #expect(run.state.progress.ending?.error.type == TaskError.Kind.timeout)
    }

    @Test("E3: heartbeats keep an attempt, and a lease, alive")
    func heartbeats() throws {
        var run = try RunDriver([task("a", timeouts: Timeouts(heartbeat: .seconds(5)))])
        try run.start("a")
        for _ in 0..<10 {
            try run.advance(by: .seconds(4))
            try run.handle(.heartbeat(run.attempt("a"), worker: "w1"))
        }
        #expect(run.status("a") == .running)
        var leased = try RunDriver([task("a")])
        try leased.start("a")
        try leased.handle(.lease(leased.attempt("a"), worker: "w1"))
        try leased.advance(by: .seconds(31))
        #expect(leased.attempt("a").number == 2)
        #expect(leased.attempts[0]?.first?.status == "lost")
    }

    @Test("A3: a redelivered claim ends the dead worker's attempt; its late report counts for nothing")
    func lost() throws {
        var run = try RunDriver([task("a")])
        try run.start("a", on: "w1")
        let first = run.attempt("a")
        try run.handle(.claim(first, worker: "w2", redelivered: true))
        #expect(run.attempt("a").number == 2)
        #expect(run.status("a") == .queued)
        try run.handle(.completed(first, worker: "w1", startedAt: nil, result: JSON(["late": true])))
        #expect(run.count(.reportDiscarded) == 1)
        #expect(run.results.isEmpty)
        try run.complete("a", JSON(["good": true]))
        #expect(run.results[0] == JSON(["good": true]))
    }

    @Test("A4: a doubled message of a running attempt is refused, and changes nothing")
    func double() throws {
        var run = try RunDriver([task("a")])
        try run.start("a", on: "w1")
        let effects = try run.handle(.claim(run.attempt("a"), worker: "w2", redelivered: false))
        #expect(effects.contains(.claimed(run.attempt("a"), worker: "w2", granted: false)))
        #expect(run.status("a") == .running && run.attempt("a").number == 1)
    }

    @Test("E9: a task that kills its workers is parked after the third")
    func poison() throws {
        var run = try RunDriver([task("a", retry: RetryPolicy(maxAttempts: 100))])
        for round in 0..<3 {
            #expect(run.status("a") == .queued)
            try run.start("a", on: WorkerID("w\(round)"))
            try run.handle(.claim(run.attempt("a"), worker: "next", redelivered: true))
        }
        #expect(run.status("a") == .failed)
        #expect(run.error("a")?.type == TaskError.Kind.poisoned)
        #expect(run.effects.contains { if case .park = $0 { true } else { false } })
    }

    @Test("F1: what has not started is cancelled at once")
    func cancelWaiting() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")]), task("c", start: .after(.seconds(9)))])
        let attempt = run.attempt("a")
        let effects = try run.handle(.cancelRun(reason: "stop"))
        #expect(effects.contains(.revoke(attempt, reason: "stop")))
        for id in ["a", "b", "c"] as [TaskID] {
            #expect(run.status(id) == .cancelled)
            #expect(run.error(id)?.message == "stop")
        }
        #expect(run.state.progress.status == .cancelled)
        #expect(!run.timers.values.contains { !$0.isEmpty })
    }

    @Test("F2, F5: a running task stops; a result that comes after the cancel counts for nothing")
    func cancelRunning() throws {
        var run = try RunDriver([task("a")])
        try run.start("a")
        try run.handle(.cancelTask(0, reason: "stop"))
        #expect(run.status("a") == .running)
        try run.complete("a", JSON(["late": true]))
        #expect(run.status("a") == .cancelled)
        #expect(run.results.isEmpty)
        #expect(!run.state.tasks[0].flags.contains(.stopUnconfirmed))
        try run.handle(.cancelTask(0, reason: "again"))
        #expect(run.count(.taskCancelled) == 1)
    }

    @Test("F2: one that doesn't stop is given up after the grace, and that is seen")
    func grace() throws {
        var run = try RunDriver([task("a")])
        try run.start("a")
        try run.handle(.cancelRun(reason: "stop"))
        try run.advance(by: .seconds(10))
        #expect(run.status("a") == .cancelled)
        #expect(run.state.tasks[0].flags.contains(.stopUnconfirmed))
        #expect(run.state.progress.status == .cancelled)
    }

    @Test("G1: a delay and a time are kept; a past time is now")
    func delays() throws {
        var run = try RunDriver([
            task("later", start: .after(.seconds(3))), task("past", start: .at(Timestamp(milliseconds: 5))),
            task("next", after: [Dependency("past")], start: .after(.seconds(300))),
        ])
        #expect(run.status("past") == .queued && run.status("later") == .scheduled)
        try run.advance(by: .seconds(3))
        #expect(run.status("later") == .queued)
        try run.complete("past")
        #expect(run.status("next") == .scheduled)
        try run.advance(by: .seconds(300))
        #expect(run.status("next") == .queued)
    }

    @Test("D1: onFailed and onCancelled become work of their own, which doesn't hold the run up")
    func hooks() throws {
        var settings = EngineSettings()
        settings.hooks = { _ in [.onFailed, .onCancelled] }
        var run = try RunDriver([task("a"), task("b")], settings: settings)
        try run.fail("a")
        try run.handle(.cancelTask(1, reason: "stop"))
        #expect(run.state.nodes.suffix(2).map(\.id) == ["a~onFailed", "b~onCancelled"])
        #expect(run.status("a~onFailed") == .queued)
        #expect(run.state.progress.status == .failed)
        #expect(run.state.progress.total == 2)
        try run.complete("a~onFailed")
        #expect(run.isConsistent)
    }

    @Test("A2: exactly these steps are allowed")
    func transitions() {
        let allowed: [TaskStatus: Set<TaskStatus>] = [
            .pending: [.scheduled, .queued, .cancelled, .skipped], .scheduled: [.queued, .cancelled, .skipped],
            .queued: [.running, .retrying, .failed, .cancelled],
            .running: [.completed, .failed, .retrying, .queued, .cancelled], .retrying: [.queued, .failed, .cancelled],
        ]
        for from in TaskStatus.allCases {
            for to in TaskStatus.allCases { #expect(from.canBecome(to) == (allowed[from] ?? []).contains(to), "\(from) → \(to)") }
        }
    }
}
