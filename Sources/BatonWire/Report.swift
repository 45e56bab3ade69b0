public import BatonModel

/// What a worker says of one attempt.
public struct Report: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        /// Sent for an attempt that outlives 100 ms.
        case started
        /// - Parameter dispatch: documents of tasks, as in a graph, that are to be stored with the result or not at all. One
        ///   without an `id` gets one from the coordinator.
        case completed(result: JSON, dispatch: [JSON] = [])
        case failed(TaskError)
        /// The handler stopped because it was told to, or a cancelled attempt's message was dropped unstarted.
        case cancelled(message: String?)
        case progress(Progress)
        case heartbeat
        /// The attempt runs long: may its message be acknowledged?
        case lease
        /// The message may be a double: may the attempt be started? Answered by `Control.claimed`.
        case claim(redelivered: Bool)
        /// Lines, as `lines(of:now:)` reads them.
        case log(JSON)
    }

    public struct Progress: Sendable, Hashable, Codable {
        /// From 0 to 1.
        public var fraction: Double?
        public var message: String?
        /// What the next attempt gets, should this one fail.
        public var checkpoint: JSON?

        public init(fraction: Double? = nil, message: String? = nil, checkpoint: JSON? = nil) {
            self.fraction = fraction
            self.message = message
            self.checkpoint = checkpoint
        }
    }

    /// How many tasks ride on one completion at most, and how many bytes their list has.
    public static let maximumDispatchedTasks = 1000
    public static let maximumDispatchBytes = 256 << 10

    public var attempt: AttemptID
    public var content: Content
    public var worker: WorkerID?
    /// By the worker's clock.
    public var startedAt: Timestamp?

    public init(_ content: Content, of attempt: AttemptID, by worker: WorkerID? = nil, startedAt: Timestamp? = nil) {
        self.attempt = attempt
        self.content = content
        self.worker = worker
        self.startedAt = startedAt
    }

    /// - Parameter task: the task's id, echoed for those who read along.
    public func message(task: TaskID? = nil) -> Message {
        var fields: [Headers.Field] = []
        fields.reserveCapacity(8)
        func add(_ name: String, _ value: Headers.Value) { fields.append(Headers.Field(name: name, value: value)) }
        add(HeaderName.version, .integer(WireVersion.current))
        add(HeaderName.run, .string(attempt.run.rawValue))
        if let task { add(HeaderName.task, .string(task.rawValue)) }
        add(HeaderName.attempt, .integer(Int64(attempt.number)))
        if let worker { add(HeaderName.worker, .string(worker.rawValue)) }
        if let startedAt { add(HeaderName.started, .integer(startedAt.milliseconds)) }
        var message = Message(
            type: typeName, correlationID: attempt.description, contentType: ContentType.json, body: [])
        switch content {
        case .started, .heartbeat, .lease: break
        case .completed(let result, let dispatch):
            guard !dispatch.isEmpty else {
                message.body = result.bytes
                break
            }
            message.contentType = ContentType.completion
            var writer = JSONWriter(reserving: dispatch.reduce(result.bytes.count + 32) { $0 + $1.bytes.count + 1 })
            writer.object { writer in
                writer.field("result", result)
                writer.name("dispatch")
                writer.array { for task in dispatch { $0.write(task) } }
            }
            message.body = writer.bytes
        case .failed(let error): message.body = error.json.bytes
        case .cancelled(let reason):
            if let reason {
                var writer = JSONWriter()
                writer.object { $0.field("message", reason) }
                message.body = writer.bytes
            }
        case .progress(let progress):
            var writer = JSONWriter()
            writer.object {
                if let fraction = progress.fraction {
                    $0.name("fraction")
                    $0.write(JSONValue.number(fraction))
                }
                $0.field("message", progress.message)
                $0.field("checkpoint", progress.checkpoint)
            }
            message.body = writer.bytes
        case .claim(let redelivered): add(HeaderName.redelivered, .bool(redelivered))
        case .log(let lines): message.body = lines.bytes
        }
        message.headers = Headers(fields)
        return message
    }

    private var typeName: String {
        switch content {
        case .started: "started"
        case .completed: "completed"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .progress: "progress"
        case .heartbeat: "heartbeat"
        case .lease: "lease"
        case .claim: "claim"
        case .log: "log"
        }
    }

    /// Reads a report. A `completed` one whose body isn't JSON, or whose continuations are no list of tasks, is read as the
    /// failure it is, so that its task doesn't wait for ever.
    ///
    /// - Throws: `WireError` where it can't be told what is reported of which attempt.
    public init(_ message: Message) throws(WireError) {
        try WireVersion.check(message)
        guard let id = message.correlationID, let attempt = AttemptID(id) else {
            throw WireError("correlation_id '\(message.correlationID ?? "")' is not an attempt's id: echo the task's message_id")
        }
        let content: Content
        switch message.type {
        case "started": content = .started
        case "completed": content = Self.completion(message)
        case "failed": content = .failed(TaskError(report: message.body))
        case "cancelled":
            content = .cancelled(message: (try? JSON(parsing: message.body))?.value["message"]?.string)
        case "progress":
            guard let body = try? JSON(parsing: message.body), body.isObject else {
                throw WireError("the body of a progress report must be an object")
            }
            content = .progress(Progress(body))
        case "heartbeat": content = .heartbeat
        case "lease": content = .lease
        case "claim": content = .claim(redelivered: message.headers.bool(HeaderName.redelivered) ?? false)
        case "log": content = .log((try? JSON(parsing: message.body)) ?? .null)
        default: throw WireError("'\(message.type ?? "")' is not a type of report")
        }
        self.init(
            content, of: attempt, by: message.headers.string(HeaderName.worker).map(WorkerID.init(rawValue:)),
            startedAt: message.headers.integer(HeaderName.started).map(Timestamp.init(milliseconds:)))
    }

    private static func completion(_ message: Message) -> Content {
        if message.body.isEmpty { return .completed(result: .null) }
        do throws(JSONError) {
            if message.contentType == ContentType.completion { return try bundle(message.body) }
            return .completed(result: try JSON(parsing: message.body))
        } catch {
            return invalid("the result is not JSON: \(error)")
        }
    }

    /// Reads `{"result", "dispatch"}`, either of which may be absent. No part is decoded.
    private static func bundle(_ body: [UInt8]) throws(JSONError) -> Content {
        var reader = JSONReader(body)
        guard try reader.peek() == .object else {
            return invalid("a body of \(ContentType.completion) must be an object with 'result' and 'dispatch'")
        }
        var result: JSON?
        var list: JSON?
        try reader.readObject { (name, reader) throws(JSONError) in
            switch name {
            case "result": result = try reader.readRaw()
            case "dispatch": list = try reader.readRaw()
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        if let result, result.bytes.count > JSON.deepest {
            // As deep as a bare result may be: the messages of what depends on it have to carry it in turn.
            var inner = JSONReader(result.bytes, deepest: JSON.deepest)
            try inner.skipValue()
        }
        guard let list, !list.isNull else { return .completed(result: result ?? .null) }
        guard list.bytes.count <= maximumDispatchBytes else {
            return invalid("dispatch has \(list.bytes.count) bytes; the limit is \(maximumDispatchBytes)")
        }
        return try tasks(of: list) { .completed(result: result ?? .null, dispatch: $0) }
    }

    private static func tasks(of list: JSON, _ completed: ([JSON]) -> Content) throws(JSONError) -> Content {
        var reader = JSONReader(list.bytes)
        guard try reader.peek() == .array else { return invalid("dispatch must be a list of tasks") }
        var tasks: [JSON] = []
        try reader.readArray { (reader) throws(JSONError) in tasks.append(try reader.readRaw()) }
        guard tasks.count <= maximumDispatchedTasks else {
            return invalid("dispatch has \(tasks.count) tasks; the limit is \(maximumDispatchedTasks)")
        }
        if let index = tasks.firstIndex(where: { !$0.isObject }) {
            return invalid("dispatch[\(index)] must be an object: a task as in a graph document")
        }
        return completed(tasks)
    }

    private static func invalid(_ message: String) -> Content {
        .failed(TaskError(type: "invalidResult", message: message, retryable: false))
    }
}

extension Report.Progress {
    init(_ body: JSON) {
        self.init()
        for (name, value) in body.fields ?? [] {
            switch name {
            case "fraction": fraction = value.value.double.map { min(1, max(0, $0)) }
            case "message": message = value.value.string
            case "checkpoint": checkpoint = value
            default: break
            }
        }
    }
}

extension TaskError {
    /// Whatever the body is, the attempt has failed; an unreadable body is quoted.
    init(report body: [UInt8]) {
        guard let json = try? JSON(parsing: body), json.isObject else {
            let text = String(decoding: body.prefix(500), as: UTF8.self)
            self.init(type: "error", message: text.isEmpty ? "the worker gave no reason" : text)
            return
        }
        self.init(json)
    }
}

extension Report {
    /// Log lines for one report. More than `LogLine.maximumLinesOfReport` are cut by whoever reads them.
    public static func log(_ lines: [LogLine]) -> Content {
        var writer = JSONWriter()
        writer.array { writer in for line in lines { writer.write(line.json) } }
        return .log(writer.json)
    }

    /// Reads the body of a `log` report: a line or a list of lines, each an object `{"at"?, "level"?, "message", "data"?}` or a
    /// text. Nothing of it is refused.
    package static func lines(of body: JSON, now: Timestamp) -> [LogLine] {
        guard body.bytes.first == UInt8(ascii: "[") else { return body.isNull ? [] : [LogLine(reported: body, now: now)] }
        var lines: [LogLine] = []
        var reader = JSONReader(body.bytes)
        try? reader.readArray { (reader) throws(JSONError) in
            let line = try reader.readRaw()
            if lines.count < LogLine.maximumLinesOfReport { lines.append(LogLine(reported: line, now: now)) }
        }
        return lines
    }
}
