import BatonBroker
import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWire
import Testing

/// Producers that don't know Baton.
@Suite(.timeLimit(.minutes(1)))
struct ForeignProducerTests {
    /// Something that speaks AMQP beside the cluster, with a queue for answers and a view of what is parked.
    private struct Producer {
        let link: any BrokerLink
        let replies = Journal<Message>()
        let parked = Journal<Message>()

        func send(_ message: Message, to queue: String) async throws {
            try await link.publish(Publication(exchange: "", routingKey: queue, message: message))
        }

        func result(_ task: String, _ number: Int = 1) async throws -> JSONValue {
            let found = try await replies.wait(for: number) { $0.correlationID == task }
            #expect(found[number - 1].contentType == "application/json")
            return try JSON(parsing: found[number - 1].body).value
        }

        var reasons: [String] { parked.all.compactMap { $0.headers.string(HeaderName.parkedReason) } }
    }

    private static func with(
        workers: Int = 1, clock: TestClock? = nil, _ body: (TestCluster, Producer) async throws -> Void
    ) async throws {
        var settings = TestClusterSettings()
        settings.workers = workers
        settings.clock = clock
        settings.coordinator.celeryQueues = [CeleryQueue("shop"), CeleryQueue("reports", queue: "slow")]
        try await withCluster(settings) { cluster in
            cluster.register("work", .echoing)
            try await cluster.startWorkers()
            try await ScriptedWorker.with(cluster, takes: false) { peer in
                let producer = Producer(link: peer.link)
                let (replies, parked) = (producer.replies, producer.parked)
                let queues = ["shop", "reports"].map { Queue(name: $0, kind: .adopted, bindings: []) }
                try await peer.link.declare(exchanges: [], queues: queues + [Queue(name: "replies", kind: .exclusive, bindings: [])])
                _ = try await peer.link.consume(queue: "replies", prefetch: 10) { replies.append($0.message); $0.acknowledge() }
                _ = try await peer.link.consume(queue: "baton.parking", prefetch: 10) { parked.append($0.message); $0.acknowledge() }
                try await body(cluster, producer)
            }
        }
    }

    private static func celery(
        _ id: String, _ handler: String = "work", _ body: String = #"[[], {"n": 1}, {}]"#, _ change: (inout Message) -> Void = { _ in }
    ) -> Message {
        var message = Message(
            correlationID: id, replyTo: "replies", contentType: "application/json",
            headers: ["task": .string(handler), "id": .string(id), "timelimit": .array([.null, .null])], body: Array(body.utf8),
            contentEncoding: "utf-8")
        change(&message)
        return message
    }

    @Test("a Celery task runs, and its result goes where Celery looks for it")
    func result() async throws {
        try await Self.with { cluster, producer in
            try await producer.send(Self.celery("c-1"), to: "shop")
            let result = try await producer.result("c-1")
            #expect(result["status"] == "SUCCESS" && result["task_id"] == "c-1" && result["result"] == ["n": 1])
            #expect(result["children"] == [] && result["traceback"] == .null)
            let call = try await cluster.waitForCalls(of: "work")[0]
            #expect(try await cluster.run(call.run).correlationId == "c-1")
        }
    }

