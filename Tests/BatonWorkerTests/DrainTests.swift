import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct DrainTests {
    @Test func runningAttemptsFinishAndTheRestGoesBack() async throws {
        let harness = try Harness(WorkerConfiguration(slots: 2))
        defer { harness.broker.clear() }
        try await harness.listen(welcomes: [])
        async let served: Void = harness.worker.serve()
        try await harness.subscribed()
        let claimed = harness.submit(2, "wait") { $0.needsClaim = true }
        try await harness.report(.claim(redelivered: false), claimed)
        let running = harness.submit(0, "wait")
        try await harness.gate.began.first(running)
        let waiting = harness.submit(1, "wait")
        harness.control(.drain)
        try await harness.announcements.first { $0.state == .draining && $0.running == [running] }
        for attempt in [waiting, claimed] {
            try await harness.broker.settled.first { $0 == .init(id: attempt, how: .requeue) }
        }
        harness.gate.open(running)
        #expect(try await harness.outcome(running) == .completed(result: .null))
        try await served
        try await harness.acknowledged(running)
        try await harness.announcements.first { $0.state == .stopped && $0.running.isEmpty }
        #expect(harness.gate.began.all == [running])
    }

    @Test func whatOutlivesTheTimeoutIsCancelledAndGivenBack() async throws {
        let harness = try Harness(WorkerConfiguration(slots: 4))
        defer { harness.broker.clear() }
        try await harness.listen(welcomes: [])
        async let served: Void = harness.worker.serve()
        try await harness.announcements.first { $0.state == .running }
        let attempts = [harness.submit(0, "wait"), harness.submit(1, "stubborn")]
        try await harness.gate.began.wait(for: 2)
        harness.worker.drain()
        try await harness.announcements.first { $0.state == .draining }
        harness.clock.advance(by: .seconds(30))
        try await harness.broker.settled.first { $0 == .init(id: attempts[0], how: .requeue) }
        harness.clock.advance(by: .seconds(10))
        try await served
        try await harness.broker.settled.first { $0 == .init(id: attempts[1], how: .requeue) }
        #expect(!harness.reports.all.contains { $0.content.isOutcome })
        harness.gate.open("*")
    }

    @Test func cancellingStopsAtOnce() async throws {
        let harness = try Harness(WorkerConfiguration(slots: 1))
        defer { harness.broker.clear() }
        try await harness.listen(welcomes: [])
        let served = Task { try await harness.worker.serve() }
        try await harness.announcements.first { $0.state == .running }
        let running = harness.submit(0, "wait")
        try await harness.gate.began.first(running)
        served.cancel()
        try await served.value
        try await harness.gate.ended.first(running)
        #expect(!harness.reports.all.contains { $0.content.isOutcome })
    }

    @Test("all who wait for the worker's end hear of it: the one who stops it, and the one who runs it")
    func everyWaiterIsWoken() async throws {
        let harness = try Harness(WorkerConfiguration(slots: 1))
        defer { harness.broker.clear() }
        try await harness.listen(welcomes: [])
        async let served: Void = harness.worker.serve()
        try await harness.announcements.first { $0.state == .running }
        let running = harness.submit(0, "stubborn")
        try await harness.gate.began.first(running)
        async let stopped: Void = harness.worker.core.stopNow()
        try await harness.announcements.first { $0.state == .draining }
        harness.gate.open(running)
        await stopped
        try await served
        #expect(harness.gate.ended.all == [running])
    }

    @Test func twoWorkersDiffer() throws {
        let broker = ScriptedBroker()
        let first = try Worker(configuration: WorkerConfiguration(), broker: broker)
        let second = try Worker(configuration: WorkerConfiguration(), broker: broker)
        #expect(first.id != second.id)
    }
}
