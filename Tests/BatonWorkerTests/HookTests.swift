import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct HookTests {
    struct Hooked: FailureHook, CancellationHook {
        struct Broken: Error {}
        static let name: HandlerName = "hooked"
        let calls: Journal<String>

        func run(_ input: [String: Int], _ context: TaskContext) async throws -> Int {
            calls.append("run")
            return input["a"] ?? 0
        }
        func onStarted(_ input: [String: Int], _ context: TaskContext) async throws {
            calls.append("onStarted \(context.taskID)")
            throw Broken()
        }
        func onRetry(_ input: [String: Int], _ retry: RetryInfo, _ context: TaskContext) async throws {
            calls.append("onRetry \(retry.count) \(retry.delay.text) \(retry.error.type)")
            throw Broken()
        }
        func onCompleted(_ output: Int, _ context: TaskContext) async throws {
            calls.append("onCompleted \(output)")
            throw Broken()
        }
        func onFailed(_ error: TaskError, _ context: TaskContext) async throws {
            calls.append("onFailed \(error.type) \(context.taskID) \(context.inputs)")
            throw Broken()
        }
        func onCancelled(_ reason: String?, _ context: TaskContext) async throws {
            calls.append("onCancelled \(reason ?? "-") \(context.taskID)")
            throw Broken()
        }
    }

    @Test func hooksRunInOrderAndTheirFailuresChangeNothing() async throws {
        let calls = Journal<String>()
        try await withWorker(prepare: { $0.worker.register(Hooked(calls: calls)) }) { (harness: Harness) async throws in
            let first = harness.submit(0, "hooked", ["a": 1])
            #expect(try await harness.outcome(first) == .completed(result: JSON(1)))
            #expect(calls.all == ["onStarted t0", "run", "onCompleted 1"])
            let third = harness.submit(0, "hooked", ["a": 2], number: 3) {
                $0.body.retry = JSON(["delayMs": 1500, "error": ["type": "boom", "message": "m"]])
            }
            #expect(try await harness.outcome(third) == .completed(result: JSON(2)))
            #expect(calls.all.dropFirst(3) == ["onRetry 2 1500ms boom", "run", "onCompleted 2"])
        }
    }

    @Test func dispatchedHooksAreAboutTheEndedTask() async throws {
        let calls = Journal<String>()
        try await withWorker(prepare: { $0.worker.register(Hooked(calls: calls)) }) { (harness: Harness) async throws in
            let announced = try await harness.announcements.first().handlers.first { $0.name == "hooked" }
            #expect(announced?.hooks == ["onFailed", "onCancelled"])
            let inputs: JSONValue = ["task": "pay", "inputs": ["a": 1], "error": ["type": "boom", "message": "late"]]
            let failed = harness.submit(1, "hooked", inputs) { $0.hook = .onFailed }
            #expect(try await harness.outcome(failed) == .completed(result: .null))
            let cancelled = harness.submit(2, "hooked", inputs) { $0.hook = .onCancelled }
            #expect(try await harness.outcome(cancelled) == .completed(result: .null))
            #expect(calls.all == ["onFailed boom pay {\"a\":1}", "onCancelled late pay"])
            let none = harness.submit(3, "core.echo", inputs) { $0.hook = .onFailed }
            #expect(try await harness.outcome(none) == .completed(result: .null))
        }
    }
}
