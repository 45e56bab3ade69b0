import BatonModel
import BatonWire

/// A handler whose types are out of sight: JSON in, JSON out.
struct RegisteredHandler: Sendable {
    let name: HandlerName
    /// Those that the coordinator has to dispatch.
    let hooks: [TaskMessage.Hook]
    /// Runs the task with its hooks around it, or the hook that the message is.
    let run: @Sendable (TaskMessage, TaskContext) async throws -> JSON

    init<Handler: TaskHandler>(_ handler: Handler) {
        name = Handler.name
        let failure = handler as? any FailureHook
        let cancellation = handler as? any CancellationHook
        hooks = (failure == nil ? [] : [.onFailed]) + (cancellation == nil ? [] : [.onCancelled])
        run = { message, context in
            switch message.hook {
            case .onFailed:
                await Self.hook("onFailed", context) {
                    try await failure?.onFailed(HookInputs(message.body.inputs).error, context)
                }
                return .null
            case .onCancelled:
                await Self.hook("onCancelled", context) {
                    try await cancellation?.onCancelled(HookInputs(message.body.inputs).reason, context)
                }
                return .null
            case nil:
                return try await Self.run(handler, message, context)
            }
        }
    }

    init<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ name: HandlerName, _ body: @escaping @Sendable (Input, TaskContext) async throws -> Output
    ) {
        self.name = name
        hooks = []
        run = { message, context in
            if message.hook != nil { return .null }
            return try Self.encode(try await body(Self.decode(message.body.inputs), context))
        }
    }

    private static func run<Handler: TaskHandler>(
        _ handler: Handler, _ message: TaskMessage, _ context: TaskContext
    ) async throws -> JSON {
        let input: Handler.Input = try decode(message.body.inputs)
        if message.body.retry != nil {
            let retry = RetryInfo(attempt: context.attempt, body: message.body.retry)
            await hook("onRetry", context) { try await handler.onRetry(input, retry, context) }
        } else {
            await hook("onStarted", context) { try await handler.onStarted(input, context) }
        }
        try Task.checkCancellation()
        let output = try await handler.run(input, context)
        let result = try encode(output)
        await hook("onCompleted", context) { try await handler.onCompleted(output, context) }
        return result
    }

    private static func hook(_ name: String, _ context: TaskContext, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            context.logger.error("hook failed", metadata: [LogKey.hook: "\(name)", LogKey.error: "\(error)"])
        }
    }

    /// A task without inputs suits what can be read from `null` or from an empty object.
    private static func decode<Input: Decodable>(_ inputs: JSON?) throws(TaskError) -> Input {
        do {
            if let inputs { return try inputs.decode() }
            if let input: Input = try? JSON.null.decode() { return input }
            return try JSON.emptyObject.decode()
        } catch {
            throw AttemptOutcome.invalidInputs(error)
        }
    }

    private static func encode(_ output: some Encodable) throws(TaskError) -> JSON {
        let json: JSON
        if let raw = output as? JSON {
            json = raw
        } else {
            do {
                json = try JSON(encoding: output)
            } catch {
                throw TaskError(type: "invalidResult", message: "the result can't be encoded: \(error)", retryable: false)
            }
        }
        guard json.bytes.count <= AttemptOutcome.maximumPayload else {
            throw AttemptOutcome.tooLarge("the result", json.bytes.count)
        }
        return json
    }
}
