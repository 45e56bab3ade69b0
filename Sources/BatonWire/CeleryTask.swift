public import BatonModel

/// A task that a Celery application sent, in version 2 of Celery's message protocol.
///
/// Its source: docs.celeryq.dev, "Message Protocol", and what Celery 5 puts on the wire.
public struct CeleryTask: Sendable, Hashable {
    public var id: String
    public var handler: HandlerName
    /// The keyword arguments; positional ones are the field `args` beside them.
    public var inputs: JSON
    public var priority: Priority
    public var start: TaskSpec.Start
    /// From when on it must not start any more.
    public var expires: Timestamp?
    /// Attempts that were made elsewhere.
    public var retries: Int
    /// The shorter one of the soft and the hard limit of an attempt.
    public var timeLimit: Duration?
    /// The trace that the application was in.
    public var trace: TraceContext?
    /// Where the result goes; `nil` where nobody wants it.
    public var replyTo: String?
    /// Tells two messages of one id apart that ask for different things.
    public var content: [UInt8]

    /// Arguments, keyword arguments and what is embedded, each still as text.
    private typealias Body = (args: JSON, kwargs: JSON, embedded: JSON)

    /// - Throws: `CeleryRefusal` with the reason, and who should hear of it.
    public init(_ message: Message, limits: Limits = Limits()) throws(CeleryRefusal) {
        var refusal = CeleryRefusal(message)
        do throws(InvalidGraph) {
            try self.init(message, limits, &refusal)
        } catch {
            refusal.reason = error.problems.prefix(5).map(\.description).joined(separator: "; ")
            throw refusal
        }
    }

    private init(_ message: Message, _ limits: Limits, _ refusal: inout CeleryRefusal) throws(InvalidGraph) {
        let headers = message.headers
        guard message.body.count <= limits.messageBytes else {
            throw InvalidGraph("\(message.body.count) bytes are more than the limit messageBytes of \(limits.messageBytes)")
        }
        guard let name = headers.string("task") else {
            throw InvalidGraph("the header 'task' is missing: Celery's message protocol 2 is needed (task_protocol = 2)", at: "task")
        }
        guard let id = headers.string("id"), !id.isEmpty, id.utf8.count <= 200 else {
            throw InvalidGraph("must have 1 to 200 bytes", at: "id")
        }
        self.id = id
        handler = HandlerName(name)
        try Self.checkEncoding(message)
        let body = try Self.body(message.body)
        if let embedded = Self.embedded(body.embedded, &refusal) {
            throw InvalidGraph(
                "\(embedded) inside a message can't be run here: send single tasks, or a graph to Baton", at: "embed")
        }
        inputs = try Self.inputs(body)
        priority = Self.priority(message.priority)
        start = try Self.time("eta", headers).map { .at($0) } ?? .atOnce
        expires = try Self.time("expires", headers)
        retries = Int(clamping: min(1000, max(0, headers.integer("retries") ?? 0)))
        timeLimit = Self.timeLimit(headers["timelimit"])
        trace = TraceContext(headers)
        replyTo = refusal.replies.isEmpty ? nil : refusal.replies[0].replyTo
        content = Array(name.utf8) + [0] + message.body
        try graph(queue: .default, now: Timestamp(milliseconds: 0)).validate(limits: limits)
    }

    private static func checkEncoding(_ message: Message) throws(InvalidGraph) {
        let type = ContentType.mediaType(message.contentType)
        guard type == nil || type == ContentType.json else {
            let known = [
                "application/x-python-serialize": "pickle", "application/x-yaml": "yaml", "application/x-msgpack": "msgpack",
            ]
            let name = known[type ?? ""].map { "\($0) (\(type ?? ""))" } ?? "'\((type ?? "").prefix(100))'"
            throw InvalidGraph("the body is \(name), but only JSON can be read: set task_serializer = 'json'", at: "content_type")
        }
        if let compression = message.headers.string("compression"), !compression.isEmpty {
            throw InvalidGraph(
                "the body is compressed (\(compression.prefix(100))), which can't be read: unset task_compression", at: "compression")
        }
        let encodings = [message.contentEncoding, message.headers.string("body_encoding")]
        for encoding in encodings.compactMap({ $0?.lowercased() }) where !["", "utf-8", "utf8", "us-ascii", "ascii"].contains(encoding) {
            throw InvalidGraph("the body is encoded as '\(encoding.prefix(100))', but must be UTF-8", at: "content_encoding")
        }
    }

    private static func body(_ bytes: [UInt8]) throws(InvalidGraph) -> Body {
        var parts: [JSON] = []
        do throws(JSONError) {
            var reader = JSONReader(bytes, deepest: JSON.deepest)
            try reader.readArray { reader throws(JSONError) in
                let part = try reader.readRaw()
                if parts.count < 4 { parts.append(part) }
            }
            try reader.finish()
        } catch {
            throw InvalidGraph("is not JSON as [args, kwargs, embed]: \(error)", at: "body")
        }
        guard parts.count == 3, parts[1].isObject, parts[2].isObject || parts[2].isNull, parts[0].bytes.first == UInt8(ascii: "[") else {
            throw InvalidGraph("is not [args, kwargs, embed]", at: "body")
        }
        return (parts[0], parts[1], parts[2])
    }

