import BatonEngine
import BatonModel
import Testing

@Suite("E1 retry", .timeLimit(.minutes(1)))
struct E1Retry {
    private func delays(_ policy: RetryPolicy, _ count: Int) -> [Int64] {
        var generator = SeededGenerator(seed: 1)
        return (1...count).map { policy.delay(afterAttempt: $0, using: &generator).milliseconds }
    }

    @Test("fixed, linear, exponential and explicit delays, with their cap")
    func backoff() {
        #expect(delays(RetryPolicy(backoff: .fixed, delay: .seconds(1), jitter: 0), 3) == [1000, 1000, 1000])
        #expect(delays(RetryPolicy(backoff: .linear, delay: .seconds(1), jitter: 0), 3) == [1000, 2000, 3000])
        #expect(delays(RetryPolicy(backoff: .exponential, delay: .seconds(1), maxDelay: .seconds(5), jitter: 0), 4) == [1000, 2000, 4000, 5000])
        #expect(delays(RetryPolicy(backoff: .explicit([.seconds(3), .seconds(1)]), jitter: 0), 3) == [3000, 1000, 1000])
        let spread = delays(RetryPolicy(backoff: .fixed, delay: .seconds(1), jitter: 0.2), 200)
        #expect(spread.min().map { $0 >= 800 } == true && spread.max().map { $0 <= 1200 } == true)
    }

    @Test("a failed attempt waits, and is tried again until there are no more")
    func retry() throws {
        var run = try RunDriver([task("a", retry: RetryPolicy(maxAttempts: 2, delay: .seconds(1), jitter: 0))])
        try run.fail("a", .transient)
        #expect(run.status("a") == .retrying)
        try run.advance(by: .milliseconds(999))
        #expect(run.status("a") == .retrying)
        try run.advance(by: .milliseconds(1))
        #expect(run.status("a") == .queued)
        #expect(run.attempt("a").number == 2)
        try run.fail("a", .transient)
        #expect(run.status("a") == .failed)
        #expect(run.attempts("a").map(\.status) == ["failed"])
    }

    @Test("by error type: only, never, and the handler's own word")
    func types() throws {
        for (policy, error) in [
            (RetryPolicy(only: ["x"]), .transient), (RetryPolicy(never: ["transient"]), .transient),
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

}

@Suite("E2 timeouts", .timeLimit(.minutes(1)))
struct E2Timeouts {
    @Test(
        "each timeout ends what it limits, and says which it was",
        arguments: [
            ("attempt", Timeouts(attempt: .seconds(5))), ("total", Timeouts(total: .seconds(5))),
            ("queued", Timeouts(queued: .seconds(5))), ("heartbeat", Timeouts(heartbeat: .seconds(5))),
        ])
    func timeouts(_ name: String, _ timeouts: Timeouts) throws {
        var run = try RunDriver([task("a", retry: RetryPolicy.none, timeouts: timeouts)])
        if name != "queued" { try run.start("a") }
        let attempt = run.attempt("a")
        try run.advance(by: .milliseconds(4999))
        #expect(run.status("a") != .failed)
        try run.advance(by: .milliseconds(1))
        #expect(run.status("a") == .failed)
        #expect(run.error("a")?.type == TaskError.Kind.timeout)
        #expect(run.error("a")?.details?.value["timeout"]?.string == name)
        #expect(run.store.revoked.contains(attempt))
    }

    @Test("a run that takes too long fails, and what is open ends")
    func runTimeout() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")])], timeout: .seconds(10))
        try run.advance(by: .seconds(10))
        #expect(run.status("a") == .cancelled && run.status("b") == .cancelled)
        #expect(run.runStatus == .failed)
        #expect(run.state.progress.ending?.error.type == TaskError.Kind.timeout)
    }

}

@Suite("E3 heartbeats", .timeLimit(.minutes(1)))
struct E3Heartbeats {
    @Test("heartbeats keep an attempt, and a lease, alive")
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
        #expect(leased.attempts("a").first?.status == "lost")
    }

    @Test("an attempt is lost with the silence of a worker that announces what it runs, and only of such a one")
    func announced() throws {
        var settings = EngineSettings()
        settings.announces = { $0 == "w1" }
        for worker: WorkerID in ["w1", "w2"] {
            var run = try RunDriver([task("a")], settings: settings)
            try run.handle(.started(run.attempt("a"), worker: worker, at: nil))
            try run.advance(by: .seconds(29))
            try run.handle(.heartbeat(run.attempt("a"), worker: worker))
            try run.advance(by: .seconds(29))
            #expect(run.status("a") == .running)
            try run.advance(by: .seconds(2))
            #expect(run.attempt("a").number == (worker == "w1" ? 2 : 1))
        }
    }
}

