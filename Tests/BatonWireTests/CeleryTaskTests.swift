import BatonModel
import Testing

@testable import BatonWire

/// The messages are those that Celery 5.7 with kombu 5.7 sends, as recorded from a broker.
@Suite("Celery's messages", .timeLimit(.minutes(1)))
struct CeleryTaskTests {
    private static let id = "602e6cae-76f9-4926-9c9b-f8bc68c8b282"
    private static let reply = "8e8cfcc2-3f92-34ad-a150-2fbbcb25167f"
    private static let nothing = #"{"callbacks": null, "errbacks": null, "chain": null, "chord": null}"#

    static func message(_ body: String, _ change: (inout Message) -> Void = { _ in }) -> Message {
        var message = Message(
            correlationID: id, replyTo: reply, contentType: "application/json", priority: 0,
            headers: [
                "lang": .string("py"), "task": .string("orders.charge"), "id": .string(id), "shadow": .null, "eta": .null,
                "expires": .null, "group": .null, "group_index": .null, "retries": .integer(0), "timelimit": .array([.null, .null]),
                "root_id": .string(id), "parent_id": .null, "argsrepr": .string("()"), "kwargsrepr": .string("{'orderId': 42}"),
                "origin": .string("gen8714@vm"), "ignore_result": .null, "replaced_task_nesting": .integer(0), "stamped_headers": .null,
                "stamps": .table([]),
            ],
            body: Array(body.utf8), contentEncoding: "utf-8")
        change(&message)
        return message
    }

    private func refusal(_ body: String, _ change: (inout Message) -> Void = { _ in }) -> CeleryRefusal? {
        do throws(CeleryRefusal) { _ = try CeleryTask(Self.message(body, change)) } catch { return error }
        return nil
    }