    private static func inputs(_ body: Body) throws(InvalidGraph) -> JSON {
        if body.args.bytes == Array("[]".utf8) { return body.kwargs }
        let fields = body.kwargs.fields ?? []
        if fields.contains(where: { $0.name == "args" }) {
            throw InvalidGraph("there are positional arguments as well, which take the place of 'args'", at: "kwargs.args")
        }
        var writer = JSONWriter(reserving: body.args.bytes.count + body.kwargs.bytes.count + 16)
        writer.object { writer in
            writer.field("args", body.args)
            for (name, value) in fields { writer.field(name, value) }
        }
        return writer.json
    }

    /// What of Celery's canvas rides on the message. Those who wait for its parts are to hear of the refusal.
    private static func embedded(_ embed: JSON, _ refusal: inout CeleryRefusal) -> String? {
        let names = ["chain": "a chain", "chord": "a chord", "callbacks": "a callback (link)", "errbacks": "an errback (link_error)"]
        var found: [String] = []
        for (name, value) in embed.fields ?? [] {
            guard let title = names[name], !value.isNull, value.bytes != Array("[]".utf8) else { continue }
            found.append(title)
            let parts = value.value
            if name == "chain" || name == "chord" { refusal.add(parts.array ?? [parts]) }
        }
        return found.isEmpty ? nil : found.joined(separator: " and ")
    }

    /// Celery's go up to 9, which is the most urgent; 0 is what a message has that says nothing.
    private static func priority(_ priority: UInt8?) -> Priority {
        switch priority ?? 0 {
        case 7...: .urgent
        case 4...6: .high
        default: .normal
        }
    }

    /// ISO 8601; without an offset it is UTC.
    private static func time(_ name: String, _ headers: Headers) throws(InvalidGraph) -> Timestamp? {
        guard let value = headers[name], value != .null, value != .string("") else { return nil }
        guard case .string(let text) = value, let time = Timestamp(text) ?? Timestamp(text + "Z") else {
            throw InvalidGraph("is not a time in ISO 8601", at: name)
        }
        return time
    }

    private static func timeLimit(_ value: Headers.Value?) -> Duration? {
        guard case .array(let limits) = value else { return nil }
        let seconds = limits.prefix(2).compactMap { limit -> Double? in
            switch limit {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        }
        return seconds.filter { $0 > 0 && $0.isFinite }.min().map { .milliseconds(Int64(min($0 * 1000, longest))) }
    }

    /// The longest that a document can say, in milliseconds.
    private static let longest = 3650.0 * 86_400_000
}

extension CeleryTask {
    public func isExpired(_ now: Timestamp) -> Bool { expires.map { $0 <= now } ?? false }

    /// - Parameter queue: Baton's.
    public func graph(queue: QueueName, now: Timestamp) -> Graph {
        var task = TaskSpec(id: "task", handler: handler, inputs: inputs, queue: queue, priority: priority, start: start)
        var retry = RetryPolicy.default
        retry.maxAttempts = max(1, retry.maxAttempts - retries)
        if expires != nil || timeLimit != nil {
            // As with Celery, whose limits in time end a task for good.
            retry.never = [TaskError.Kind.timeout]
        }
        task.retry = retry
        task.timeouts.attempt = timeLimit.map { max($0, .milliseconds(1)) }
        if let expires {
            var ready = now
            if case .at(let time) = start { ready = max(now, time) }
            let wait = max(1, min((expires - ready).milliseconds, Int64(Self.longest)))
            task.timeouts.queued = .milliseconds(wait)
        }
        var graph = Graph(name: handler.rawValue, key: "celery:\(id)", correlationID: id, tasks: [task])
        graph.trace = trace
        return graph
    }
}

/// Why a Celery message is refused, and whom to tell.
public struct CeleryRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Somebody who waits for the result of a task.
    public struct Reply: Sendable, Hashable {
        public var replyTo: String
        public var task: String
    }

    public var reason = ""
    public private(set) var replies: [Reply] = []

    /// A chain can be as long as a message; no more than this many answers come from one.
    static let maximumReplies = 100

    public var description: String { reason }

    init(_ message: Message) {
        guard message.headers.bool("ignore_result") != true else { return }
        add(message.replyTo, message.headers.string("id") ?? message.correlationID)
    }

    /// - Parameter parts: the tasks that would have followed.
    fileprivate mutating func add(_ parts: [JSONValue]) {
        for part in parts.prefix(Self.maximumReplies) {
            add(part["options"]?["reply_to"]?.string, part["options"]?["task_id"]?.string)
        }
    }

    private mutating func add(_ replyTo: String?, _ task: String?) {
        guard let replyTo, let task, (1...255).contains(replyTo.utf8.count), (1...255).contains(task.utf8.count) else { return }
        replies.append(Reply(replyTo: replyTo, task: task))
    }
}
