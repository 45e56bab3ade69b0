import BatonModel
import Testing

@testable import BatonWire

@Suite("Reports", .timeLimit(.minutes(1)))
struct ReportTests {
    static let attempt = AttemptID(run: "01run", task: 3, number: 2)
    static let contents: [(String, Report.Content)] = [
        ("started", .started), ("completed", .completed(result: JSON(["total": 5]))), ("completed", .completed(result: .null)),
        ("completed", .completed(result: JSON([1]), dispatch: [JSON(["handler": "h", "id": "a"]), JSON([:])])),
        ("failed", .failed(TaskError(type: "card.declined", message: "no\n\"money\"", retryable: false, retryAfterMs: 250, details: JSON([1])))),
        ("failed", .failed(TaskError(type: "t", message: ""))), ("cancelled", .cancelled(message: "told to")), ("cancelled", .cancelled(message: nil)),
        ("progress", .progress(.init(fraction: 0.25, message: "a quarter", checkpoint: JSON(["row": 9])))), ("progress", .progress(.init(fraction: 1))),
        ("progress", .progress(.init())), ("heartbeat", .heartbeat), ("lease", .lease), ("claim", .claim(redelivered: true)),
        ("claim", .claim(redelivered: false)), ("log", .log(JSON(["line"]))),
    ]

    @Test("each kind of report reads back as it was", arguments: contents.indices)
    func roundTrip(index: Int) throws {
        let (type, content) = Self.contents[index]
        let report = Report(content, of: Self.attempt, by: "w1", startedAt: Timestamp(milliseconds: 1_764_000_000_123))
        let message = report.message(task: "charge")
        #expect(try Report(message) == report)
        #expect(message.type == type)
        #expect(message.correlationID == "01run.3.2")
        #expect(message.isPersistent)
        #expect(message.headers["baton-protocol"] == .integer(1))
        #expect(message.headers["baton-run"] == .string("01run"))
        #expect(message.headers["baton-task"] == .string("charge"))
        #expect(message.headers["baton-attempt"] == .integer(2))
        #expect(message.headers["baton-worker"] == .string("w1"))
        #expect(message.headers["baton-started"] == .integer(1_764_000_000_123))
        #expect(try Report(Report(content, of: Self.attempt).message()) == Report(content, of: Self.attempt))
    }

