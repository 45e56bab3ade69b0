import BatonModel
import Testing

@testable import BatonWire

@Suite("Golden messages", .timeLimit(.minutes(1)))
struct GoldenTests {
    private static let run: RunID = "01K9Z0EXAMPLERUN"
    private static let attempt = AttemptID(run: run, task: 3, number: 2)
    private static let worker: WorkerID = "host-17-2k9f"
    private static let controlID = "7f0c1c9e-5d0e-4f5c-9a77-3f5f0b1e9d21"

    // MARK: Encoding

    @Test("our task messages are the golden ones")
    func tasks() throws {
        var full = TaskMessage(
            attempt: Self.attempt, task: "charge", handler: "payments.charge", correlationID: "cart-7", priority: .high, replyTo: "0",
            maxAttempts: 5, owner: "user123", deadline: Timestamp(milliseconds: 1_764_000_600_000), heartbeat: .seconds(10),
            timeout: .seconds(30), needsClaim: true, sentAt: Timestamp(milliseconds: 1_764_000_000_000),
            body: .init(
                inputs: JSON(["orderId": 42, "quote": ["total": 19.5]]), params: JSON(["region": "eu"]), checkpoint: JSON(["page": 7]),
                feedback: JSON("the total is missing"),
                retry: JSON(["delayMs": 1200, "error": ["type": "timeout", "message": "attempt timed out after 30s"]]),
                missing: JSON(["stock": ["status": "failed", "error": ["type": "soldOut", "message": "none left"]]])))
        full.round = 3
        full.trace = TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", tracestate: "vendor=1")
        try check("task", full.message)
        #expect(try Golden.document(TaskMessage(Golden("task").message).message) == Golden("task").bare)

        let smallest = TaskMessage(
            attempt: AttemptID(run: Self.run, task: 3, number: 1), task: "charge", handler: "core.echo",
            correlationID: Self.run.rawValue, priority: .normal, replyTo: "0", maxAttempts: 1,
            sentAt: Timestamp(milliseconds: 1_764_000_000_000), body: .init(inputs: JSON(["orderId": 42])))
        try check("task-smallest", smallest.message)
        #expect(try TaskMessage(Golden("task-smallest").message) == smallest)

        let hook = TaskMessage(
            attempt: AttemptID(run: Self.run, task: 9, number: 1), task: "charge.onFailed", handler: "payments.charge",
            correlationID: "cart-7", priority: .normal, replyTo: "0", maxAttempts: 3, hook: .onFailed,
            sentAt: Timestamp(milliseconds: 1_764_000_000_000),
            body: .init(
                inputs: JSON([
                    "task": "charge", "inputs": ["orderId": 42], "error": ["type": "cardDeclined", "message": "the card was declined"],
                ])))
        try check("task-hook", hook.message)
        #expect(try TaskMessage(Golden("task-hook").message) == hook)
    }

    private static let reports: [(name: String, content: Report.Content, isPersistent: Bool)] = [
        ("started", .started, false), ("completed", .completed(result: JSON(["receipt": "r-1"])), true),
        (
            "completion",
            .completed(
                result: JSON(["receipt": "r-1"]),
                dispatch: [
                    JSON(["handler": "mail.send", "inputs": ["receipt": "r-1"]]), JSON(["handler": "audit.write", "id": "audit", "priority": 3]),
                ]), true
        ),
        (
            "failed",
            .failed(
                TaskError(
                    type: "cardDeclined", message: "the card was declined", retryable: false, retryAfterMs: 60_000,
                    details: JSON(["code": 51]))), true
        ),
        ("cancelled", .cancelled(message: "the customer changed their mind"), true),
        ("progress", .progress(.init(fraction: 0.25, message: "a quarter", checkpoint: JSON(["page": 7]))), true),
        ("heartbeat", .heartbeat, false), ("lease", .lease, false), ("claim", .claim(redelivered: true), false),
        (
            "log",
            .log(
                JSON([
                    ["at": "2025-11-24T16:00:01.234Z", "level": "info", "message": "the bank answers", "data": ["ms": 31]], "a bare line",
                ])), false
        ),
    ]

    @Test("our reports are the golden ones, and are read from them", arguments: reports.indices)
    func reporting(index: Int) throws {
        let (name, content, isPersistent) = Self.reports[index]
        let report = Report(content, of: Self.attempt, by: Self.worker, startedAt: Timestamp(milliseconds: 1_764_000_001_234))
        var message = report.message(task: "charge")
        // Of what nothing depends on, a worker needn't have the broker keep a copy; and a claim says where its answer goes.
        message.isPersistent = isPersistent
        if name == "claim" { message.replyTo = Topology().controlQueue(Self.worker).name }
        try check(name, message)
        #expect(try Report(Golden(name).message) == report)
    }

    @Test("the smallest report is read")
    func smallestReport() throws {
        let report = try Report(Golden("completed-smallest").message)
        #expect(report == Report(.completed(result: JSON(["receipt": "r-1"])), of: Self.attempt))
    }

