import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite("Rescheduling", .timeLimit(.minutes(1)))
struct RescheduleTests {
    /// - Parameter round: what the message says; `nil` where it says nothing.
    private func submit(_ round: Int64?, task: Int = 0, to harness: Harness, _ change: (inout TaskMessage) -> Void = { _ in }) -> String {
        var message = TaskMessage(
            attempt: AttemptID(run: "run", task: task, number: 1), task: "poll", handler: "poll", correlationID: "c",
            priority: .high, replyTo: "0", maxAttempts: 4, sentAt: Timestamp(milliseconds: 0),
            body: TaskMessage.Body(inputs: JSON(["job": 1]), params: JSON(["region": "eu"])))
        message.timeout = .seconds(30)
        change(&message)
        var wire = message.message
        if let round { wire.headers["baton-round"] = .integer(round) }
        harness.publish(wire, priority: .high)
        return message.attempt.description
    }

    private func withPoll(_ body: @escaping @Sendable (TaskContext) throws -> Void, _ test: (Harness) async throws -> Void) async throws {
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register("poll") { (_: JSON, context: TaskContext) -> Int in
                try body(context)
                return context.round
            }
        }) { (harness: Harness) async throws in try await test(harness) }
    }

    @Test("D4: five rounds 1, 2, 4, 8 and 16 seconds apart count up, and carry neither id nor key")
    func backOff() async throws {
        try await withPoll { try $0.reschedule(after: .seconds(1) * (1 << ($0.round - 1))) } _: { harness in
            for round in 1...5 {
                let attempt = submit(round == 1 ? nil : Int64(round), task: round, to: harness)
                guard case .completed(let result, let dispatch) = try await harness.outcome(attempt) else { throw Harness.Unexpected() }
                #expect(result == JSON(.integer(Int64(round))))
                let expected: JSONValue = [
                    "handler": "poll", "inputs": ["job": 1], "params": ["region": "eu"], "priority": 1,
                    "delay": .string("\(1 << (round - 1))s"), "retry": ["maxAttempts": 4], "timeouts": ["attempt": "30s"],
                    "round": .integer(Int64(round) + 1),
                ]
                #expect(dispatch.map(\.value) == [expected])
            }
        }
    }

    @Test("the next round gets other inputs and params where they are given, and the queue that the task came from")
    func changed() async throws {
        try await withWorker(configure: { $0.queues = ["slow"] }, prepare: { (harness: Harness) async throws in
            harness.worker.register("poll") { (_: JSON, context: TaskContext) -> JSON in
                try context.reschedule(after: .zero, inputs: ["left": 3], params: JSON.null)
                return .null
            }
        }) { (harness: Harness) async throws in
            let message = TaskMessage(
                attempt: AttemptID(run: "run", task: 0, number: 1), task: "poll", handler: "poll", correlationID: "c",
                priority: .normal, replyTo: "0", maxAttempts: 1, sentAt: Timestamp(milliseconds: 0))
            harness.publish(message.message, queue: "slow")
            guard case .completed(_, let dispatch) = try await harness.outcome("run.0.1") else { throw Harness.Unexpected() }
            let expected: JSONValue = [
                "handler": "poll", "inputs": ["left": 3], "queue": "slow", "delay": "0ms", "retry": ["maxAttempts": 1], "round": 2,
            ]
            #expect(dispatch.map(\.value) == [expected])
        }
    }

    @Test("a round has one successor")
    func once() async throws {
        try await withPoll { context in
            try context.reschedule(after: .seconds(1))
            try context.reschedule(after: .seconds(2))
        } _: { harness in
            let error = try await harness.failure(submit(nil, to: harness))
            #expect(error.type == "invalidDispatch")
            #expect(error.message.contains("one successor"))
        }
    }

    @Test("a counter from outside stays within bounds, and odd limits are left out", arguments: [Int64.min, -1, 0, .max])
    func bounds(round: Int64) async throws {
        try await withPoll { try $0.reschedule(after: .zero) } _: { harness in
            let attempt = submit(round, to: harness) {
                $0.timeout = .seconds(5000 * 86_400)
                $0.heartbeat = .zero
                $0.maxAttempts = 0
            }
            guard case .completed(_, let dispatch) = try await harness.outcome(attempt) else { throw Harness.Unexpected() }
            let next = try #require(dispatch.first?.value)
            #expect(next["round"]?.int == (round > 1 ? 1_000_000_000 : 2))
            #expect(next["timeouts"] == nil)
            #expect(next["retry"]?["maxAttempts"]?.int == 1)
        }
    }
}
