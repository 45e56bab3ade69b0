import BatonBroker
import BatonModel
import BatonWire

/// `core.celery`: has a Celery worker run the task `task` with `args` and `kwargs`, and returns its result. An exception there
/// fails the attempt with the exception's type.
///
/// `queue` is the Celery worker's (default: `celery`), which has to be there. All of them can be given by the inputs or the
/// parameters. With `wait: false` the attempt ends when the broker has the message. The worker needs `rpc://` as its result
/// backend, or no answer comes: give the task an attempt timeout. When the attempt is cancelled or times out, workers are told to
/// drop the task if it has not started, and with `terminate: true` to stop it if it has.
struct CeleryTaskHandler: TaskHandler {
    struct Request {
        var task: String
        var args = JSON(trusted: Array("[]".utf8))
        var kwargs = JSON.emptyObject
        var queue = "celery"
        var waits = true
        var terminates = false
    }

    static let name: HandlerName = "core.celery"
    let line: CeleryLine

    func run(_ input: JSON, _ context: TaskContext) async throws -> JSON {
        let request = try Request(inputs: input, params: context.params)
        let message = context.message
        var call = CeleryCall(
            id: context.attemptID, task: request.task, args: request.args, kwargs: request.kwargs,
            replyTo: request.waits ? try await line.replies() : nil, priority: message.priority, timeout: message.timeout, sentAt: .now)
        call.trace = context.trace
        guard request.waits else {
            try await line.send(call, to: request.queue)
            var writer = JSONWriter()
            writer.object { $0.field("id", call.id) }
            return writer.json
        }
        do {
            return try Self.result(try await line.result(of: call, on: request.queue))
        } catch let error as CancellationError {
            // A worker that leaves gives the attempt to another one, which sends it by the same id.
            if context.stopCause() != .workerStopping { line.revoke(call.id, terminate: request.terminates) }
            throw error
        }
    }

    static func result(_ result: CeleryResult) throws(TaskError) -> JSON {
        switch result.outcome {
        case .success(let value): return value
        case .failure(let exception): throw error(exception)
        case .revoked(let exception):
            var error = error(exception)
            error.retryable = false
            throw error
        case .pending(let status): throw TaskError(type: "celery", message: "the task is \(status)")
        }
    }

    private static func error(_ exception: CeleryException) -> TaskError {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("module", exception.module)
            // Its end tells more than its beginning.
            writer.field("traceback", exception.traceback.map { String($0.suffix(4000)) })
        }
        return TaskError(type: exception.type, message: exception.message, details: writer.json)
    }
}

extension CeleryTaskHandler.Request {
    /// - Throws: `TaskError` that names the field.
    init(inputs: JSON, params: JSON) throws(TaskError) {
        var fields = Dictionary(params.fields ?? [], uniquingKeysWith: { $1 })
        fields.merge(inputs.fields ?? []) { $1 }
        fields = fields.filter { !$0.value.isNull }
        func invalid(_ message: String) -> TaskError {
            TaskError(type: TaskError.Kind.invalidInputs, message: message, retryable: false)
        }
        func text(_ name: String) throws(TaskError) -> String? {
            guard let value = fields[name] else { return nil }
            guard let text = value.value.string, (1...255).contains(text.utf8.count) else {
                throw invalid("\(name): must be a text of 1 to 255 bytes")
            }
            return text
        }
        func flag(_ name: String) throws(TaskError) -> Bool? {
            guard let value = fields[name] else { return nil }
            guard let flag = value.value.bool else { throw invalid("\(name): must be true or false") }
            return flag
        }
        guard let task = try text("task") else { throw invalid("task: is missing; it names the Celery task, such as tasks.add") }
        self.init(task: task)
        if let args = fields["args"] {
            guard args.bytes.first == UInt8(ascii: "[") else { throw invalid("args: must be a list") }
            self.args = args
        }
        if let kwargs = fields["kwargs"] {
            guard kwargs.isObject else { throw invalid("kwargs: must be an object") }
            self.kwargs = kwargs
        }
        queue = try text("queue") ?? queue
        waits = try flag("wait") ?? waits
        terminates = try flag("terminate") ?? terminates
    }
}
