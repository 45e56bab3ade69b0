import BatonBroker
import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite("Tasks for Celery's workers", .timeLimit(.minutes(1)))
struct CeleryTests {
    private static let add: JSONValue = ["task": "tasks.add", "args": [2, 3], "kwargs": ["x": "ü"], "queue": "theirs"]

    /// Somebody else's worker, as far as the broker goes.
    private struct Peer {
        let harness: Harness
        let link: any BrokerLink
        let calls = Journal<Delivery>()
        let commands = Journal<Message>()

        init(_ harness: Harness) async throws {
            self.harness = harness
            link = harness.broker.link("celery")
            let control = Exchange(name: CeleryCall.control, kind: .fanout)
            let box = Queue(name: "box", kind: .exclusive, bindings: [Binding(control, "")])
            try await link.declare(exchanges: [control], queues: [Queue(name: "theirs", kind: .adopted, bindings: []), box])
            let (calls, commands) = (calls, commands)
            _ = try await link.consume(queue: "theirs", prefetch: 10) { calls.append($0) }
            _ = try await link.consume(queue: "box", prefetch: 10) { commands.append($0.message) }
        }

        func answer(_ call: Delivery, _ outcome: CeleryResult.Outcome) async throws {
            let message = CeleryResult(task: try #require(call.message.correlationID), outcome).message(at: .now)
            try await answer(call, message)
        }

        func answer(_ call: Delivery, _ message: Message) async throws {
            let replyTo = try #require(call.message.replyTo)
            try await link.publish(Publication(exchange: "", routingKey: replyTo, message: message))
        }
    }

    @Test("the result of the Celery task is the task's; states on the way are not")
    func result() async throws {
        try await withWorker { harness in
            let peer = try await Peer(harness)
            let attempt = harness.submit(0, "core.celery", Self.add, priority: .high) { $0.timeout = .seconds(30) }
            let call = try await peer.calls.first()
            let task = try CeleryTask(call.message)
            #expect(task.id == attempt && task.handler == "tasks.add" && task.inputs.value == ["args": [2, 3], "x": "ü"])
            #expect(task.priority == .high && task.timeLimit == .seconds(30) && task.expires != nil)
            try await peer.answer(call, .pending(status: "STARTED"))
            try await peer.answer(call, .success(JSON(5)))
            #expect(try await harness.outcome(attempt) == .completed(result: JSON(5)))
        }
    }

    @Test("an exception there is an error of its type here; what was revoked is not tried again; an unreadable result is told")
    func failures() async throws {
        try await withWorker { harness in
            let peer = try await Peer(harness)
            let attempts = (0..<3).map { harness.submit($0, "core.celery", Self.add) }
            let calls = try await peer.calls.wait(for: 3)
            func call(_ id: String) throws -> Delivery { try #require(calls.first { $0.message.correlationID == id }) }
            try await peer.answer(call(attempts[0]), .failure(CeleryException(type: "KeyError", message: "a", module: "builtins")))
            try await peer.answer(call(attempts[1]), .revoked(.revoked("expired")))
            try await peer.answer(
                call(attempts[2]), Message(correlationID: attempts[2], contentType: "application/x-python-serialize", body: [128]))
            let failed = try await harness.failure(attempts[0])
            #expect(failed.type == "KeyError" && failed.message == "a" && failed.retryable == nil)
            #expect(try await harness.failure(attempts[1]).retryable == false)
            let unreadable = try await harness.failure(attempts[2])
            #expect(unreadable.message.contains("result_serializer") && unreadable.retryable == false)
        }
    }

    @Test("a queue that isn't there, and inputs that make no call, are told by name")
    func refused() async throws {
        try await withWorker { harness in
            #expect(try await harness.failure(harness.submit(0, "core.celery", Self.add)).type == "celeryQueueMissing")
            let wrong: [(JSONValue, String)] = [
                ([:], "task"), (["task": 1], "task"), (["task": "t", "args": [:]], "args"), (["task": "t", "kwargs": []], "kwargs"),
                (["task": "t", "queue": ""], "queue"), (["task": "t", "wait": 1], "wait"), (["task": "t", "terminate": "no"], "terminate"),
            ]
            for (index, (inputs, name)) in wrong.enumerated() {
                let error = try await harness.failure(harness.submit(index + 1, "core.celery", inputs))
                #expect(error.type == "invalidInputs" && error.message.hasPrefix("\(name):"), "\(error)")
            }
        }
    }

    @Test("parameters can give what the inputs don't, and nobody waits who doesn't want to")
    func parameters() async throws {
        try await withWorker { harness in
            let peer = try await Peer(harness)
            let attempt = harness.submit(0, "core.celery", ["task": "t", "other": 1]) {
                $0.body.params = JSON(["queue": "theirs", "task": "another", "wait": false, "kwargs": nil])
            }
            #expect(try await harness.outcome(attempt) == .completed(result: JSON(["id": .string(attempt)])))
            let call = try await peer.calls.first()
            #expect(call.message.replyTo == nil && call.message.headers.string("task") == "t")
            #expect(call.message.headers.bool("ignore_result") == true)
        }
    }

    @Test("a cancel is told to all Celery workers, and a result that comes later is dropped")
    func cancel() async throws {
        try await withWorker { harness in
            let peer = try await Peer(harness)
            let attempt = harness.submit(0, "core.celery", Self.add)
            let call = try await peer.calls.first()
            harness.control(.cancel(attempts: [attempt], reason: "no longer wanted"))
            #expect(try await harness.outcome(attempt) == .cancelled(message: "no longer wanted"))
            let command = try JSON(parsing: try await peer.commands.first().body).value
            #expect(command["method"] == "revoke")
            #expect(command["arguments"]?["task_id"] == .string(attempt))
            #expect(command["arguments"]?["terminate"] == false)
            try await peer.answer(call, .success(JSON(5)))
            let next = harness.submit(1, "core.celery", Self.add)
            try await peer.answer(peer.calls.wait(for: 2)[1], .success(JSON(6)))
            #expect(try await harness.outcome(next) == .completed(result: JSON(6)))
        }
    }
}
