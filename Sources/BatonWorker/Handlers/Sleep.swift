import BatonModel

/// `core.sleep`: waits for `seconds`, which may be a fraction, at most ten years.
struct Sleep: TaskHandler {
    struct Input: Decodable, Sendable { var seconds: Double }

    static let name: HandlerName = "core.sleep"
    private static let longest = 315_360_000.0

    func run(_ input: Input, _ context: TaskContext) async throws -> JSON {
        guard input.seconds >= 0, input.seconds <= Self.longest else {
            throw TaskError(
                type: TaskError.Kind.invalidInputs, message: "seconds: \(input.seconds) is not in 0...\(Int(Self.longest))",
                retryable: false)
        }
        try await Task.sleep(for: .seconds(input.seconds))
        return .null
    }
}