    @Test("keyword arguments are the inputs; the id is key and correlation id")
    func keywords() throws {
        let task = try CeleryTask(Self.message(#"[[], {"orderId": 42}, \#(Self.nothing)]"#))
        #expect(task.replyTo == Self.reply)
        var expected = TaskSpec(id: "task", handler: "orders.charge", inputs: JSON(["orderId": 42]), queue: "shop")
        expected.retry = .default
        #expect(
            task.graph(queue: "shop", now: .now)
                == Graph(name: "orders.charge", key: "celery:\(Self.id)", correlationID: Self.id, tasks: [expected]))
    }

    @Test("positional arguments are the field args, however few and of whatever kind; numbers and texts stay as they were sent")
    func positional() throws {
        for (body, inputs) in [
            (#"[[1, "\u00fc"], {"x": null}, {}]"#, #"{"args":[1,"\u00fc"],"x":null}"#),
            (#"[[{"a": 1}], {}, null]"#, #"{"args":[{"a":1}]}"#),
            (#"[[], {}, {"callbacks": []}]"#, "{}"),
            (#"[[], {"args": 1}, {}]"#, #"{"args":1}"#),
            (#"[[12345678901234567890.10], {}, {}]"#, #"{"args":[12345678901234567890.10]}"#),
        ] {
            #expect(try CeleryTask(Self.message(body)).inputs == JSON(parsing: inputs))
        }
        #expect(refusal(#"[[1], {"args": 1}, {}]"#)?.reason.contains("kwargs.args") == true)
    }

    @Test("a task with a countdown, limits and a retry keeps them")
    func rules() throws {
        let now = try #require(Timestamp("2026-11-21T14:03:22.734Z"))
        let task = try CeleryTask(
            Self.message("[[], {}, {}]") {
                $0.priority = 9
                $0.headers["eta"] = .string("2026-11-21T14:04:22.734485+00:00")
                $0.headers["expires"] = .string("2026-11-21T14:05:22.734485+00:00")
                $0.headers["timelimit"] = .array([.integer(30), .number(20.5)])
                $0.headers["retries"] = .integer(1)
            })
        #expect(!task.isExpired(now) && task.isExpired(now + .seconds(120)))
        let spec = task.graph(queue: "q", now: now).tasks[0]
        #expect(spec.priority == .urgent)
        #expect(spec.start == .at(now + .seconds(60)))
        #expect(spec.retry?.maxAttempts == 2)
        #expect(spec.timeouts == Timeouts(attempt: .milliseconds(20_500), queued: .seconds(60)))
        // A limit in time ends a task for good, as with Celery.
        #expect(spec.retry?.never == ["timeout"])
    }

    @Test("priorities keep their order, and none is the normal one")
    func priorities() throws {
        func level(_ priority: UInt8?) throws -> Priority { try CeleryTask(Self.message("[[], {}, {}]") { $0.priority = priority }).priority }
        #expect(try level(nil) == .normal)
        let levels = try (UInt8(0)...255).map(level)
        #expect(levels == levels.sorted(by: >))
        #expect(Array(levels.prefix(11)) == [.normal, .normal, .normal, .normal, .high, .high, .high, .urgent, .urgent, .urgent, .urgent])
    }

    @Test("absurd times, limits and counts do no harm")
    func absurd() throws {
        for (name, value) in [
            ("timelimit", Headers.Value.array([.number(.infinity), .number(-.infinity)])), ("timelimit", .array([.number(.nan), .integer(.min)])),
            ("timelimit", .string("x")), ("timelimit", .array([])), ("retries", .integer(.min)), ("retries", .string("many")),
        ] {
            let task = try CeleryTask(Self.message("[[], {}, {}]") { $0.headers[name] = value })
            let spec = task.graph(queue: "q", now: .now).tasks[0]
            #expect(spec.timeouts.attempt == nil && spec.retry?.maxAttempts == 3)
        }
        let far = try CeleryTask(
            Self.message("[[], {}, {}]") {
                $0.headers["expires"] = .string("9999-12-31T23:59:59Z")
                $0.headers["eta"] = .string("0001-01-01T00:00:00")
                $0.headers["timelimit"] = .array([.number(1e300), .null])
                $0.headers["retries"] = .integer(.max)
            })
        let graph = far.graph(queue: "q", now: .now)
        #expect(graph.tasks[0].retry?.maxAttempts == 1)
        #expect(try GraphReader.read(json: graph.document.bytes) == graph)
        for name in ["eta", "expires"] {
            for value in [Headers.Value.string("tomorrow"), .integer(5), .table([])] {
                #expect(refusal("[[], {}, {}]") { $0.headers[name] = value }?.reason.contains(name) == true)
            }
        }
    }

    @Test("what the canvas puts inside a message is refused by name, and all who wait hear of it")
    func canvas() throws {
        let next = "9f8d11a4-d1bd-47e7-8691-a34e72a0af37"
        let part = #"{"task": "c.d", "args": [], "kwargs": {}, "options": {"queue": "rec", "task_id": "\#(next)", "reply_to": "\#(Self.reply)"}, "subtask_type": null, "immutable": false}"#
        for (embed, name) in [
            (#""chain": [\#(part)]"#, "a chain"), (#""callbacks": [\#(part)]"#, "link"), (#""errbacks": [\#(part)]"#, "link_error"),
            (#""chord": \#(part)"#, "a chord"), (#""chain": 7"#, "a chain"),
        ] {
            let found = try #require(refusal("[[1], {}, {\(embed)}]"))
            #expect(found.reason.contains(name))
            #expect(found.replies.first == .init(replyTo: Self.reply, task: Self.id))
            let waitsForNext = name == "a chain" && embed.contains(next) || name == "a chord"
            #expect(found.replies.map(\.task).contains(next) == waitsForNext)
        }
        let long = Array(repeating: part, count: 5000).joined(separator: ",")
        #expect(try #require(refusal("[[], {}, {\"chain\": [\(long)]}]")).replies.count == 1 + CeleryRefusal.maximumReplies)
    }

    @Test("other serialisers, compression and encodings are refused by name")
    func encodings() {
        for (type, name) in [
            ("application/x-python-serialize", "pickle"), ("application/x-yaml", "yaml"), ("application/x-msgpack", "msgpack"), ("text/x", "text/x"),
        ] {
            #expect(refusal("x") { $0.contentType = type }?.reason.contains(name) == true)
        }
        #expect(refusal("x") { $0.headers["compression"] = .string("application/x-gzip") }?.reason.contains("gzip") == true)
        #expect(refusal("x") { $0.contentEncoding = "base64" }?.reason.contains("base64") == true)
        #expect(refusal("x") { $0.headers["body_encoding"] = .string("base64") }?.reason.contains("base64") == true)
    }

    @Test("what is no message of protocol 2 is refused with its place")
    func malformed() {
        for body in ["", "null", "[]", "[[], {}]", "[[], {}, {}, {}]", "[{}, {}, {}]", "[[], [], {}]", "[[], {}, 1]", "[[], {}, {}] x", "{}", "[[NaN], {}, {}]"] {
            #expect(refusal(body)?.reason.contains("body") == true, "\(body)")
        }
        #expect(refusal(String(repeating: "[", count: 100_000)) != nil)
        #expect(refusal("[[], {}, {}]") { $0.headers["task"] = nil }?.reason.contains("protocol 2") == true)
        #expect(refusal("[[], {}, {}]") { $0.headers["task"] = .string("a b") }?.reason.contains("handler") == true)
        for id in [nil, Headers.Value.string(""), .string(String(repeating: "x", count: 201)), .null] {
            #expect(refusal("[[], {}, {}]") { $0.headers["id"] = id }?.reason.contains("id") == true)
        }
        let large = #"{"x": "\#(String(repeating: "x", count: 300_000))"}"#
        #expect(refusal("[[], \(large), {}]")?.reason.contains("payloadBytes") == true)
    }

    @Test("nobody is answered who asked for no answer")
    func silence() throws {
        let chain = #"[[], {}, {"chain": [{}]}]"#
        #expect(refusal(chain) { $0.headers["ignore_result"] = .bool(true) }?.replies.isEmpty == true)
        #expect(refusal(chain) { $0.replyTo = "" }?.replies.isEmpty == true)
        #expect(try CeleryTask(Self.message("[[], {}, {}]") { $0.headers["ignore_result"] = .bool(true) }).replyTo == nil)
        #expect(try CeleryTask(Self.message("[[], {}, {}]") { $0.replyTo = nil }).replyTo == nil)
    }
}