    @Test("the smallest worker's reports have only a type and a correlation id")
    func levelOne() throws {
        func read(_ type: String, _ body: String = "") throws -> Report.Content {
            let report = try Report(Message(type: type, correlationID: "01run.3.2", body: Array(body.utf8)))
            #expect(report.attempt == Self.attempt)
            #expect(report.worker == nil)
            return report.content
        }
        #expect(try read("completed") == .completed(result: .null))
        #expect(try read("completed", " {\"a\": 1} ") == .completed(result: JSON(["a": 1])))
        #expect(try read("failed") == .failed(TaskError(type: "error", message: "the worker gave no reason")))
        #expect(try read("failed", "it broke") == .failed(TaskError(type: "error", message: "it broke")))
        #expect(try read("failed", #"{"message":{"a":1},"type":5,"retryable":"x","retryAfterMs":1e300,"later":1}"#)
            == .failed(TaskError(type: "error", message: #"{"a":1}"#)))
        #expect(try read("cancelled") == .cancelled(message: nil))
        #expect(try read("heartbeat", "garbage") == .heartbeat)
        #expect(try read("log", "garbage") == .log(.null))
        #expect(try read("progress", #"{"fraction":7,"later":1}"#) == .progress(.init(fraction: 1)))
        #expect(try read("progress", #"{"fraction":"half"}"#) == .progress(.init()))
    }

    @Test("A3: a result that isn't JSON fails its task at once instead of leaving it to wait", arguments: ["{", "x", "\u{0}", "[1,]"])
    func garbageResult(body: String) throws {
        let report = try Report(Message(type: "completed", correlationID: "01run.3.2", body: Array(body.utf8)))
        guard case .failed(let error) = report.content else {
            Issue.record("read as \(report.content)")
            return
        }
        #expect(error.type == "invalidResult")
        #expect(error.retryable == false)
    }

    @Test("D2: continuations ride on the completion's own content type, and only there")
    func completion() throws {
        let tasks = [try JSON(parsing: #"{"handler":"b","inputs":[1.50]}"#), try JSON(parsing: #"{"id":"c","handler":"d"}"#)]
        let message = Report(.completed(result: JSON(1), dispatch: tasks), of: Self.attempt).message()
        #expect(message.contentType == "application/vnd.baton.completion+json")
        let text = #"{"result":1,"dispatch":[{"handler":"b","inputs":[1.50]},{"id":"c","handler":"d"}]}"#
        #expect(message.body == Array(text.utf8))
        #expect(Report(.completed(result: JSON(1)), of: Self.attempt).message().contentType == "application/json")
        var bare = message
        bare.contentType = "application/json"
        #expect(try Report(bare).content == .completed(result: try JSON(parsing: message.body)))
    }

    private func read(completion body: String) throws -> Report.Content {
        try Report(
            Message(
                type: "completed", correlationID: "01run.3.2", contentType: "application/vnd.baton.completion+json",
                body: Array(body.utf8))
        ).content
    }

    @Test("D2: a completion without continuations is one, however it says so", arguments: [
        #"{"result": 5}"#, #"{"result": 5, "dispatch": null}"#, #"{"dispatch": [], "result": 5, "later": {}}"#,
    ])
    func nothingDispatched(body: String) throws {
        #expect(try read(completion: body) == .completed(result: JSON(5)))
        #expect(try read(completion: "{}") == .completed(result: .null))
    }

    @Test("D2: continuations that can't be read fail the task, and the error says what is wrong with them", arguments: [
        ("[1]", "must be an object"), ("{", "not JSON"), (#"{"result":1} x"#, "not JSON"),
        (#"{"result":1,"dispatch":{}}"#, "dispatch must be a list"), (#"{"result":1,"dispatch":[{},5]}"#, "dispatch[1] must be an object"),
        (#"{"dispatch":["# + Array(repeating: "{}", count: 1001).joined(separator: ",") + "]}", "the limit is 1000"),
        (#"{"dispatch":[{"id":""# + String(repeating: "x", count: 262_144) + #""}]}"#, "the limit is 262144"),
    ])
    func badCompletion(body: String, says: String) throws {
        guard case .failed(let error) = try read(completion: body) else {
            Issue.record("read as completed")
            return
        }
        #expect(error.type == "invalidResult")
        #expect(error.retryable == false)
        #expect(error.message.contains(says))
    }

    @Test("D2: continuations pass through in their order and as they were written, up to the limits")
    func manyDispatched() throws {
        let tasks = try (0..<Report.maximumDispatchedTasks).map { try JSON(parsing: #"{"id":"t\#($0)","handler":"h","inputs":{"x":1.50,"é":"\u0041"}}"#) }
        let report = Report(.completed(result: JSON(1), dispatch: tasks), of: Self.attempt)
        #expect(try Report(report.message()) == report)
        let atLimit = try read(completion: #"{"dispatch":[{"id":""# + String(repeating: "x", count: Report.maximumDispatchBytes - 11) + #""}]}"#)
        guard case .completed(_, let dispatch) = atLimit else {
            Issue.record("\(atLimit)")
            return
        }
        #expect(dispatch.map(\.bytes.count) == [Report.maximumDispatchBytes - 2])
    }

    @Test("D2: a damaged completion is a completion or a failure, never lost")
    func damagedCompletion() throws {
        let tasks = [try JSON(parsing: #"{"handler":"b","inputs":[1.50]}"#), try JSON(parsing: #"{"id":"c","handler":"d"}"#)]
        let message = Report(.completed(result: JSON(["a": [1, "x"]]), dispatch: tasks), of: Self.attempt).message()
        for place in message.body.indices {
            for byte in Array("{}[]\",:0n ".utf8) + [0, 0xFF] {
                var damaged = message
                damaged.body[place] = byte
                switch try Report(damaged).content {
                case .completed(_, let dispatch): #expect(dispatch.allSatisfy { $0.isObject })
                case .failed(let error): #expect(error.type == "invalidResult" && error.retryable == false && !error.message.isEmpty)
                default: Issue.record("byte \(place)")
                }
            }
            var cut = message
            cut.body = Array(message.body.prefix(place))
            if place > 0, case .completed = try Report(cut).content { Issue.record("cut at \(place)") }
        }
    }

    @Test("a result nested as deep as allowed can carry continuations as deep")
    func deepCompletion() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        let deep = try JSON(parsing: nested(JSON.deepest))
        var writer = JSONWriter()
        writer.object { $0.field("inputs", deep) }
        let report = Report(.completed(result: deep, dispatch: [writer.json]), of: Self.attempt)
        #expect(try Report(report.message()) == report)
    }

    @Test("a result beside continuations may be no deeper than a bare one")
    func tooDeepCompletion() throws {
        for depth in [JSON.deepest, JSON.deepest + 1] {
            let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let message = Message(
                type: "completed", correlationID: Self.attempt.description, contentType: ContentType.completion,
                body: Array(#"{"result":\#(deep),"dispatch":[{"handler":"h"}]}"#.utf8))
            switch try Report(message).content {
            case .completed: #expect(depth == JSON.deepest)
            case .failed(let error):
                #expect(depth > JSON.deepest)
                #expect(error.message.contains("nested deeper than \(JSON.deepest)"))
            default: Issue.record("neither completed nor failed")
            }
        }
    }

    @Test("what can't be told is refused, to be parked")
    func refused() {
        for message in [
            Message(type: "completed"), Message(type: "completed", correlationID: "x"), Message(correlationID: "01run.3.2"),
            Message(type: "finished", correlationID: "01run.3.2"), Message(type: "progress", correlationID: "01run.3.2", body: Array("[".utf8)),
            Message(type: "progress", correlationID: "01run.3.2", body: Array("5".utf8)),
            Message(type: "started", correlationID: "01run.3.2", headers: ["baton-protocol": .integer(2)]),
        ] {
            #expect(throws: WireError.self) { try Report(message) }
        }
    }
}
