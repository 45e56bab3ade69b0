import BatonModel
import BatonStore
import BatonWire

/// Makes a task's message from what is stored. Payloads are put together as text, never decoded.
struct MessageBuilder: Sendable {
    var replyTo: String
    var limits: Limits

    /// - Parameter isRepeated: the message may have been sent before.
    func message(_ data: DispatchData, attempt: AttemptID, isRepeated: Bool, now: Timestamp) throws(TaskError) -> Message {
        let spec = data.spec
        let retry = spec.retry ?? .default
        var message = TaskMessage(
            attempt: attempt, task: spec.id, handler: spec.handler, correlationID: data.run.correlationID,
            priority: spec.priority, replyTo: replyTo, maxAttempts: retry.maxAttempts, owner: data.run.owner,
            needsClaim: isRepeated || data.state.losses > 0, sentAt: now)
        message.heartbeat = spec.timeouts.heartbeat
        message.timeout = spec.timeouts.attempt
        if let total = spec.timeouts.total, let first = data.state.firstQueuedAt { message.deadline = first + total }
        message.hook = data.hook.flatMap { TaskMessage.Hook(rawValue: $0.rawValue) }
        message.body.params = spec.params
        message.body.checkpoint = data.checkpoint
        message.body.inputs = data.origin.map(Self.hookInputs) ?? spec.inputs
        if !data.dependencies.isEmpty { message.body.inputs = try Self.merged(data) }
        message.body.missing = Self.missing(data.dependencies)
        if let last = data.lastAttempt {
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

    /// The task's own inputs and the dependencies' results beside one another.
    private static func merged(_ data: DispatchData) throws(TaskError) -> JSON {
        var writer = JSONWriter(reserving: data.dependencies.reduce(64) { $0 + ($1.result?.bytes.count ?? 4) + 16 })
        let own = data.spec.inputs?.fields ?? []
        guard data.spec.mergesFlat else {
            writer.object { writer in
                for (name, value) in own { writer.field(name, value) }
                for dependency in data.dependencies { writer.field(dependency.name, dependency.result ?? .null) }
            }
            return writer.json
        }
        var origins: [String: String] = [:]
        for (name, _) in own { origins[name] = "the inputs" }
        try writer.object { (writer) throws(TaskError) in
            for (name, value) in own { writer.field(name, value) }
            for dependency in data.dependencies {
                guard let result = dependency.result else { continue }
                guard let fields = result.fields else {
                    throw TaskError(
                        type: TaskError.Kind.invalidInputs,
                        message: "'merge: flat' needs objects, but the result of \(dependency.task) is none", retryable: false)
                }
                for (name, value) in fields {
                    if let other = origins.updateValue(dependency.task.rawValue, forKey: name) {
                        throw TaskError(
                            type: TaskError.Kind.invalidInputs,
                            message: "'merge: flat': '\(name)' comes from \(other) and from \(dependency.task)",
                            retryable: false)
                    }
                    writer.field(name, value)
                }
            }
        }
        return writer.json
    }

    private static func missing(_ dependencies: [DispatchData.Input]) -> JSON? {
        guard dependencies.contains(where: { $0.status != .completed }) else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            for dependency in dependencies where dependency.status != .completed {
                writer.name(dependency.name)
                writer.object {
                    $0.field("status", dependency.status.rawValue)
                    $0.field("error", dependency.error?.json)
                }
            }
        }
        return writer.json
    }

    private static func hookInputs(_ origin: (id: TaskID, inputs: JSON?, error: TaskError?)) -> JSON {
        var writer = JSONWriter()
        writer.object {
            $0.field("task", origin.id.rawValue)
            $0.field("inputs", origin.inputs)
            $0.field("error", origin.error?.json)
        }
        return writer.json
    }
}
