import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite("Dispatching", .timeLimit(.minutes(1)))
struct DispatchTests {
    struct Broken: Error {}
    struct Receipt: Codable, Sendable { var number: Int }

    struct SendReceipt: TaskHandler {
        static let name: HandlerName = "receipts.send"
        func run(_ input: Receipt, _ context: TaskContext) async throws -> JSON { .null }
    }

    struct Charge: FailureHook {
        static let name: HandlerName = "payments.charge"
        func run(_ input: JSON, _ context: TaskContext) async throws -> Receipt {
            try context.dispatch(handler: "stock.reserve", inputs: JSON(["sku": 7]), id: "reserve", queue: "stock")
            return Receipt(number: 5)
        }
        func onCompleted(_ receipt: Receipt, _ context: TaskContext) async throws {
            try context.dispatch(SendReceipt.self, receipt, priority: .low, delay: .seconds(90), params: ["copy": true], after: ["reserve"])
            throw Broken()
        }
        func onFailed(_ error: TaskError, _ context: TaskContext) async throws {
            try context.dispatch(handler: "alerts.page", inputs: ["task": context.taskID.rawValue, "message": error.message])
        }
    }

    /// What the handler `name` dispatches when it does `body`.
    private func dispatch(
        of handler: HandlerName = "test", _ change: @escaping @Sendable (inout TaskMessage) -> Void = { _ in },
        _ body: @escaping @Sendable (TaskContext) async throws -> Void
    ) async throws -> Report.Content {
        let outcomes = Journal<Report.Content>()
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register(handler) { (_: JSON, context: TaskContext) -> JSON in
                try await body(context)
                return .null
            }
        }) { (harness: Harness) async throws in
            outcomes.append(try await harness.outcome(harness.submit(0, handler, ["a": 1], change)))
        }
        return try await outcomes.first()
    }

    /// The error of the dispatch that `body` does, which the handler survives.
    private func refusal(_ body: @escaping @Sendable (TaskContext) throws -> Void) async throws -> TaskError {
        let errors = Journal<TaskError>()
        let content = try await dispatch { context in
            do {
                try body(context)
            } catch let error as TaskError {
                errors.append(error)
            }
        }
        #expect(content == .completed(result: .null))
        return try #require(errors.all.first)
    }

    @Test("D2: what run and onCompleted dispatch rides on the completion, also where the hook fails afterwards")
    func completion() async throws {
        try await withWorker(prepare: { $0.worker.register(Charge()) }) { (harness: Harness) async throws in
            let attempt = harness.submit(0, "payments.charge")
            let dispatch = [
                try JSON(parsing: #"{"id":"reserve","handler":"stock.reserve","inputs":{"sku":7},"queue":"stock"}"#),
                try JSON(
                    parsing: #"{"handler":"receipts.send","inputs":{"number":5},"params":{"copy":true},"dependencies":["reserve"],"#
                        + #""priority":3,"delay":"90s"}"#),
            ]
            #expect(try await harness.outcome(attempt) == .completed(result: JSON(["number": 5]), dispatch: dispatch))
            let message = try await harness.reportMessages.first { $0.type == "completed" }
            #expect(message.contentType == "application/vnd.baton.completion+json")
        }
    }

    @Test("D2: a failure hook's dispatches ride on its own completion")
    func failureHook() async throws {
        try await withWorker(prepare: { $0.worker.register(Charge()) }) { (harness: Harness) async throws in
            let inputs: JSONValue = ["task": "pay", "error": ["type": "declined", "message": "no money"]]
            let attempt = harness.submit(0, "payments.charge", inputs) { $0.hook = .onFailed }
            guard case .completed(.null, let dispatch) = try await harness.outcome(attempt) else { throw Harness.Unexpected() }
            let document: JSONValue = ["handler": "alerts.page", "inputs": ["task": "pay", "message": "no money"]]
            #expect(dispatch.map(\.value) == [document])
        }
    }

    @Test("what a failed or cancelled attempt has dispatched is dropped")
    func dropped() async throws {
        let failed = try await dispatch { context in
            try context.dispatch(handler: "next")
            throw TaskError(type: "boom", message: "m")
        }
        #expect(failed == .failed(TaskError(type: "boom", message: "m")))
        try await withWorker(prepare: { (harness: Harness) async throws in
            let gate = harness.gate
            harness.worker.register("test") { (input: JSON, context: TaskContext) in
                try context.dispatch(handler: "next")
                return try await gate.pass(input, context)
            }
        }) { (harness: Harness) async throws in
            let attempt = harness.submit(0, "test")
            try await harness.gate.began.first(attempt)
            harness.control(.cancel(attempts: [attempt], reason: "r"))
            #expect(try await harness.outcome(attempt) == .cancelled(message: "r"))
        }
    }

    @Test("what is dispatched reads as a task of a graph document")
    func documents() async throws {
        let retry = RetryPolicy(maxAttempts: 7, backoff: .fixed, only: ["io"])
        let spec = TaskSpec(
            id: "c", handler: "h", inputs: JSON(["x": 1]), params: JSON([2]),
            dependencies: [Dependency("a", on: .finished, as: "before")], queue: "q", priority: .urgent,
            start: .at(Timestamp(milliseconds: 1_800_000_000_000)), retry: retry, timeouts: Timeouts(total: .seconds(60)), critical: false)
        let content = try await dispatch { context in
            try context.dispatch(handler: "a", id: "a", at: Timestamp(milliseconds: 1_800_000_000_123))
            try context.dispatch(
                handler: "b", inputs: JSON(["\"": "\u{1}"]), id: "b", priority: .high, queue: "b", delay: .milliseconds(1500),
                params: 5, after: ["a"])
            try context.dispatch(spec)
        }
        guard case .completed(_, let dispatch) = content else { throw Harness.Unexpected() }
        let text = #"{"name":"g","tasks":["# + dispatch.map(\.description).joined(separator: ",") + "]}"
        let tasks = try GraphReader.read(json: Array(text.utf8)).tasks
        let first = TaskSpec(id: "a", handler: "a", start: .at(Timestamp(milliseconds: 1_800_000_000_123)))
        let second = TaskSpec(
            id: "b", handler: "b", inputs: JSON(["\"": "\u{1}"]), params: JSON(5), dependencies: [Dependency("a")], queue: "b",
            priority: .high, start: .after(.milliseconds(1500)))
        #expect(tasks == [first, second, spec])
    }

    @Test("a null counts as absent")
    func null() async throws {
        let content = try await dispatch { context in
            try context.dispatch(handler: "a", inputs: JSON.null, params: String?.none)
        }
        #expect(content == .completed(result: .null, dispatch: [try JSON(parsing: #"{"handler":"a"}"#)]))
    }

    static let refusals: [(field: String, body: @Sendable (TaskContext) throws -> Void)] = [
        ("handler", { try $0.dispatch(handler: "a b") }),
        ("id", { try $0.dispatch(handler: "a", id: "") }),
        ("queue", { try $0.dispatch(handler: "a", queue: "q/1") }),
        ("after", { try $0.dispatch(handler: "a", after: ["x y"]) }),
        ("after", { try $0.dispatch(handler: "a", id: "a", after: ["a"]) }),
        ("after", { try $0.dispatch(handler: "a", after: ["b", "b"]) }),
        ("inputs", { try $0.dispatch(handler: "a", inputs: [1], after: ["b"]) }),
        ("inputs", { try $0.dispatch(handler: "a", inputs: Double.nan) }),
        ("inputs", { try $0.dispatch(handler: "a", inputs: String(repeating: "x", count: 262_144)) }),
        ("params", { try $0.dispatch(handler: "a", params: String(repeating: "x", count: 16_384)) }),
        ("delay", { try $0.dispatch(handler: "a", delay: .seconds(-1)) }),
        ("delay", { try $0.dispatch(handler: "a", delay: .seconds(3650 * 86_400 + 1)) }),
        ("delay", { try $0.dispatch(handler: "a", delay: .seconds(1), at: Timestamp(milliseconds: 0)) }),
        ("id", { try $0.dispatch(TaskSpec(id: "?", handler: "a")) }),
    ]

    @Test("what the coordinator would refuse is refused by dispatch, and the error names the field", arguments: refusals.indices)
    func refused(index: Int) async throws {
        let (field, body) = Self.refusals[index]
        let error = try await refusal(body)
        #expect(["invalidDispatch", "tooLarge"].contains(error.type))
        #expect(error.retryable == false)
        #expect(error.message.hasPrefix("dispatch: ") && error.message.contains(field), "\(error.message)")
    }

    @Test("an id is dispatched once, and a refused dispatch leaves nothing behind")
    func duplicate() async throws {
        let errors = Journal<TaskError>()
        let content = try await dispatch { context in
            try context.dispatch(handler: "a", id: "same")
            do throws(any Error) {
                try context.dispatch(handler: "b", id: "same")
            } catch let error as TaskError {
                errors.append(error)
            }
        }
        #expect(content == .completed(result: .null, dispatch: [try JSON(parsing: #"{"id":"same","handler":"a"}"#)]))
        #expect(errors.all.first?.message.contains("'same'") == true)
    }

    @Test("a thousand tasks can be dispatched, from several tasks at a time, and no more")
    func count() async throws {
        let errors = Journal<TaskError>()
        let content = try await dispatch { context in
            await withTaskGroup { group in
                for part in 0..<11 {
                    group.addTask {
                        for index in 0..<100 {
                            do throws(any Error) {
                                try context.dispatch(handler: "a", id: TaskID("\(part)-\(index)"))
                            } catch {
                                if let error = error as? TaskError { errors.append(error) }
                            }
                        }
                    }
                }
            }
        }
        guard case .completed(_, let dispatch) = content else { throw Harness.Unexpected() }
        #expect(Set(dispatch).count == 1000)
        #expect(errors.all.count == 100)
        #expect(errors.all.allSatisfy { $0.type == "tooLarge" && $0.message.contains("1000 tasks") })
    }

    @Test("256 KiB can be dispatched to the byte, and no more")
    func size() async throws {
        let frame = #"[{"handler":"a","inputs":""},{"handler":"a","inputs":""}]"#.utf8.count
        let half = String(repeating: "x", count: 131_072)
        let content = try await dispatch { context in
            try context.dispatch(handler: "a", inputs: half)
            let error = #expect(throws: TaskError.self) {
                try context.dispatch(handler: "a", inputs: half.dropLast(frame - 1).description)
            }
            #expect(error?.type == "tooLarge")
            #expect(error?.message.contains("262144") == true)
            try context.dispatch(handler: "a", inputs: half.dropLast(frame).description)
        }
        guard case .completed(_, let dispatch) = content else { throw Harness.Unexpected() }
        #expect(dispatch.count == 2)
    }

    @Test("nothing can be dispatched once the attempt has ended")
    func late() async throws {
        let contexts = Journal<TaskContext>()
        #expect(try await dispatch { contexts.append($0) } == .completed(result: .null))
        let error = #expect(throws: TaskError.self) { try contexts.all[0].dispatch(handler: "a") }
        #expect(error?.message.contains("has ended") == true)
        contexts.clear()
    }
}
