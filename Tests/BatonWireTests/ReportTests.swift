import BatonModel
import Testing

@testable import BatonWire

@Suite("Reports", .timeLimit(.minutes(1)))
struct ReportTests {
    static let attempt = AttemptID(run: "01run", task: 3, number: 2)
    static let contents: [(String, Report.Content)] = [
        ("started", .started), ("completed", .completed(result: JSON(["total": 5]))), ("completed", .completed(result: .null)),
        ("completed", .completed(result: JSON([1]), dispatch: JSON([["id": "a"]]))),
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
        let message = Report(.completed(result: JSON(1), dispatch: JSON([])), of: Self.attempt).message()
        #expect(message.contentType == "application/vnd.baton.completion+json")
        #expect(message.body == Array(#"{"result":1,"dispatch":[]}"#.utf8))
        #expect(Report(.completed(result: JSON(1)), of: Self.attempt).message().contentType == "application/json")
        var bare = message
        bare.contentType = "application/json"
        #expect(try Report(bare).content == .completed(result: try JSON(parsing: message.body)))
        var list = message
        list.body = Array("[1]".utf8)
        guard case .failed = try Report(list).content else {
            Issue.record("a completion that is no object lost its result")
            return
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
