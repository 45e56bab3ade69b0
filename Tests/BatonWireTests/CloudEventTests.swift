import BatonModel
import Testing

@testable import BatonWire

@Suite("CloudEvents as submissions", .timeLimit(.minutes(1)))
struct CloudEventTests {
    private func message(_ text: String, type: String = "application/cloudevents+json; charset=utf-8") -> Message {
        Message(contentType: type, body: Array(text.utf8))
    }

    private func paths(_ message: Message) -> [String] {
        do throws(InvalidGraph) { _ = try Submission(message) } catch { return error.problems.map(\.path) }
        return []
    }

    @Test("an event in structured mode is a task: type, data, subject, source and id are handler, inputs, correlation id and key")
    func structured() throws {
        var event = message(
            #"""
            {"specversion": "1.0", "id": "A-1", "source": "/shop/carts", "type": "com.example.order.placed", "subject": "cart-7",
             "time": "2026-11-21T12:00:00Z", "datacontenttype": "application/json", "dataschema": "https://x/y", "other": 3,
             "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=1", "batonqueue": "orders", "batonpriority": 1, "data": {"total": 12345678901234567890}}
            """#)
        event.replyTo = "answers"
        event.headers = ["baton-reply": .string("result"), "baton-owner": .string("o")]
        let submission = try Submission(event)
        #expect(submission.isSingleTask && submission.wantsResult && submission.replyTo == "answers")
        let inputs = try JSON(parsing: #"{"total":12345678901234567890}"#)
        #expect(submission.graph.trace?.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && submission.graph.trace?.tracestate == "a=1")
        var graph = submission.graph
        graph.trace = nil
        #expect(
            graph
                == Graph(
                    name: "com.example.order.placed", key: "cloudevent:/shop/carts A-1", correlationID: "cart-7", owner: "o",
                    tasks: [TaskSpec(id: "task", handler: "com.example.order.placed", inputs: inputs, queue: "orders", priority: .high)]))
    }

    @Test("the least event has no inputs, the message's correlation id, and the defaults")
    func least() throws {
        let attributes = #""specversion": "1.0", "id": "1", "source": "s", "type": "t""#
        for rest in ["", #", "data": null"#, #", "subject": "", "datacontenttype": null"#] {
            var event = message("{\(attributes)\(rest)}")
            event.correlationID = "c"
            event.messageID = "another"
            let graph = try Submission(event).graph
            #expect(graph == Graph(name: "t", key: "cloudevent:s 1", correlationID: "c", tasks: [TaskSpec(id: "task", handler: "t")]))
        }
    }

    @Test("the identity of an event is its source and id: no other pair makes the same key")
    func identity() throws {
        func key(_ source: String, _ id: String) throws -> String? {
            try Submission(message(#"{"specversion":"1.0","id":"\#(id)","source":"\#(source)","type":"t"}"#)).graph.key
        }
        #expect(try key("a", "b c") == "cloudevent:a b c")
        #expect(paths(message(#"{"specversion":"1.0","id":"c","source":"a b","type":"t"}"#)) == ["source"])
        #expect(paths(message(#"{"specversion":"1.0","id":"c","source":"\#(String(repeating: "s", count: 250))","type":"t"}"#)) == ["source"])
    }

    @Test("Base64 is taken where it holds JSON")
    func base64() throws {
        let head = #"{"specversion":"1.0","id":"1","source":"s","type":"t""#
        // {"a":1}
        let event = message(head + #","datacontenttype":"application/vnd.x+json","data_base64":"eyJhIjoxfQ=="}"#)
        #expect(try Submission(event).graph.tasks[0].inputs == JSON(["a": 1]))
        // Two bytes that are no text.
        #expect(paths(message(head + #","data_base64":"//8="}"#)) == ["data_base64"])
        #expect(paths(message(head + #","data_base64":"not base64"}"#)) == ["data_base64"])
        #expect(paths(message(head + #","data_base64":"eyJhIjoxfQ==","data":1}"#)) == ["data_base64"])
        #expect(paths(message(head + #","datacontenttype":"image/png","data_base64":"//8="}"#)) == ["datacontenttype"])
    }

    @Test("an event in binary mode is read from headers", arguments: ["cloudEvents:", "cloudEvents_"])
    func binary(prefix: String) throws {
        var headers: Headers = [:]
        for (name, value) in [("specversion", "1.0"), ("id", "9"), ("source", "s"), ("type", "t"), ("batonpriority", "0")] {
            headers[prefix + name] = .string(value)
        }
        let event = Message(contentType: "application/json", headers: headers, body: Array(#"{"n": 1}"#.utf8))
        #expect(
            try Submission(event).graph
                == Graph(
                    name: "t", key: "cloudevent:s 9",
                    tasks: [TaskSpec(id: "task", handler: "t", inputs: JSON(["n": 1]), priority: .urgent)]))
        var other = event
        other.contentType = "text/xml"
        #expect(paths(other) == ["datacontenttype"])
        other = event
        other.headers[prefix + "id"] = .array([.string("9")])
        #expect(paths(other) == [prefix + "id"])
        other = event
        other.body = Array("<n/>".utf8)
        #expect(paths(other) == [""])
        other = event
        other.contentType = nil
        other.body = []
        #expect(try Submission(other).graph.tasks[0].inputs == nil)
    }

    @Test("what is no event, or not one event, is refused with its place")
    func refused() {
        let event = { (fields: String) in self.message("{\(fields)}") }
        #expect(paths(message("[]", type: "application/cloudevents-batch+json")) == ["contentType"])
        #expect(paths(message("", type: "application/cloudevents+avro")) == ["contentType"])
        #expect(paths(message("")) == [""])
        #expect(paths(message("[]")) == [""])
        #expect(paths(message(String(repeating: "[", count: 10_000))) == [""])
        #expect(paths(event("")) == ["specversion"])
        #expect(paths(event(#""specversion": "0.3""#)) == ["specversion"])
        #expect(paths(event(#""specversion": {}"#)) == ["specversion"])
        #expect(paths(event(#""specversion": "1.0", "id": "1", "type": "t""#)) == ["source"])
        #expect(paths(event(#""specversion": "1.0", "id": "", "source": "s", "type": "t""#)) == ["id"])
        #expect(paths(event(#""specversion": "1.0", "id": "1", "source": "s", "type": "a/b""#)) == ["name", "tasks[0].handler"])
        for value in ["4", "-1", #""high""#, "1.5", "[]", "true"] {
            #expect(paths(event(#""specversion": "1.0", "id": "1", "source": "s", "type": "t", "batonpriority": \#(value)"#)) == ["batonpriority"])
        }
        #expect(paths(event(#""specversion": "1.0", "id": "1", "source": "s", "type": "t", "batonqueue": "a b""#)) == ["tasks[0].queue"])
    }
}
