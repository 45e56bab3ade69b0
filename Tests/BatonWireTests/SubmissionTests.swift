import BatonModel
import Testing

@testable import BatonWire

@Suite("Submissions", .timeLimit(.minutes(1)))
struct SubmissionTests {
    static let json = Array(#"{"name":"g","tasks":[{"id":"a","handler":"h"}]}"#.utf8)

    private func paths(_ message: Message, _ limits: Limits = Limits()) -> [String] {
        do throws(InvalidGraph) { _ = try Submission(message, limits: limits) } catch { return error.problems.map(\.path) }
        return []
    }

    @Test("a graph is read from JSON and from YAML, with or without a type")
    func graphs() throws {
        let expected = Graph(name: "g", tasks: [TaskSpec(id: "a", handler: "h")])
        for type in ["graph", nil] { #expect(try Submission(Message(type: type, body: Self.json)).graph == expected) }
        for text in ["name: g\ntasks: [{id: a, handler: h}]", "{name: g, tasks: [{id: a, handler: h}]}"] {
            #expect(try Submission(Message(type: "graph", contentType: "application/yaml", body: Array(text.utf8))).graph == expected)
        }
        #expect(try !Submission(Message(body: Self.json)).isSingleTask)
    }

    @Test("a single task is described by headers, and its body is its inputs")
    func singleTask() throws {
        let submission = try Submission(
            Message(
                type: "task",
                headers: ["baton-handler": .string("mail.send"), "baton-queue": .string("mail"), "baton-priority": .integer(3), "baton-key": .string("k")],
                body: Array(#"{ "to": "a" }"#.utf8)))
        #expect(submission.isSingleTask)
        #expect(
            submission.graph
                == Graph(
                    name: "mail.send", key: "k",
                    tasks: [TaskSpec(id: "task", handler: "mail.send", inputs: JSON(["to": "a"]), queue: "mail", priority: .low)]))
        // A handler alone is enough, and no inputs are no inputs however they are spelt.
        for body in ["", "null", " null "] {
            let bare = try Submission(Message(headers: ["baton-handler": .string("h"), "baton-priority": .string("0")], body: Array(body.utf8)))
            #expect(bare.graph.tasks == [TaskSpec(id: "task", handler: "h", priority: .urgent)])
            #expect(try GraphReader.read(json: bare.graph.document.bytes) == bare.graph)
        }
    }

    @Test("a client that can leave nothing out sends empty texts, and one that knows only texts sends numbers as such")
    func poorClients() throws {
        let headers: Headers = ["baton-handler": .string("h"), "baton-priority": .string("1"), "baton-protocol": .string("1"), "baton-key": .null]
        for body in ["", "{}"] {
            let submission = try Submission(
                Message(
                    type: "", messageID: "", correlationID: "", replyTo: "", contentType: "", appID: "", headers: headers,
                    body: Array(body.utf8)))
            let inputs: JSON? = body.isEmpty ? nil : .emptyObject
            #expect(submission.graph == Graph(name: "h", tasks: [TaskSpec(id: "task", handler: "h", inputs: inputs, priority: .high)]))
            #expect(submission.isSingleTask && submission.replyTo == nil)
        }
        #expect(try Submission(Message(type: "", contentType: "application/json; charset=utf-8", body: Self.json)).graph.name == "g")
        let yaml = Message(contentType: "Application/YAML; charset=utf-8", body: Array("name: g\ntasks: [{id: a, handler: h}]".utf8))
        #expect(try Submission(yaml).graph.name == "g")
        #expect(paths(Message(headers: ["baton-handler": .array([.string("h")])])) == ["baton-handler"])
        #expect(paths(Message(headers: ["baton-handler": .string("h"), "baton-priority": .number(1.5)])) == ["baton-priority"])
    }

    @Test("B4: what is wrong with a submission is said with its place")
    func refused() {
        func task(_ headers: Headers, _ body: String = "") -> Message { Message(type: "task", headers: headers, body: Array(body.utf8)) }
        #expect(paths(task([:])) == ["baton-handler"])
        for value in [Headers.Value.integer(7), .integer(-1), .string("high"), .bool(true)] {
            #expect(paths(task(["baton-handler": .string("h"), "baton-priority": value])) == ["baton-priority"])
        }
        #expect(paths(task(["baton-handler": .string("h")], "{")) == [""])
        #expect(paths(task(["baton-handler": .string("h"), "baton-queue": .string("a b")])) == ["tasks[0].queue"])
        #expect(paths(task(["baton-handler": .string("h"), "baton-key": .string("")])) == ["baton-key"])
        #expect(paths(task(["baton-handler": .string("h"), "baton-owner": .string(String(repeating: "x", count: 256))])) == ["baton-owner"])
        #expect(paths(Message(type: "report", body: Self.json)) == ["type"])
        #expect(paths(Message(type: "graph", headers: ["baton-protocol": .integer(2)], body: Self.json)) == [""])
        #expect(paths(Message(type: "graph", contentType: "application/yaml", body: [0x6E, 0xFF])) == [""])
        for body in [[], [0xFF], Array("garbage".utf8), Array("{".utf8)] as [[UInt8]] { #expect(paths(Message(type: "graph", body: body)).count == 1) }
        var limits = Limits()
        limits.messageBytes = 10
        #expect(paths(Message(body: Self.json), limits) == [""])
    }

    @Test("A7: the key is the document's, else the header's, else the message id, so that a double makes no second run")
    func keys() throws {
        func key(_ body: [UInt8], _ id: String?, _ headers: Headers = [:]) throws -> String? {
            try Submission(Message(messageID: id, headers: headers, body: body)).graph.key
        }
        let keyed = Array(#"{"name":"g","key":"own","tasks":[{"id":"a","handler":"h"}]}"#.utf8)
        #expect(try key(keyed, "m", ["baton-key": .string("k")]) == "own")
        #expect(try key(Self.json, "m", ["baton-key": .string("k")]) == "k")
        #expect(try key(Self.json, "m") == "message:m")
        #expect(try key(Self.json, "") == nil)
        #expect(try key(Self.json, nil) == nil)
    }

    @Test("answers go where the producer asked, with its correlation id")
    func replies() throws {
        let submission = try Submission(
            Message(
                correlationID: "c1", replyTo: "answers", headers: ["baton-reply": .string("result"), "baton-owner": .string("o")], body: Self.json))
        #expect(submission.replyTo == "answers")
        #expect(submission.correlationID == "c1")
        #expect(submission.wantsResult)
        #expect(submission.graph.correlationID == "c1")
        #expect(submission.graph.owner == "o")
        let plain = try Submission(Message(correlationID: "", body: Self.json))
        #expect(plain.replyTo == nil)
        #expect(!plain.wantsResult)
        #expect(plain.graph.correlationID == nil)
    }
}