    @Test("a failure has the error's type and message, a limit in time and a cancel have Celery's own")
    func failures() async throws {
        try await Self.with { cluster, producer in
            cluster.register("decline", .failing(with: TaskError(type: "payments.declined", message: "no funds", retryable: false)))
            cluster.register("hang", .hanging)
            try await producer.send(Self.celery("declined", "decline"), to: "shop")
            #expect(
                try await producer.result("declined")["result"]
                    == ["exc_type": "payments.declined", "exc_message": ["no funds"], "exc_module": nil])
            try await producer.send(
                Self.celery("slow", "hang") { $0.headers["timelimit"] = .array([.integer(30), .number(0.5)]) }, to: "shop")
            let slow = try await producer.result("slow")
            #expect(slow["status"] == "FAILURE" && slow["result"]?["exc_type"] == "TimeLimitExceeded")
            #expect(cluster.calls(of: "hang").count == 1)
            try await producer.send(Self.celery("unwanted", "hang"), to: "shop")
            let run = try await cluster.waitForCalls(of: "hang", count: 2)[1].run
            _ = try await cluster.coordinator.cancel(run: run, reason: "no longer wanted")
            let cancelled = try await producer.result("unwanted")
            #expect(cancelled["status"] == "REVOKED" && cancelled["result"]?["exc_message"] == ["no longer wanted"])
            #expect(producer.reasons.isEmpty)
        }
    }

    @Test("one id is one run, however often its message comes; another content under it is refused")
    func twice() async throws {
        try await Self.with { cluster, producer in
            for _ in 0..<2 { try await producer.send(Self.celery("same"), to: "shop") }
            _ = try await producer.result("same")
            try await producer.send(Self.celery("same", "work", "[[7], {}, {}]"), to: "shop")
            let refused = try await producer.result("same", 2)
            #expect(refused["status"] == "FAILURE" && refused["result"]?["exc_type"] == "InvalidTaskError")
            #expect(cluster.calls(of: "work").count == 1)
        }
    }

    @Test("what has expired is revoked and never runs, whether it came too late or waited too long")
    func expiry() async throws {
        let clock = TestClock()
        try await Self.with(workers: 0, clock: clock) { cluster, producer in
            let past = Self.celery("past") { $0.headers["expires"] = .string((clock.now + .seconds(-1)).description) }
            try await producer.send(past, to: "shop")
            #expect(try await producer.result("past")["status"] == "REVOKED")
            try await producer.send(
                Self.celery("waits") {
                    $0.headers["eta"] = .string((clock.now + .seconds(60)).description)
                    $0.headers["expires"] = .string((clock.now + .seconds(90)).description)
                }, to: "reports")
            // Accepted before it expires: a double that comes later changes nothing.
            try await producer.send(Self.celery("mark", "none"), to: "reports")
            try await cluster.accepted(2)
            try await cluster.advance(by: .seconds(59))
            try await cluster.advance(by: .seconds(2))
            #expect(producer.replies.all.count == 1)
            try await cluster.advance(by: .seconds(40))
            let result = try await producer.result("waits")
            #expect(result["status"] == "REVOKED" && result["result"]?["exc_type"] == "TaskRevokedError")
            #expect(producer.reasons.isEmpty)
        }
    }

    @Test("a message that comes again after its task has expired doesn't revoke what was accepted in time")
    func lateDouble() async throws {
        let clock = TestClock()
        try await Self.with(clock: clock) { cluster, producer in
            let message = Self.celery("once") { $0.headers["expires"] = .string((clock.now + .seconds(90)).description) }
            try await producer.send(message, to: "shop")
            #expect(try await producer.result("once")["status"] == "SUCCESS")
            try await cluster.advance(by: .seconds(100))
            try await producer.send(message, to: "shop")
            try await producer.send(Self.celery("mark"), to: "shop")
            _ = try await producer.result("mark")
            #expect(producer.replies.all.count { $0.correlationID == "once" } == 1)
        }
    }

    @Test("queue, priority and attempts come from the message")
    func settings() async throws {
        try await Self.with(workers: 0) { cluster, producer in
            try await producer.send(
                Self.celery("set") { $0.priority = 8; $0.headers["retries"] = .integer(2) }, to: "reports")
            try await cluster.accepted(1)
            let run = try #require(try await cluster.coordinator.runs(RunFilter(), limit: 100, cursor: nil).items.first)
            let task = try await cluster.task("task", of: run.id)
            #expect(task.queue == "slow" && task.priority == .urgent && task.maxAttempts == 1)
            #expect(run.correlationId == "set" && run.name == "work")
        }
    }

    @Test("what Baton can't do is parked with the reason, and those who wait hear of it")
    func refused() async throws {
        try await Self.with(workers: 0) { _, producer in
            let chain = #"[[], {}, {"chain": [{"options": {"task_id": "next", "reply_to": "replies"}}]}]"#
            try await producer.send(Self.celery("head", "work", chain), to: "shop")
            try await producer.send(Self.celery("pickled") { $0.contentType = "application/x-python-serialize" }, to: "shop")
            try await producer.send(Self.celery("quiet", "a b") { $0.headers["ignore_result"] = .bool(true) }, to: "shop")
            try await producer.send(Message(body: [1, 2, 3]), to: "shop")
            for replyTo in ["baton.reports.0", "baton-reply.someone.x"] {
                try await producer.send(Self.celery("astray") { $0.replyTo = replyTo }, to: "shop")
            }
            for task in ["head", "next", "pickled"] {
                let result = try await producer.result(task)
                #expect(result["status"] == "FAILURE" && result["result"]?["exc_type"] == "InvalidTaskError")
            }
            let parked = try await producer.parked.wait(for: 6)
            #expect(parked.allSatisfy { $0.headers.string(HeaderName.parkedFrom) == "shop" })
            for word in ["chain", "pickle", "handler", "protocol 2", "reply_to"] { #expect(producer.reasons.contains { $0.contains(word) }, "\(word)") }
            #expect(parked[0].headers["timelimit"] == .array([.null, .null]))
            #expect(producer.replies.all.count == 3)
        }
    }

    @Test("a CloudEvent runs as a task once, and is answered as other submissions are")
    func cloudEvent() async throws {
        try await Self.with { cluster, producer in
            var event = Message(
                correlationID: "mine", replyTo: "replies", contentType: "application/cloudevents+json",
                headers: [HeaderName.reply: .string("result")],
                body: Array(#"{"specversion":"1.0","id":"1","source":"/shop","type":"work","subject":"cart-7","data":{"n":1}}"#.utf8))
            for _ in 0..<2 { try await producer.link.publish(Publication(exchange: "baton.submit", routingKey: "-.x", message: event)) }
            let outcome = try await producer.replies.first { $0.type == "completed" }
            #expect(outcome.correlationID == "mine")
            #expect(try JSON(parsing: outcome.body).value["result"] == ["n": 1])
            try await producer.replies.wait(for: 2) { $0.type == "accepted" }
            let call = try await cluster.waitForCalls(of: "work")[0]
            #expect(try await cluster.run(call.run).correlationId == "cart-7")
            event.contentType = "application/cloudevents-batch+json"
            try await producer.link.publish(Publication(exchange: "baton.submit", routingKey: "-.x", message: event))
            try await producer.replies.first { $0.type == "rejected" }
            #expect(try await producer.parked.first().headers.string(HeaderName.parkedReason)?.contains("batch") == true)
            #expect(cluster.calls(of: "work").count == 1)
        }
    }
}

extension TestCluster {
    /// Returns once there are so many runs.
    fileprivate func accepted(_ count: Int) async throws {
        while try await coordinator.runs(RunFilter(), limit: 100, cursor: nil).items.count < count { try await coordinator.tick() }
    }
}
