import BatonModel
import Testing

@testable import BatonWire

@Suite("Task messages", .timeLimit(.minutes(1)))
struct TaskMessageTests {
    static let attempt = AttemptID(run: "01run", task: 3, number: 2)

    static func full() throws -> TaskMessage {
        var task = TaskMessage(
            attempt: attempt, task: "charge", handler: "payments.charge", correlationID: "cart-7", priority: .high, replyTo: "0",
            maxAttempts: 5, owner: "user123", deadline: Timestamp(milliseconds: 1_800_000_000_123), heartbeat: .seconds(10),
            timeout: .milliseconds(1500), needsClaim: true, hook: .onFailed, sentAt: Timestamp(milliseconds: 1_764_000_000_000),
            body: .init(
                inputs: try JSON(parsing: #"{"orderId":42}"#), params: JSON(["region": "eu"]), checkpoint: JSON(5), feedback: JSON("again"),
                retry: JSON(["delayMs": 10]), missing: JSON(["quote": ["status": "failed"]])))
        task.trace = TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "x=y")
        return task
    }

    static let plain = TaskMessage(
        attempt: attempt, task: "charge", handler: "h", correlationID: "c", priority: .normal, replyTo: "0", maxAttempts: 1,
        sentAt: Timestamp(milliseconds: 1_764_000_000_000))

    @Test("a task message reads back as it was")
    func roundTrip() throws {
        #expect(try TaskMessage(Self.full().message) == Self.full())
        #expect(try TaskMessage(Self.plain.message) == Self.plain)
    }

