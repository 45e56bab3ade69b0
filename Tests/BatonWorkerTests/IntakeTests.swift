import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct IntakeTests {
    @Test func nothingStartsBeforeTheWelcome() async throws {
        try await withWorker(welcomes: nil) { (harness: Harness) async throws in
            try await harness.announcements.first { $0.state == .starting && $0.missing == nil }
            let cancelled = harness.submit(0, "wait")
            harness.submit(1, "wait")
            harness.clock.advance(by: .seconds(5))
            try await harness.announcements.wait(for: 2) { $0.state == .starting && $0.missing == nil }
            #expect(harness.gate.began.all.isEmpty)
            harness.control(.welcome(cancelled: [cancelled]))
            #expect(try await harness.gate.began.first() == "run.1.1")
            #expect(try await harness.outcome(cancelled) == .cancelled(message: nil))
            try await harness.acknowledged(cancelled)
            #expect(harness.gate.began.all == ["run.1.1"])
        }
    }

    @Test func aWorkerThatStoodStillStartsNothingBeforeItIsWelcomedAgain() async throws {
        try await withWorker(slots: 1, welcomes: nil, watchesGaps: true) { (harness: Harness) async throws in
            try await harness.announcements.first { $0.state == .starting && $0.missing == nil }
            harness.control(.welcome(cancelled: []))
            try await harness.announcements.first { $0.state == .running }
            try await harness.subscribed()
            let running = harness.submit(0, "wait")
            try await harness.gate.began.first(running)
            let waiting = harness.submit(1, "wait")
            try await harness.broker.published.first { $0.message.messageID == waiting }
            harness.clock.advance(by: .seconds(2))
            try await harness.announcements.wait(for: 2) { $0.state == .starting && $0.missing == nil }
            harness.gate.open(running)
            try await harness.acknowledged(running)
            harness.control(.welcome(cancelled: [waiting]))
            #expect(try await harness.outcome(waiting) == .cancelled(message: nil))
            #expect(harness.gate.began.all == [running])
        }
    }

    @Test func aWelcomeThatAnswersAnEarlierAnnouncementIsNone() async throws {
        try await withWorker(welcomes: nil) { (harness: Harness) async throws in
            try await harness.announcements.first { $0.state == .starting && $0.missing == nil }
            let task = harness.submit(0, "wait")
            harness.control(.welcome(cancelled: []), inAnswerTo: "an earlier one")
            // Heeded after it.
            harness.control(.cancel(attempts: [], reason: nil), id: "next")
            try await harness.seen.first("next")
            #expect(harness.gate.began.all.isEmpty)
            harness.control(.welcome(cancelled: []))
            #expect(try await harness.gate.began.first() == task)
        }
    }

    @Test func anUrgentTaskIsNextBehindAThousand() async throws {
        try await withWorker(slots: 10) { (harness: Harness) async throws in
            try await harness.subscribed()
            for index in 0..<1000 { harness.submit(index, "wait") }
            let running = try await harness.gate.began.wait(for: 10)
            let urgent = harness.submit(5000, "wait", priority: .urgent)
            // Delivered ahead, before a slot is free.
            try await harness.broker.published.first { $0.message.messageID == urgent }
            _ = try await harness.broker.unsettledCount()
            harness.gate.open(running[0])
            #expect(try await harness.gate.began.wait(for: 11)[10] == urgent)
        }
    }

    @Test func aSaturatedWorkerGivesBackAndFetchesTheMostUrgent() async throws {
        try await withWorker(slots: 10) { (harness: Harness) async throws in
            try await harness.subscribed()
            for index in 0..<1000 { harness.submit(index, "wait") }
            let running = try await harness.gate.began.wait(for: 10)
            #expect(try await harness.broker.unsettledCount() == 74)
            harness.clock.advance(by: .milliseconds(500))
            try await harness.broker.settled.wait(for: 64) { $0.how == .requeue }
            for priority in Priority.allCases {
                try await harness.broker.subscriptions.first("-\(harness.topology.tasksQueue(.default, priority).name)")
            }
            #expect(try await harness.broker.unsettledCount() == 10)
            let urgent = harness.submit(5000, "wait", priority: .urgent)
            harness.gate.open(running[0])
            #expect(try await harness.gate.began.wait(for: 11)[10] == urgent)
            // What had been given back is claimed before it starts.
            harness.gate.open(urgent)
            let claim = try await harness.reports.first { $0.content == .claim(redelivered: true) }
            harness.control(.claimed(granted: [claim.attempt.description], refused: []))
            #expect(try await harness.gate.began.wait(for: 12)[11] == claim.attempt.description)
        }
    }

    @Test func aSlotFreesBeforeItsReportIsConfirmed() async throws {
        try await withWorker(slots: 1) { (harness: Harness) async throws in
            try await harness.broker.holdConfirms { $0.message.type == "completed" }
            let first = harness.submit(0, "core.noop")
            let second = harness.submit(1, "core.noop")
            #expect(try await harness.outcome(first) == .completed(result: .null))
            #expect(try await harness.outcome(second) == .completed(result: .null))
            #expect(!harness.broker.settled.all.contains { $0.id == first || $0.id == second })
            try await harness.broker.releaseConfirms()
            try await harness.acknowledged(first)
            try await harness.acknowledged(second)
        }
    }

    @Test func anUnroutableReportIsSentUntilItArrives() async throws {
        try await withWorker { (harness: Harness) async throws in
            try await harness.broker.refuse { $0.message.type == "completed" ? .init(.unroutable, "no queue") : nil }
            let attempt = harness.submit(0, "core.noop")
            try await harness.broker.published.first { $0.message.type == "completed" }
            harness.clock.advance(by: .seconds(1))
            try await harness.broker.published.wait(for: 2) { $0.message.type == "completed" }
            #expect(!harness.broker.settled.all.contains { $0.id == attempt })
            try await harness.broker.refuse { _ in nil }
            harness.clock.advance(by: .seconds(10))
            #expect(try await harness.outcome(attempt) == .completed(result: .null))
            try await harness.acknowledged(attempt)
        }
    }

    @Test func aDoubleDeliveryIsAdopted() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait")
            try await harness.gate.began.first(attempt)
            harness.submit(0, "wait")
            try await harness.acknowledged(attempt)
            harness.gate.open(attempt)
            #expect(try await harness.outcome(attempt) == .completed(result: .null))
            try await harness.broker.settled.wait(for: 2) { $0.id == attempt && $0.how == .acknowledge }
            #expect(harness.gate.began.all == [attempt])
        }
    }

    @Test func aLostLinkIsAnnouncedAgainAndRunningAttemptsGoOn() async throws {
        try await withWorker(slots: 1) { (harness: Harness) async throws in
            try await harness.subscribed()
            let running = harness.submit(0, "wait")
            try await harness.gate.began.first(running)
            let waiting = harness.submit(1, "wait")
            _ = try await harness.broker.unsettledCount()
            try await harness.broker.cut("worker")
            let again = try await harness.announcements.wait(for: 2) { $0.state == .starting && $0.missing == nil }[1]
            #expect(again.running == [running])
            // The running one is adopted; the waiting one has to be claimed once a slot is free.
            harness.gate.open(running)
            #expect(try await harness.outcome(running) == .completed(result: .null))
            try await harness.acknowledged(running)
            try await harness.report(.claim(redelivered: true), waiting)
            harness.control(.claimed(granted: [waiting], refused: []))
            try await harness.gate.began.first(waiting)
            #expect(harness.gate.began.all == [running, waiting])
        }
    }
}
