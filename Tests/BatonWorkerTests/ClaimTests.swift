import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct ClaimTests {
    @Test func aGrantedClaimReportsItsStartBeforeItRuns() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait") { $0.needsClaim = true }
            try await harness.report(.claim(redelivered: false), attempt)
            let message = try await harness.reportMessages.first { $0.type == "claim" }
            #expect(message.replyTo == harness.topology.controlQueue(harness.worker.id).name)
            #expect(message.headers.string(HeaderName.worker) == harness.worker.id.rawValue)
            #expect(harness.gate.began.all.isEmpty)
            try await harness.broker.holdConfirms { $0.message.type == "started" }
            harness.control(.claimed(granted: [attempt], refused: []))
            try await harness.report(.started, attempt)
            #expect(harness.gate.began.all.isEmpty)
            try await harness.broker.releaseConfirms()
            try await harness.gate.began.first(attempt)
            harness.gate.open(attempt)
            #expect(try await harness.outcome(attempt) == .completed(result: .null))
        }
    }

    @Test func aRefusedClaimIsForgotten() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait") { $0.needsClaim = true }
            try await harness.report(.claim(redelivered: false), attempt)
            harness.control(.claimed(granted: [], refused: [attempt]))
            try await harness.acknowledged(attempt)
            #expect(harness.gate.began.all.isEmpty)
            #expect(!harness.reports.all.contains { $0.content.isOutcome })
        }
    }

    @Test func aClaimIsRepeatedUntilTheAttemptIsCancelled() async throws {
        try await withWorker(slots: 2) { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait") { $0.needsClaim = true }
            try await harness.report(.claim(redelivered: false), attempt)
            let other = harness.submit(1, "core.noop")
            #expect(try await harness.outcome(other) == .completed(result: .null))
            harness.clock.advance(by: .seconds(5))
            try await harness.report(.claim(redelivered: false), attempt, count: 2)
            harness.control(.cancel(attempts: [attempt], reason: "no more"))
            #expect(try await harness.outcome(attempt) == .cancelled(message: "no more"))
            try await harness.acknowledged(attempt)
        }
    }

    @Test("a slot is kept for a claim: what comes behind it goes to others, and what is granted starts at once")
    func aSlotIsKept() async throws {
        try await withWorker(slots: 1) { (harness: Harness) async throws in
            try await harness.subscribed()
            let claimed = harness.submit(0, "wait") { $0.needsClaim = true }
            try await harness.report(.claim(redelivered: false), claimed)
            let other = harness.submit(1, "wait", priority: .urgent)
            try await harness.broker.published.first { $0.message.messageID == other }
            _ = try await harness.broker.unsettledCount()
            harness.clock.advance(by: .milliseconds(500))
            try await harness.broker.settled.first { $0 == .init(id: other, how: .requeue) }
            #expect(harness.gate.began.all.isEmpty)
            harness.control(.claimed(granted: [claimed], refused: []))
            try await harness.gate.began.first(claimed)
            harness.gate.open(claimed)
            #expect(try await harness.outcome(claimed) == .completed(result: .null))
            try await harness.report(.claim(redelivered: true), other)
            #expect(harness.gate.began.all == [claimed])
            // Refused: the slot is nobody's again.
            harness.control(.claimed(granted: [], refused: [other]))
            let last = harness.submit(2, "core.noop")
            #expect(try await harness.outcome(last) == .completed(result: .null))
        }
    }
}