@Suite("A message that the broker has no more", .timeLimit(.minutes(1)))
struct GoneMessages {
    @Test("an unstarted attempt's is sent again; given back too often it is sent again twice, and then the task fails as poisoned")
    func unstarted() throws {
        var run = try RunDriver([task("a")])
        let attempt = run.attempt("a")
        try run.handle(.messageGone(attempt))
        #expect(run.store.sentAgain == [attempt] && run.store.events.allSatisfy { $0.type != .attemptReturned })
        for count in 1...2 {
            try run.handle(.givenUp(attempt, reason: "delivered 20 times", isRejected: false))
            #expect(run.store.sentAgain.count == count + 1 && run.status("a") == .queued && run.count(.attemptReturned, "a") == count)
        }
        try run.handle(.givenUp(attempt, reason: "delivered 20 times", isRejected: false))
        #expect(run.status("a") == .failed && run.error("a")?.type == TaskError.Kind.poisoned)
    }

    @Test("a worker that rejects a message for good fails its task at once")
    func rejected() throws {
        var run = try RunDriver([task("a")])
        try run.handle(.givenUp(run.attempt("a"), reason: "rejected", isRejected: true))
        #expect(run.status("a") == .failed && run.error("a")?.type == TaskError.Kind.poisoned)
    }

    @Test("a running attempt is lost with it, unless its worker would be missed anyway", arguments: [false, true])
    func running(_ isAnnounced: Bool) throws {
        for isGivenUp in [false, true] {
            var settings = EngineSettings()
            settings.announces = { _ in isAnnounced }
            var run = try RunDriver([task("a")], settings: settings)
            let attempt = run.attempt("a")
            try run.start("a")
            try run.handle(isGivenUp ? .givenUp(attempt, reason: "often", isRejected: false) : .messageGone(attempt))
            #expect(run.attempt("a").number == (isAnnounced ? 1 : 2) && run.store.sentAgain.isEmpty)
        }
    }

    @Test("that of an attempt that is over is nobody's")
    func over() throws {
        var run = try RunDriver([task("a")])
        let attempt = run.attempt("a")
        try run.complete("a")
        #expect(try run.handle(.messageGone(attempt)).isEmpty)
    }
}

@Suite("A3 recording exactly once", .timeLimit(.minutes(1)))
struct A3RecordingOnce {
    @Test("a redelivered claim ends the dead worker's attempt; its late report counts for nothing")
    func lost() throws {
        var run = try RunDriver([task("a")])
        try run.start("a", on: "w1")
        let first = run.attempt("a")
        try run.handle(.claim(first, worker: "w2", redelivered: true))
        #expect(run.attempt("a").number == 2)
        #expect(run.status("a") == .queued)
        try run.handle(.completed(first, worker: "w1", startedAt: nil, result: JSON(["late": true])))
        #expect(run.count(.reportDiscarded) == 1)
        #expect(run.store.results.isEmpty)
        try run.complete("a", JSON(["good": true]))
        #expect(run.result("a") == JSON(["good": true]))
    }

    @Test("a doubled message of a running attempt is refused, and changes nothing")
    func double() throws {
        var run = try RunDriver([task("a")])
        try run.start("a", on: "w1")
        let effects = try run.handle(.claim(run.attempt("a"), worker: "w2", redelivered: false))
        #expect(effects.contains(.claimed(run.attempt("a"), worker: "w2", granted: false)))
        #expect(run.status("a") == .running && run.attempt("a").number == 1)
    }

}

@Suite("E9 poison", .timeLimit(.minutes(1)))
struct E9Poison {
    @Test("a task that kills its workers is parked after the third")
    func poison() throws {
        var run = try RunDriver([task("a", retry: RetryPolicy(maxAttempts: 100))])
        for round in 0..<3 {
            #expect(run.status("a") == .queued)
            try run.start("a", on: WorkerID("w\(round)"))
            try run.handle(.claim(run.attempt("a"), worker: "next", redelivered: true))
        }
        #expect(run.status("a") == .failed)
        #expect(run.error("a")?.type == TaskError.Kind.poisoned)
        #expect(run.store.parked.count == 1)
    }
}

@Suite("G1 delay and time", .timeLimit(.minutes(1)))
struct G1Delay {
    @Test("a delay and a time are kept; a past time is now")
    func delay() throws {
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
}

@Suite("D7 stage delay", .timeLimit(.minutes(1)))
struct D7StageDelay {
    @Test("the next stage starts a day after the one before, and nothing is with a worker meanwhile")
    func day() throws {
        var run = try RunDriver([task("a"), task("b", after: [Dependency("a")], start: .after(.seconds(86_400)))])
        try run.complete("a")
        run.queue = []
        run.restart()
        try run.advance(by: .milliseconds(86_399_999))
        #expect(run.status("b") == .scheduled && run.queue.isEmpty)
        try run.advance(by: .milliseconds(1))
        #expect(run.queue == [run.attempt("b")])
    }
}
