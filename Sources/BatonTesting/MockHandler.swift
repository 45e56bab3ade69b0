public import BatonModel
import BatonWorker

/// What a handler's name does in a test.
///
/// ```swift
/// cluster.register("payments.charge", .failing(2, then: ["charge": "ch_1"]))
/// cluster.register("mail.send", .succeeding())
/// ```
public struct MockHandler: Sendable {
    /// Gets the call, whose number counts the calls of the name from 1 on.
    let body: @Sendable (_ number: Int, _ call: HandlerCall, _ context: TaskContext) async throws -> JSON

    /// Completes with the value.
    public static func succeeding(_ result: JSONValue = .null) -> MockHandler {
        MockHandler { _, _, _ in JSON(result) }
    }

    /// Completes with the inputs that it got.
    public static let echoing = MockHandler { _, call, _ in call.inputs }

    /// Fails the first calls of its name, whichever tasks they are for, and completes with the value from then on.
    public static func failing(
        _ count: Int, then result: JSONValue = .null,
        with error: TaskError = TaskError(type: "mocked", message: "the test wants this call to fail")
    ) -> MockHandler {
        MockHandler { number, _, _ in
            if number <= count { throw error }
            return JSON(result)
        }
    }

    /// Fails each time.
    public static func failing(with error: TaskError) -> MockHandler { failing(.max, with: error) }

    /// Runs until it is cancelled or times out.
    public static let hanging = MockHandler { _, _, _ in
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}
