import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct CancelTests {
    @Test func aRunningAttemptStopsWithTheReason() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait")
            try await harness.gate.began.first(attempt)
            harness.control(.cancel(attempts: [attempt], reason: "changed my mind"), id: "c1")
            try await harness.seen.first("c1")
            #expect(try await harness.outcome(attempt) == .cancelled(message: "changed my mind"))
            try await harness.acknowledged(attempt)
        }
    }

    @Test func aBufferedAttemptNeverStarts() async throws {
        try await withWorker(slots: 1) { (harness: Harness) async throws in
            try await harness.subscribed()
            let running = harness.submit(0, "wait")
            try await harness.gate.began.first(running)
            let waiting = harness.submit(1, "wait")
            let later = AttemptID(run: "run", task: 2, number: 1).description
            harness.control(.cancel(attempts: [waiting, later], reason: "r"), id: "c2")
            try await harness.seen.first("c2")
            #expect(try await harness.outcome(waiting) == .cancelled(message: "r"))
            try await harness.acknowledged(waiting)
            harness.submit(2, "wait")
            #expect(try await harness.outcome(later) == .cancelled(message: "r"))
            harness.gate.open("*")
            #expect(try await harness.outcome(running) == .completed(result: .null))
            #expect(harness.gate.began.all == [running])
        }
    }

    @Test func oneThatIgnoresItKeepsItsSlotAndLosesItsResult() async throws {
        try await withWorker(slots: 1) { (harness: Harness) async throws in
            let attempt = harness.submit(0, "stubborn")
            try await harness.gate.began.first(attempt)
            harness.control(.cancel(attempts: [attempt], reason: "stop"), id: "c3")
            try await harness.seen.first("c3")
            let next = harness.submit(1, "core.noop")
            harness.clock.advance(by: .seconds(10))
            try await harness.announcements.first { $0.state == .running && $0.running == [attempt] }
            #expect(!harness.reports.all.contains { $0.content.isOutcome })
            harness.gate.open(attempt)
            #expect(try await harness.outcome(attempt) == .cancelled(message: "stop"))
            harness.control(.claimed(granted: [next], refused: []))
            #expect(try await harness.outcome(next) == .completed(result: .null))
        }
    }

    @Test("F2: one that ignores its cancel lets go of its message after the grace, and asks for no lease, but keeps its slot")
    func theMessageOfOneThatIgnoresItIsSettled() async throws {
        try await withWorker(slots: 1) { (harness: Harness) async throws in
            let attempt = harness.submit(0, "stubborn")
            try await harness.gate.began.first(attempt)
            harness.control(.cancel(attempts: [attempt], reason: "stop"), id: "c4")
            try await harness.seen.first("c4")
            #expect(!harness.broker.settled.all.contains { $0.id == attempt })
            harness.clock.advance(by: .seconds(10))
            try await harness.acknowledged(attempt)
            let next = harness.submit(1, "wait")
            // Past the time at which a lease would have been asked for, and the broker would have closed the channel.
            for count in 2...4 {
                harness.clock.advance(by: .seconds(600))
                try await harness.announcements.wait(for: count) { $0.running == [attempt] }
            }
            #expect(!harness.reports.all.contains { $0.content == .lease || $0.content.isOutcome })
            #expect(harness.gate.began.all == [attempt])
            // Should it come again, it is settled too.
            harness.submit(0, "stubborn")
            harness.gate.open(attempt)
            #expect(try await harness.outcome(attempt) == .cancelled(message: "stop"))
            harness.control(.cancel(attempts: [next], reason: "enough"))
            #expect(try await harness.outcome(next) == .cancelled(message: "enough"))
        }
    }

    @Test func aTimeoutIsReportedAsAFailure() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait") { $0.timeout = .seconds(2) }
            try await harness.gate.began.first(attempt)
            harness.clock.advance(by: .seconds(2))
            let error = try await harness.failure(attempt)
            #expect(error.type == "timeout")
            #expect(error.message == "attempt timed out after 2s")
            try await harness.acknowledged(attempt)
        }
    }

    @Test func aStubbornOneIsReportedAsTimedOutAfterTheGraceAndOnlyOnce() async throws {
        try await withWorker(slots: 1) { (harness: Harness) async throws in
            let attempt = harness.submit(0, "stubborn") { $0.timeout = .seconds(2) }
            try await harness.gate.began.first(attempt)
            harness.clock.advance(by: .seconds(2))
            try await harness.report(.started, attempt)
            harness.clock.advance(by: .seconds(10))
            #expect(try await harness.failure(attempt).type == "timeout")
            try await harness.acknowledged(attempt)
            harness.gate.open(attempt)
            let next = harness.submit(1, "core.noop")
            #expect(try await harness.outcome(next) == .completed(result: .null))
            #expect(harness.reports.all.filter { $0.content.isOutcome }.count == 2)
        }
    }
}
