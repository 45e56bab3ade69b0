import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct LongRunTests {
    @Test func anAttemptThatOutlives100MillisecondsIsReportedAsStarted() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait")
            try await harness.gate.began.first(attempt)
            harness.clock.advance(by: .milliseconds(100))
            try await harness.report(.started, attempt)
            #expect(try await harness.reports.first { $0.content == .started }.startedAt != nil)
        }
    }

    @Test func heartbeatsComeAtAThirdOfWhatIsAsked() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait") { $0.heartbeat = .seconds(3) }
            try await harness.gate.began.first(attempt)
            for count in 1...3 {
                harness.clock.advance(by: .seconds(1))
                try await harness.report(.heartbeat, attempt, count: count)
            }
        }
    }

    @Test func aLeasedAttemptIsAcknowledgedAndKeptAliveByHeartbeats() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait")
            try await harness.gate.began.first(attempt)
            harness.clock.advance(by: .seconds(300))
            try await harness.report(.lease, attempt)
            #expect(!harness.broker.settled.all.contains { $0.id == attempt })
            harness.control(.leased(attempts: [attempt]))
            try await harness.acknowledged(attempt)
            harness.clock.advance(by: .seconds(10))
            try await harness.report(.heartbeat, attempt)
            harness.gate.open(attempt)
            #expect(try await harness.outcome(attempt) == .completed(result: .null))
        }
    }

    @Test func theWorkerAnnouncesItselfFromTimeToTimeAndWhenAsked() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "wait")
            try await harness.gate.began.first(attempt)
            harness.control(.announce)
            let asked = try await harness.announcements.wait(for: 2) { $0.state == .running }
            #expect(asked[1].running == [attempt])
            #expect(asked[1].slots == 4)
            #expect(asked[1].controlQueue == harness.topology.controlQueue(harness.worker.id).name)
            harness.clock.advance(by: .seconds(10))
            try await harness.announcements.wait(for: 3) { $0.state == .running }
        }
    }

    @Test func progressArrivesAndTheLastCheckpointComesBeforeTheFailure() async throws {
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register("steps") { (_: JSON, context: TaskContext) -> JSON in
                for step in 1...100 { try context.progress(Double(step) / 100, checkpoint: step) }
                throw TaskError(type: "end", message: "")
            }
        }) { (harness: Harness) async throws in
            try await harness.broker.holdConfirms { $0.message.type == "progress" }
            let attempt = harness.submit(0, "steps")
            #expect(try await harness.failure(attempt).type == "end")
            let reports = harness.reports.all
            #expect(reports.count == 3)
            #expect(reports.first?.content == .progress(Report.Progress(fraction: 0.01, checkpoint: JSON(1))))
            #expect(reports.dropFirst().first?.content == .progress(Report.Progress(fraction: 1, checkpoint: JSON(100))))
            try await harness.broker.releaseConfirms()
        }
    }
}
