public import BatonModel

/// What became of a task, as Celery's `rpc://` result backend sends it.
public struct CeleryResult: Sendable, Hashable {
    public enum Status: String, Sendable {
        case success = "SUCCESS"
        case failure = "FAILURE"
        case revoked = "REVOKED"
    }

    public enum Outcome: Sendable, Hashable {
        case success(JSON)
        case failure(CeleryException)
        case revoked(CeleryException)
        /// The task goes on: it has started, or is tried again.
        case pending(status: String)
    }

    public var task: String
    public var outcome: Outcome

    public init(task: String, _ outcome: Outcome) {
        self.task = task
        self.outcome = outcome
    }

    /// For the queue that the task's `reply_to` names.
    public func message(at time: Timestamp) -> Message {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("task_id", task)
            switch outcome {
            case .success(let result):
                writer.field("status", Status.success.rawValue)
                writer.field("result", result)
            case .failure(let exception):
                writer.field("status", Status.failure.rawValue)
                writer.field("result", exception.json)
            case .revoked(let exception):
                writer.field("status", Status.revoked.rawValue)
                writer.field("result", exception.json)
            case .pending(let status):
                writer.field("status", status)
                writer.field("result", JSON.null)
            }
            writer.field("traceback", JSON.null)
            writer.field("children", JSON(trusted: Array("[]".utf8)))
            writer.field("date_done", time.description)
        }
        return Message(
            correlationID: task, contentType: ContentType.json, appID: "baton", priority: 0, body: writer.bytes, contentEncoding: "utf-8")
    }

    /// - Throws: `WireError` where it is no result, or none in JSON.
    public init(_ message: Message) throws(WireError) {
        guard ContentType.isJSON(message.contentType ?? "") else {
            throw WireError(
                "the result is '\((message.contentType ?? "").prefix(100))', but only JSON can be read: set result_serializer = 'json'")
        }
        let fields: [String: JSON]
        do throws(JSONError) {
            fields = Dictionary(try JSON(parsing: message.body).fields ?? [], uniquingKeysWith: { $1 })
        } catch {
            throw WireError("the result is not JSON: \(error)")
        }
        guard let status = fields["status"]?.value.string, let id = fields["task_id"]?.value.string ?? message.correlationID else {
            throw WireError("the result has no status or no task_id")
        }
        task = id
        let result = fields["result"] ?? .null
        switch Status(rawValue: status) {
        case .success: outcome = .success(result)
        case .failure: outcome = .failure(CeleryException(result, traceback: fields["traceback"]?.value.string))
        case .revoked: outcome = .revoked(CeleryException(result, traceback: nil))
        case nil: outcome = .pending(status: status)
        }
    }
}

/// An exception as Celery writes it in JSON: type, arguments, and the module of the type.
public struct CeleryException: Sendable, Hashable {
    public var type: String
    public var message: String
    public var module: String?
    public var traceback: String?

    public init(type: String, message: String, module: String? = nil) {
        self.type = type
        self.message = message
        self.module = module
    }

    public static let exceptions = "celery.exceptions"

    public static func revoked(_ message: String) -> CeleryException {
        CeleryException(type: "TaskRevokedError", message: message, module: exceptions)
    }

    /// What the message is refused with.
    public static func invalid(_ message: String) -> CeleryException {
        CeleryException(type: "InvalidTaskError", message: message, module: exceptions)
    }

    /// An error type becomes the exception of the same name; those of Baton's own that Celery has an exception for, that one.
    public init(_ error: TaskError) {
        let known = [
            TaskError.Kind.timeout: "TimeLimitExceeded", TaskError.Kind.workerLost: "WorkerLostError",
            TaskError.Kind.poisoned: "WorkerLostError", TaskError.Kind.unknownHandler: "NotRegistered",
            TaskError.Kind.cancelled: "TaskRevokedError",
        ]
        if let type = known[error.type] {
            self.init(type: type, message: error.message, module: Self.exceptions)
        } else {
            self.init(type: error.type, message: error.message, module: Self.builtins.contains(error.type) ? "builtins" : nil)
        }
    }

    init(_ json: JSON, traceback: String?) {
        let value = json.value
        let parts = value["exc_message"]
        type = value["exc_type"]?.string ?? "CeleryError"
        module = value["exc_module"]?.string
        let texts = (parts?.array ?? parts.map { [$0] } ?? [value]).map { $0.string ?? JSON($0).description }
        message = texts.joined(separator: ", ")
        self.traceback = traceback
    }

    var json: JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("exc_type", type)
            writer.name("exc_message")
            writer.array { $0.write(message) }
            writer.name("exc_module")
            if let module { writer.write(module) } else { writer.write(JSON.null) }
        }
        return writer.json
    }

    /// Python's own exceptions that take one text. Naming anything else of that module would be taken for an attack.
    private static let builtins: Set<String> = [
        "ArithmeticError", "AssertionError", "AttributeError", "BufferError", "ConnectionError", "EOFError", "Exception",
        "FileExistsError", "FileNotFoundError", "ImportError", "IndexError", "InterruptedError", "KeyError", "LookupError",
        "MemoryError", "NameError", "NotImplementedError", "OSError", "OverflowError", "PermissionError", "RecursionError",
        "ReferenceError", "RuntimeError", "TimeoutError", "TypeError", "ValueError", "ZeroDivisionError",
    ]
}
