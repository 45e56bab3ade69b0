public import BatonModel

extension Worker {
    /// Offers a closure as a validator: a handler that a task names as its guardrail, and that looks at the task's result
    /// before it counts.
    ///
    /// ```swift
    /// worker.registerValidator("reviews.tone") { (review: Review, context: TaskContext) in
    ///     review.text.contains("!") ? .reject(feedback: "write without exclamation marks") : .pass
    /// }
    /// ```
    ///
    /// It runs as a task of its own, with retries as any other. The task's inputs are in `context.inputs`, whose fields are
    /// `inputs` and `result`. A result that doesn't fit `Value` fails the validator with `invalidInputs`, and is never retried:
    /// take `JSON` to judge results of any form.
    public func registerValidator<Value: Codable & Sendable>(
        _ name: HandlerName, _ body: @escaping @Sendable (Value, TaskContext) async throws -> Verdict<Value>
    ) {
        register(name) { (input: JSON, context: TaskContext) in
            guard let result = input.fields?.last(where: { $0.name == "result" })?.value else {
                throw Self.invalid("a validator's inputs must be an object with the 'result' to judge")
            }
            let value: Value
            do {
                value = try result.decode()
            } catch {
                throw Self.invalid("result: \(DecodingProblem.describe(error))")
            }
            let verdict = try await body(value, context)
            do {
                return try verdict.json()
            } catch {
                throw TaskError(type: "invalidResult", message: "the changed result can't be encoded: \(error)", retryable: false)
            }
        }
    }

    private static func invalid(_ message: String) -> TaskError {
        TaskError(type: TaskError.Kind.invalidInputs, message: "inputs: \(message)", retryable: false)
    }
}
