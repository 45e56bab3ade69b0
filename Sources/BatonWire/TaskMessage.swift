public import BatonModel

/// One attempt of a task, from the coordinator to whichever worker takes it.
public struct TaskMessage: Sendable, Hashable {
    public enum Hook: String, Sendable { case onFailed, onCancelled }

    public var attempt: AttemptID
    public var task: TaskID
    public var handler: HandlerName
    public var correlationID: String
    public var priority: Priority
    /// The routing key of reports.
    public var replyTo: String
    public var maxAttempts: Int
    public var owner: String?
    public var deadline: Timestamp?
    public var heartbeat: Duration?
    public var timeout: Duration?
    /// Somebody else may have the same attempt: ask before starting.
    public var needsClaim: Bool
    public var hook: Hook?
    /// Of a task that dispatches itself again: which time this is, from 1.
    public var round = 1
    public var sentAt: Timestamp
    public var trace: TraceContext?
    public var body: Body

    public init(
        attempt: AttemptID, task: TaskID, handler: HandlerName, correlationID: String, priority: Priority, replyTo: String,
        maxAttempts: Int, owner: String? = nil, deadline: Timestamp? = nil, heartbeat: Duration? = nil,
        timeout: Duration? = nil, needsClaim: Bool = false, hook: Hook? = nil, sentAt: Timestamp, body: Body = Body()
    ) {
        self.attempt = attempt
        self.task = task
        self.handler = handler
        self.correlationID = correlationID
        self.priority = priority
        self.replyTo = replyTo
        self.maxAttempts = maxAttempts
        self.owner = owner
        self.deadline = deadline
        self.heartbeat = heartbeat
        self.timeout = timeout
        self.needsClaim = needsClaim
        self.hook = hook
        self.sentAt = sentAt
        self.body = body
    }

    public struct Body: Sendable, Hashable {
        /// The task's inputs, with the results of its dependencies.
        public var inputs: JSON?
        public var params: JSON?
        public var checkpoint: JSON?
        public var feedback: JSON?
        /// Of an attempt after the first: the delay before it in milliseconds, and the error of the one before,
        /// as `{"delayMs", "error"}`.
        public var retry: JSON?
        /// The dependencies that have no result, by their name: `{"status", "error"?}`.
        public var missing: JSON?

        public init(
            inputs: JSON? = nil, params: JSON? = nil, checkpoint: JSON? = nil, feedback: JSON? = nil, retry: JSON? = nil,
            missing: JSON? = nil
        ) {
            self.inputs = inputs
            self.params = params
            self.checkpoint = checkpoint
            self.feedback = feedback
            self.retry = retry
            self.missing = missing
        }
    }

    public static let type = "task"
    public static let lastRound = 1_000_000_000

    public var message: Message {
        var fields: [Headers.Field] = []
        fields.reserveCapacity(12)
        func add(_ name: String, _ value: Headers.Value) { fields.append(Headers.Field(name: name, value: value)) }
        add(HeaderName.version, .integer(WireVersion.current))
        add(HeaderName.run, .string(attempt.run.rawValue))
        add(HeaderName.task, .string(task.rawValue))
        add(HeaderName.handler, .string(handler.rawValue))
        add(HeaderName.attempt, .integer(Int64(attempt.number)))
        add(HeaderName.maxAttempts, .integer(Int64(maxAttempts)))
        if let owner { add(HeaderName.owner, .string(owner)) }
        if let deadline { add(HeaderName.deadline, .integer(deadline.milliseconds)) }
        if let heartbeat { add(HeaderName.heartbeat, .integer(heartbeat.milliseconds)) }
        if let timeout { add(HeaderName.timeout, .integer(timeout.milliseconds)) }
        if needsClaim { add(HeaderName.claim, .bool(true)) }
        if let hook { add(HeaderName.hook, .string(hook.rawValue)) }
        if round > 1 { add(HeaderName.round, .integer(Int64(round))) }
        if let trace {
            add(HeaderName.traceparent, .string(trace.traceparent))
            if let state = trace.tracestate { add(HeaderName.tracestate, .string(state)) }
        }
        return Message(
            type: Self.type, messageID: attempt.description, correlationID: correlationID, replyTo: replyTo,
            contentType: ContentType.json, appID: "baton", priority: UInt8(priority.rawValue),
            timestamp: UInt64(max(0, sentAt.milliseconds / 1000)), headers: Headers(fields), body: body.bytes)
    }

    /// - Throws: `WireError` where a part that a worker needs is missing or of the wrong form.
    public init(_ message: Message) throws(WireError) {
        try WireVersion.check(message)
        guard message.type == Self.type else { throw WireError("type '\(message.type ?? "")' is not 'task'") }
        guard let id = message.messageID, let attempt = AttemptID(id) else {
            throw WireError("message_id '\(message.messageID ?? "")' is not an attempt's id")
        }
        guard let handler = message.headers.string(HeaderName.handler) else {
            throw WireError("header \(HeaderName.handler) is missing")
        }
        guard let replyTo = message.replyTo else { throw WireError("reply_to is missing") }
        let headers = message.headers
        self.init(
            attempt: attempt, task: TaskID(headers.string(HeaderName.task) ?? String(attempt.task)),
            handler: HandlerName(handler), correlationID: message.correlationID ?? attempt.run.rawValue,
            priority: message.priority.flatMap { Priority(rawValue: Int($0)) } ?? .normal, replyTo: replyTo,
            maxAttempts: Int(clamping: headers.integer(HeaderName.maxAttempts) ?? 1), owner: headers.string(HeaderName.owner),
            deadline: headers.integer(HeaderName.deadline).map(Timestamp.init(milliseconds:)),
            heartbeat: headers.integer(HeaderName.heartbeat).map { .milliseconds($0) },
            timeout: headers.integer(HeaderName.timeout).map { .milliseconds($0) },
            needsClaim: headers.bool(HeaderName.claim) ?? false,
            hook: headers.string(HeaderName.hook).flatMap(Hook.init(rawValue:)),
            sentAt: Timestamp(milliseconds: Int64(clamping: message.timestamp ?? 0) &* 1000), body: try Body(message.body))
        round = Int(clamping: max(1, min(headers.integer(HeaderName.round) ?? 1, Int64(Self.lastRound))))
        trace = TraceContext(headers)
    }
}

extension TaskMessage.Body {
    /// Absent parts are left out.
    public var bytes: [UInt8] {
        let size = [inputs, params, checkpoint, feedback, retry, missing].reduce(16) { $0 + ($1.map { $0.bytes.count + 16 } ?? 0) }
        var writer = JSONWriter(reserving: size)
        writer.object { writer in
            writer.field("inputs", inputs)
            writer.field("params", params)
            writer.field("checkpoint", checkpoint)
            writer.field("feedback", feedback)
            writer.field("retry", retry)
            writer.field("missing", missing)
        }
        return writer.bytes
    }

    /// Splits the body into its parts; none is decoded.
    public init(_ bytes: [UInt8]) throws(WireError) {
        self.init()
        if bytes.isEmpty { return }
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            try reader.readObject { (name, reader) throws(JSONError) in
                switch name {
                case "inputs": inputs = try reader.readRaw()
                case "params": params = try reader.readRaw()
                case "checkpoint": checkpoint = try reader.readRaw()
                case "feedback": feedback = try reader.readRaw()
                case "retry": retry = try reader.readRaw()
                case "missing": missing = try reader.readRaw()
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            throw WireError("the body is not a task's: \(error)")
        }
    }
}
