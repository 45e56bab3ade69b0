import BatonCoordinator
import BatonModel
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Answers from outside over HTTP", .timeLimit(.minutes(1)))
struct AttemptRouteTests {
    private let operations = CannedOperations()
    private let token = AttemptID(run: "run-1", task: 1, number: 1)

    @Test("a result is taken as it is; none is null")
    func complete() async throws {
        let result = #"{"big":123456789012345678901234567890,"huge":1e999}"#
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let view = try await client.post("/v1/attempts/run-1.1.1/complete", result, type: "application/json")
            #expect(view.status == .ok)
            #expect(try view.json == ["run": "run-1", "task": "charge", "status": "completed"])
            #expect(try await client.get("/v1/runs/run-1/tasks/charge").text.contains(#""result":\#(result)"#))
            _ = try await client.post("/v1/attempts/run-1.1.1/complete", " \n")
            _ = try await client.post("/v1/attempts/run-1.1.1/complete", #""text""#)
            let answers: [Answer] = [.complete(try JSON(parsing: result)), .complete(.null), .complete(try JSON(parsing: #""text""#))]
            #expect(operations.calls == answers.map { .answer(token, $0) })
        }
    }

    @Test("a failure has a message, and what else is known")
    func fail() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            _ = try await client.post("/v1/attempts/run-1.1.1/fail", #"{"message": "no"}"#)
            let body = """
                {"type": "declined", "message": "no", "retryable": false, "retryAfterMs": 250, "details": {"n": 9007199254740993}}
                """
            #expect(try await client.post("/v1/attempts/run-1.1.1/fail", body).json["status"] == "retrying")
            let details = try JSON(parsing: #"{"n":9007199254740993}"#)
            let error = TaskError(type: "declined", message: "no", retryable: false, retryAfterMs: 250, details: details)
            #expect(operations.calls == [.answer(token, .fail(TaskError(type: "failed", message: "no"))), .answer(token, .fail(error))])
        }
    }

    @Test("a heartbeat is told of a cancel")
    func heartbeat() async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            #expect(try await client.post("/v1/attempts/run-1.1.1/heartbeat").json["cancelRequested"] == true)
            #expect(try await client.post("/v1/attempts/run-1.1.1/heartbeat", "{}").status == .ok)
            #expect(operations.calls == [.answer(token, .heartbeat), .answer(token, .heartbeat)])
        }
    }

    @Test(
        "a wrong body is refused with what is wrong",
        arguments: [
            ("complete", "{oops", "not JSON"), ("complete", "1 2", "not JSON"), ("fail", "", "'message' is missing"),
            ("fail", "{}", "'message' is missing"), ("fail", #"{"message": ""}"#, "'message' is empty"), ("fail", #""no""#, "object"),
            ("fail", #"{"msg": "no"}"#, "no field 'msg': it has type, message, retryable"),
            ("fail", #"{"message": "no", "type": ""}"#, "'type' is empty"),
            ("fail", #"{"message": "no", "retryable": "yes"}"#, "'retryable'"),
            ("fail", #"{"message": "no", "retryAfterMs": -1}"#, "'retryAfterMs'"),
            ("heartbeat", #"{"progress": 1}"#, "no field 'progress': it has none"), ("heartbeat", "[", "not JSON"),
        ])
    func wrongBody(how: String, body: String, detail: String) async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            let problem = try await client.post("/v1/attempts/run-1.1.1/\(how)", body).problem(.badRequest)
            #expect(problem.detail.contains(detail), "\(problem.detail)")
            #expect(operations.calls.isEmpty)
        }
    }

    @Test("a token of nothing is not found", arguments: ["nope", "run-1.x.1", "run-1.1.0", "run-1.1.1.1", "a%2Fb.0.1", "run-9.0.1", "%00"])
    func unknownToken(token: String) async throws {
        try await withRoutes(operations) { client in
            try await client.submitOrder()
            for how in ["complete", "heartbeat"] { _ = try await client.post("/v1/attempts/\(token)/\(how)").problem(.notFound) }
            _ = try await client.post("/v1/attempts/\(token)/fail", #"{"message": "no"}"#).problem(.notFound)
        }
    }

    @Test("a result over the limit is refused by the limit's name")
    func tooLarge() async throws {
        var limits = Limits()
        limits.payloadBytes = 1000
        try await withRoutes(CannedOperations(limits: limits)) { client in
            let result = "\"\(String(repeating: "x", count: 1000))\""
            let problem = try await client.post("/v1/attempts/run-1.1.1/complete", result).problem(.contentTooLarge)
            #expect(problem.detail.contains("payloadBytes of 1000"))
        }
    }
}
