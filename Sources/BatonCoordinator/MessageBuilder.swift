import BatonEngine
import BatonModel
import BatonStore
import BatonWire

/// Makes a task's message from what is stored. Payloads are put together as text, and decoded only where a rule asks for it.
struct MessageBuilder: Sendable {
    var replyTo: String
    var limits: Limits
    var schemas: SchemaChecks

    /// - Parameter origin: of a task that was added for another one, that one.
    /// - Parameter isRepeated: the message may have been sent before.
    /// - Throws: `TaskError` where the message can't be made, and never will be.
    func message(
        _ data: DispatchData, origin: DispatchData?, attempt: AttemptID, isRepeated: Bool, now: Timestamp
    ) throws(TaskError) -> Message {
        let spec = TaskInputs.spec(of: data)
        let rules = spec.rules
        let retry = spec.retry ?? .default
        let fallback = data.state.flags.contains(.fallback) ? rules.fallback : nil
        var message = TaskMessage(
            attempt: attempt, task: spec.id, handler: fallback ?? spec.handler, correlationID: data.run.correlationID,
            priority: spec.priority, replyTo: replyTo, maxAttempts: Int(data.state.base) + retry.maxAttempts, owner: data.run.owner,
            needsClaim: isRepeated || data.state.losses > 0, sentAt: now)
        message.heartbeat = spec.timeouts.heartbeat
        message.timeout = spec.timeouts.attempt
        message.round = rules.round
        message.trace = data.run.trace?.child(of: attempt)
        if let total = spec.timeouts.total, let first = data.state.firstQueuedAt { message.deadline = first + total }
        message.hook = data.role?.hook.flatMap { TaskMessage.Hook(rawValue: $0.rawValue) }
        message.body.params = spec.params
        message.body.checkpoint = data.state.attempt > 1 ? data.parts[.checkpoint] : nil
        message.body.feedback = data.parts[.feedback]
        message.body.inputs = try TaskInputs.inputs(of: data, origin: origin)
        if let schema = rules.schemas.inputs, let problem = schemas.problem(message.body.inputs ?? .null, schema) {
            throw TaskError(type: TaskError.Kind.invalidInputs, message: "inputs: \(problem)", retryable: false)
        }
        switch data.role {
        case nil, .continuation, .dispatched, .item: message.body.missing = Self.missing(data.dependencies)
        case .onFailed, .onCancelled, .compensation, .validator, .compressor: break
        }
        // A task that is run again from the start, or its fallback, begins anew.
        let isRetry = data.state.attempt - data.state.base > 1 || data.state.rejections > 0
        if isRetry, let last = data.lastAttempt {
            var writer = JSONWriter()
            writer.object {
                let wait = (data.state.queuedAt ?? now) - (last.finishedAt ?? now)
                $0.field("delayMs", Int(clamping: max(0, wait.milliseconds)))
                $0.field("error", last.error?.json)
            }
            message.body.retry = writer.json
        }
        let result = message.message
        guard result.body.count <= limits.messageBytes else {
            throw TaskError(
                type: TaskError.Kind.tooLarge,
                message: "the inputs with the dependencies' results have \(result.body.count) bytes, more than the limit "
                    + "messageBytes of \(limits.messageBytes): pass references instead of data, or depend on fewer tasks",
                retryable: false)
        }
        return result
    }

    /// Whether a task's message tells of the task that it was added for.
    static func needsOrigin(_ role: TaskNode.Role?) -> Bool {
        switch role {
        case nil, .dispatched, .item: false
        case .continuation, .onFailed, .onCancelled, .compensation, .validator, .compressor: true
        }
    }

    private static func missing(_ dependencies: [DispatchData.Input]) -> JSON? {
        guard dependencies.contains(where: { $0.status != .completed }) else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            for dependency in dependencies where dependency.status != .completed {
                writer.name(dependency.dependency.name)
                writer.object {
                    $0.field("status", dependency.status.rawValue)
                    $0.field("error", dependency.error?.json)
                }
            }
        }
        return writer.json
    }
}