    @Test("our workers' own messages are the golden ones, and are read from them")
    func workers() throws {
        let announcement = WorkerAnnouncement(
            worker: Self.worker, state: .starting, handlers: [.init(name: "payments.charge", hooks: ["onFailed"])], queues: ["default"],
            slots: 8, tags: ["gpu"], running: [Self.attempt.description], controlQueue: Topology().controlQueue(Self.worker).name,
            host: "host", startedAt: Timestamp(milliseconds: 1_764_000_000_000))
        for (name, message) in [
            ("worker", WorkerMessage.announcement(announcement)), ("seen", .seen(controlID: Self.controlID, worker: Self.worker)),
        ] {
            try check(name, message.message)
            #expect(try WorkerMessage.read(Golden(name).message) == message)
        }
    }

    @Test("our control messages are the golden ones, and are read from them")
    func control() throws {
        let attempt = Self.attempt.description
        let controls: [(String, Control, String?)] = [
            ("cancel", .cancel(attempts: [attempt], reason: "the customer changed their mind"), Self.controlID),
            ("leased", .leased(attempts: [attempt]), nil),
            ("claimed", .claimed(granted: [attempt], refused: ["\(Self.run).4.1"]), nil),
            ("welcome", .welcome(cancelled: [attempt]), nil), ("announce", .announce, nil), ("drain", .drain, nil),
        ]
        for (name, control, id) in controls {
            try check(name, control.message(id: id))
            #expect(try Control.read(Golden(name).message) == control)
        }
    }

    @Test("the golden submissions are read")
    func submissions() throws {
        let graph = try Submission(Golden("graph").message)
        #expect(graph.graph.name == "order")
        #expect(graph.graph.tasks.map(\.id) == ["validate", "charge"])
        #expect(graph.graph.key == "order-42")
        #expect(graph.wantsResult)
        #expect(graph.replyTo == "answers")
        let task = try Submission(Golden("single-task").message)
        #expect(task.isSingleTask)
        #expect(task.graph.tasks.map(\.handler) == ["orders.validate"])
        #expect(task.graph.tasks.map(\.priority) == [.high])
        #expect(task.graph.tasks[0].inputs == JSON(["orderId": 42]))
    }

    @Test("the golden parked message is one that we refuse, with the reason that it names")
    func parked() throws {
        let golden = try Golden("parked").message
        let error = #expect(throws: WireError.self) { try TaskMessage(golden) }
        #expect(error?.description == golden.headers.string(HeaderName.parkedReason))
    }

    @Test("our events are the golden one")
    func events() throws {
        let event = EventMessage(
            EventView(
                id: 17, run: Self.run, at: Timestamp(milliseconds: 1_764_000_001_234), type: .taskFailed, task: "charge", attempt: 2,
                data: JSON(["error": ["type": "cardDeclined", "message": "the card was declined"]])),
            name: "order", handler: "payments.charge", correlationID: "cart-7", owner: "user123",
            trace: TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", tracestate: "vendor=1"))
        try check("event", event.message)
        #expect(try Golden("event").document["routingKey"] == .string(event.routingKey))
    }

    @Test("the golden addresses are those of the topology")
    func addresses() throws {
        let topology = Topology()
        let known = Set(topology.exchanges.map(\.name) + [""])
        for name in Golden.names {
            let golden = try Golden(name)
            let exchange = try #require(golden.document["exchange"]?.string)
            #expect(known.contains(exchange), "\(name)")
        }
        #expect(try Golden("task").document["routingKey"] == .string(topology.tasksKey("default", .high)))
        #expect(try Golden("completed").document["routingKey"] == .string(topology.reportsKey(0)))
        #expect(try Golden("leased").document["routingKey"] == .string(topology.controlQueue(Self.worker).name))
    }

    // MARK: Schemas

    @Test("each golden message fits the schemas, and each message of the schemas has a golden one")
    func schemas() throws {
        let schemas = try WireSchemas()
        for name in Golden.names {
            let golden = try Golden(name)
            for (part, field) in [("headers", "headers"), ("x-amqp-properties", "properties"), ("payload", "body")] {
                guard let value = golden.document[field] else { continue }
                let violations = try schemas.violations(value, of: golden.kind, part)
                #expect(violations.isEmpty, "\(name)'s \(field): \(violations)")
            }
        }
        #expect(try Set(Golden.names.map { try Golden($0).kind }) == Set(schemas.messages))
    }

    private static let wrong: [(message: String, part: String, value: JSONValue)] = [
        ("task", "headers", ["baton-protocol": 2]), ("task", "x-amqp-properties", ["type": "task"]),
        ("completed", "x-amqp-properties", ["type": "completed", "correlation_id": "x", "delivery_mode": 2]),
        ("completed", "x-amqp-properties", ["type": "completed", "correlation_id": "a.0.1", "delivery_mode": 1]),
        ("failed", "payload", ["type": "t"]), ("progress", "payload", ["fraction": 2]), ("heartbeat", "payload", [:]),
        ("claim", "headers", ["baton-run": "r"]), ("worker", "payload", ["worker": "w"]), ("cancel", "payload", ["attempts": ["x"]]),
        ("single-task", "headers", [:]), ("graph", "payload", ["name": "g", "tasks": []]),
    ]

    @Test("the schemas turn down what is wrong", arguments: wrong.indices)
    func refusals(index: Int) throws {
        let (message, part, value) = Self.wrong[index]
        #expect(try !WireSchemas().violations(value, of: message, part).isEmpty)
    }

    private func check(_ name: String, _ message: Message) throws {
        #expect(try Golden.document(message) == Golden(name).bare, "\(name)")
    }
}
