import BatonModel
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct HandlerTests {
    @Test func anAnswersStatusDecidesWhetherToTryAgain() {
        #expect(HTTPRequest.failure(503, url: "u", retryAfter: "7", []).retryable == true)
        #expect(HTTPRequest.failure(429, url: "u", retryAfter: "7", []).retryAfterMs == 7000)
        #expect(HTTPRequest.failure(404, url: "u", retryAfter: "7", []).retryable == false)
        #expect(HTTPRequest.failure(404, url: "u", retryAfter: nil, Array("gone".utf8)).message == "u answered 404: gone")
    }

    @Test func anAnswersBodyIsJSONWhereItSaysSo() {
        let headers = [("a", "1"), ("a", "2")]
        #expect(
            HTTPRequest.result(200, headers, Array("{\"x\": 1}".utf8), isJSON: true).description
                == #"{"status":200,"headers":{"a":"1, 2"},"body":{"x":1}}"#)
        #expect(HTTPRequest.result(204, [], [], isJSON: true).value["body"]?.string == "")
    }

    @Test func sleepAndHTTPRefuseWhatMakesNoSense() async throws {
        try await withWorker { (harness: Harness) async throws in
            #expect(try await harness.failure(harness.submit(0, "core.sleep", ["seconds": -1])).type == "invalidInputs")
            #expect(try await harness.failure(harness.submit(1, "core.http", ["url": "ftp://x"])).type == "invalidInputs")
            let slept = harness.submit(2, "core.sleep", ["seconds": 0])
            #expect(try await harness.outcome(slept) == .completed(result: .null))
            let asleep = harness.submit(3, "core.sleep", ["seconds": 3600])
            harness.control(.cancel(attempts: [asleep], reason: "up"))
            #expect(try await harness.outcome(asleep) == .cancelled(message: "up"))
        }
    }

    @Test func anAllowedShellRunsCommands() async throws {
        try await withWorker(configure: { $0.allowShell = true }) { (harness: Harness) async throws in
            let good = harness.submit(0, "core.shell", ["command": "echo hello; echo $NAME >&2", "environment": ["NAME": "me"]])
            guard case .completed(let result, _) = try await harness.outcome(good) else { throw Harness.Unexpected() }
            #expect(result.value == ["status": 0, "output": "hello\n", "error": "me\n"])
            let bad = try await harness.failure(harness.submit(1, "core.shell", ["command": "echo no >&2; exit 3"]))
            #expect(bad.type == "exit")
            #expect(bad.message.contains("status 3: no"))
            let long = harness.submit(2, "core.shell", ["command": "exec sleep 600"])
            harness.clock.advance(by: .milliseconds(100))
            harness.control(.cancel(attempts: [long], reason: "enough"))
            #expect(try await harness.outcome(long) == .cancelled(message: "enough"))
        }
    }
}
