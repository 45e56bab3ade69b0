import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite
struct SmallStateTests {
    @Test func theOldestCancelledAttemptsAreForgotten() {
        var set = CancelledAttempts(capacity: 3)
        set.insert(["a", "b", "b", "c"], reason: "r")
        #expect(set.count == 3)
        set.insert(["d"], reason: nil)
        #expect(!set.contains("a"))
        #expect(set.contains("b") && set.contains("c") && set.contains("d"))
        #expect(set.reason("b") == "r")
        #expect(set.reason("d") == nil)
    }

    @Test func progressCoalescesAndKeepsTheCheckpoint() {
        var state = ProgressState()
        #expect(state.report(Report.Progress(fraction: 0.1))?.fraction == 0.1)
        #expect(state.report(Report.Progress(fraction: 0.2, checkpoint: JSON(1))) == nil)
        #expect(state.report(Report.Progress(fraction: 0.3, message: "m")) == nil)
        #expect(state.sent() == Report.Progress(fraction: 0.3, message: "m", checkpoint: JSON(1)))
        #expect(state.report(Report.Progress(fraction: 0.4, checkpoint: JSON(2))) == nil)
        #expect(state.close()?.checkpoint == JSON(2))
        #expect(state.sent() == nil)
        #expect(state.report(Report.Progress(fraction: 0.5)) == nil)
    }

    @Test func progressWithNothingWaitingIsSentAtOnceAgain() {
        var state = ProgressState()
        #expect(state.report(Report.Progress(fraction: 0.1)) != nil)
        #expect(state.sent() == nil)
        #expect(state.report(Report.Progress(fraction: 0.2)) != nil)
    }

    @Test func retriesOfReportsSlowDown() {
        #expect(ReportRetries.delay(after: 1) == .milliseconds(100))
        #expect(ReportRetries.delay(after: 3) == .milliseconds(400))
        #expect(ReportRetries.delay(after: 60) == .seconds(10))
    }

    @Test func outcomesFollowFromResultAndCause() {
        struct Broken: Error {}
        let success = Result<JSON, any Error>.success(.null)
        let failure = Result<JSON, any Error>.failure(Broken())
        func outcome(_ result: Result<JSON, any Error>, _ cause: StopCause?, late: Bool = false) -> AttemptOutcome {
            AttemptOutcome(result, cause: cause, isGraceOver: late)
        }
        #expect(outcome(success, nil) == .report(.completed(result: .null)))
        #expect(outcome(success, .cancelled(reason: "r")) == .report(.completed(result: .null)))
        #expect(outcome(success, .cancelled(reason: "r"), late: true) == .report(.cancelled(message: "r")))
        #expect(outcome(failure, .cancelled(reason: "r")) == .report(.cancelled(message: "r")))
        #expect(outcome(success, .timedOut(after: .seconds(3))) == .report(.failed(AttemptOutcome.timeout(.seconds(3)))))
        #expect(outcome(success, .workerStopping) == .report(.completed(result: .null)))
        #expect(outcome(failure, .workerStopping) == .giveBack)
    }

    @Test func aSessionAsksUntilItIsWelcome() {
        var session = SessionState(heartbeatInterval: .seconds(10))
        #expect(session.announcement == .starting)
        session.connected(now: .zero)
        let early = session.tick(now: .seconds(4))
        let due = session.tick(now: .seconds(5))
        #expect(!early && due)
        #expect(session.next == .seconds(10))
        let first = session.welcomed(now: .seconds(6))
        let second = session.welcomed(now: .seconds(6))
        #expect(first && !second)
        #expect(session.announcement == .running)
        #expect(session.next == .seconds(16))
        session.drain()
        #expect(session.announcement == .draining)
        session.lost()
        #expect(session.next == nil)
    }

    @Test func workerIdsAreUniqueAndFitQueueNames() throws {
        var generator = SystemRandomNumberGenerator()
        let ids = (0..<100).map { _ in WorkerIdentity.make(host: "höst name.local", process: 1, using: &generator) }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { NameRule.allows($0.rawValue) })
    }
}
