import BatonModel
import Testing

@testable import BatonWire

@Suite("Celery's results and calls", .timeLimit(.minutes(1)))
struct CeleryResultTests {
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func read(_ text: String, type: String? = "application/json") throws(WireError) -> CeleryResult {
        try CeleryResult(Message(correlationID: "c", contentType: type, body: Array(text.utf8)))
    }

    @Test("a result reads back as it was written", arguments: [
        CeleryResult.Outcome.success(JSON(["n": 1])), .success(.null),
        .failure(CeleryException(type: "ValueError", message: "no \"funds\"", module: "builtins")),
        .failure(CeleryException(type: "payments.declined", message: "")), .revoked(.revoked("expired")),
    ])
    func roundTrip(outcome: CeleryResult.Outcome) throws {
        let result = CeleryResult(task: "t", outcome)
        let message = result.message(at: Timestamp(milliseconds: 0))
        #expect(message.contentType == "application/json" && message.contentEncoding == "utf-8" && message.correlationID == "t")
        #expect(try CeleryResult(message) == result)
        #expect(try JSON(parsing: message.body).value["children"] == [])
    }

    @Test("a result as Celery 5.7 sends it is read")
    func recorded() throws {
        let success = #"{"status": "SUCCESS", "result": 5, "traceback": null, "children": [], "date_done": "2026-11-21T14:04:22.734485+00:00", "task_id": "t-1"}"#
        #expect(try read(success) == CeleryResult(task: "t-1", .success(JSON(5))))
        let failure = #"{"status": "FAILURE", "result": {"exc_type": "KeyError", "exc_message": ["a", 2], "exc_module": "builtins"}, "traceback": "Traceback", "children": [], "task_id": "t-2"}"#
        guard case .failure(let exception) = try read(failure).outcome else { throw WireError("no failure") }
        #expect(exception.type == "KeyError" && exception.message == "a, 2" && exception.traceback == "Traceback")
        #expect(try read(#"{"status": "STARTED", "result": {"pid": 1}}"#) == CeleryResult(task: "c", .pending(status: "STARTED")))
        // Whatever stands for the exception, somebody gets to see it.
        guard case .failure(let odd) = try read(#"{"status": "FAILURE", "result": [1]}"#).outcome else { throw WireError("no failure") }
        #expect(odd.message == "1" || odd.message == "[1]")
    }

    @Test("what is no result is refused")
    func refused() {
        for text in ["", "[]", "{}", "{", #"{"status": 5}"#] { #expect(throws: WireError.self) { try read(text) } }
        #expect(throws: WireError.self) { try read("x", type: "application/x-python-serialize") }
    }

    @Test("errors have the names that Celery's clients know, and no type can name a function of Python's")
    func exceptions() {
        func exception(_ type: String) -> CeleryException { CeleryException(TaskError(type: type, message: "m")) }
        #expect(exception("timeout") == CeleryException(type: "TimeLimitExceeded", message: "m", module: "celery.exceptions"))
        #expect(exception("unknownHandler").type == "NotRegistered")
        #expect(exception("ValueError").module == "builtins")
        for type in ["exit", "eval", "print", "UnicodeDecodeError", "BaseException", "SystemExit", "mine"] {
            #expect(exception(type) == CeleryException(type: type, message: "m"))
        }
    }

    @Test("a call is what a Celery client would send, and reads back as a task")
    func call() throws {
        var call = CeleryCall(
            id: "r.0.1", task: "tasks.add", args: JSON([2, 3]), kwargs: JSON(["x": "ü"]), replyTo: "answers", priority: .urgent,
            timeout: .milliseconds(1500), sentAt: Timestamp(milliseconds: 1_000_000))
        call.trace = TraceContext(traceparent: Self.trace)
        let message = call.message
        #expect(message.priority == 9 && message.headers.string("traceparent") == Self.trace && message.isPersistent)
        #expect(try JSON(parsing: message.body).value[2] == ["callbacks": nil, "errbacks": nil, "chain": nil, "chord": nil])
        let task = try CeleryTask(message)
        #expect(task.graph(queue: "q", now: .now).trace?.traceparent == Self.trace)
        #expect(task.id == "r.0.1" && task.handler == "tasks.add" && task.replyTo == "answers" && task.priority == .urgent)
        #expect(task.inputs.value == ["args": [2, 3], "x": "ü"])
        #expect(task.timeLimit == .milliseconds(1500))
        #expect(task.expires == Timestamp(milliseconds: 1_001_500))
        call.replyTo = nil
        #expect(call.message.headers.bool("ignore_result") == true)
    }
}