    @Test("properties and headers are those of the protocol")
    func layout() throws {
        let message = try Self.full().message
        #expect(message.type == "task")
        #expect(message.messageID == "01run.3.2")
        #expect(message.correlationID == "cart-7")
        #expect(message.contentType == "application/json")
        #expect(message.isPersistent)
        #expect(message.priority == 1)
        #expect(message.timestamp == 1_764_000_000)
        #expect(message.replyTo == "0")
        #expect(message.appID == "baton")
        let expected: [String: Headers.Value] = [
            "baton-protocol": .integer(1), "baton-run": .string("01run"), "baton-task": .string("charge"),
            "baton-handler": .string("payments.charge"), "baton-attempt": .integer(2), "baton-max-attempts": .integer(5),
            "baton-owner": .string("user123"), "baton-deadline": .integer(1_800_000_000_123), "baton-heartbeat": .integer(10_000),
            "baton-timeout": .integer(1500), "baton-claim": .bool(true), "baton-hook": .string("onFailed"),
            "traceparent": .string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), "tracestate": .string("x=y"),
        ]
        #expect(Dictionary(uniqueKeysWithValues: message.headers.fields.map { ($0.name, $0.value) }) == expected)
        #expect(
            Self.plain.message.headers.fields.map(\.name) == [
                "baton-protocol", "baton-run", "baton-task", "baton-handler", "baton-attempt", "baton-max-attempts",
            ])
    }

    @Test("A6: parts of the body stay apart, and absent ones are left out")
    func body() throws {
        #expect(Self.plain.message.body == Array("{}".utf8))
        #expect(TaskMessage.Body(inputs: .null).bytes == Array(#"{"inputs":null}"#.utf8))
        let text = #"{"inputs":{"orderId":42},"params":{"region":"eu"},"checkpoint":5,"feedback":"again","retry":{"delayMs":10},"missing":{"quote":{"status":"failed"}}}"#
        #expect(try Self.full().message.body == Array(text.utf8))
        #expect(try TaskMessage.Body([]) == TaskMessage.Body())
        #expect(try TaskMessage.Body(Array(#" {"params": [ 1 ], "later": {}} "#.utf8)) == TaskMessage.Body(params: JSON([1])))
        for garbage in ["[]", "x", "{", "{} {}", "null"] {
            #expect(throws: WireError.self) { try TaskMessage.Body(Array(garbage.utf8)) }
        }
    }

    @Test("a payload as deep as is accepted alone can be read inside a message, with a dependency's name around it")
    func deepPayload() throws {
        let deep = String(repeating: "[", count: JSON.deepest) + String(repeating: "]", count: JSON.deepest)
        var task = Self.plain
        var inputs = JSONWriter()
        inputs.object { $0.field("dependency", try? JSON(parsing: deep)) }
        task.body.inputs = inputs.json
        #expect(try TaskMessage(task.message) == task)
    }

    @Test("headers that aren't known are ignored")
    func unknownHeaders() throws {
        var message = Self.plain.message
        message.headers["x-death"] = .other("…")
        message.headers["baton-later"] = .integer(9)
        #expect(try TaskMessage(message) == Self.plain)
    }

    @Test("a higher protocol is refused, also as text; a lower or absent one is read")
    func version() throws {
        for value in [Headers.Value.integer(2), .string("2"), .integer(.max)] {
            var message = Self.plain.message
            message.headers["baton-protocol"] = value
            let error = #expect(throws: WireError.self) { try TaskMessage(message) }
            #expect(error?.description.contains("protocol") == true)
        }
        for value in [nil, Headers.Value.integer(0), .string("x")] {
            var message = Self.plain.message
            message.headers["baton-protocol"] = value
            #expect(try TaskMessage(message) == Self.plain)
        }
    }

    @Test("D4: a task that dispatched itself again says which time it runs; the first time says nothing")
    func round() throws {
        for round in [1, 2, 7, TaskMessage.lastRound] {
            var task = Self.plain
            task.round = round
            #expect(try TaskMessage(task.message) == task)
            #expect(task.message.headers["baton-round"] == (round == 1 ? nil : .integer(Int64(round))))
        }
    }

    @Test("D4: an absurd round is read as the nearest that can be", arguments: [
        (nil, 1), (Headers.Value.integer(0), 1), (.integer(-5), 1), (.integer(.min), 1), (.integer(.max), TaskMessage.lastRound), (.string("3"), 3),
        (.string("third"), 1), (.other("…"), 1),
    ])
    func absurdRound(value: Headers.Value?, round: Int) throws {
        var message = Self.plain.message
        message.headers["baton-round"] = value
        #expect(try TaskMessage(message).round == round)
    }

    @Test("what a worker can't do without is asked for")
    func missing() {
        let changes: [(inout Message) -> Void] = [
            { $0.type = nil }, { $0.type = "graph" }, { $0.messageID = nil }, { $0.messageID = "x" }, { $0.replyTo = nil },
            { $0.headers["baton-handler"] = nil },
        ]
        for change in changes {
            var message = Self.plain.message
            change(&message)
            #expect(throws: WireError.self) { try TaskMessage(message) }
        }
    }

    @Test("absurd headers and properties don't crash")
    func absurd() throws {
        var message = Self.plain.message
        message.priority = 200
        message.timestamp = .max
        for name in ["baton-deadline", "baton-heartbeat", "baton-timeout", "baton-max-attempts"] { message.headers[name] = .integer(.max) }
        let task = try TaskMessage(message)
        #expect(task.priority == .normal)
        #expect(task.deadline == Timestamp(milliseconds: .max))
        _ = task.message
    }

    @Test("headers are found, changed and removed by name, and read from text where a client has nothing else")
    func headers() {
        var headers: Headers = ["a": .integer(1), "b": .string("true"), "c": .string("7")]
        #expect(headers.string("a") == "1")
        #expect(headers.bool("b") == true)
        #expect(headers.integer("c") == 7)
        #expect(headers.integer("b") == nil)
        #expect(headers.bool("a") == true)
        headers["a"] = nil
        headers["b"] = .bool(false)
        headers["d"] = .other("x")
        headers["e"] = nil
        #expect(headers.fields.map(\.name) == ["b", "c", "d"])
        #expect(headers.bool("b") == false)
        #expect(headers.string("d") == "x")
    }
}
