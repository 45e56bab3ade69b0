public import BatonModel

/// A task for a Celery worker, in version 2 of Celery's message protocol.
public struct CeleryCall: Sendable, Hashable {
    public var id: String
    public var task: String
    /// A list.
    public var args: JSON
    /// An object.
    public var kwargs: JSON
    public var replyTo: String?
    public var priority: Priority
    /// How long an attempt may take there, and how long from `sentAt` on it may start.
    public var timeout: Duration?
    public var sentAt: Timestamp
    public var trace: TraceContext?

    public init(
        id: String, task: String, args: JSON, kwargs: JSON, replyTo: String?, priority: Priority = .normal, timeout: Duration? = nil,
        sentAt: Timestamp
    ) {
        self.id = id
        self.task = task
        self.args = args
        self.kwargs = kwargs
        self.replyTo = replyTo
        self.priority = priority
        self.timeout = timeout
        self.sentAt = sentAt
    }

    /// The exchange on which Celery's workers hear remote control commands.
    public static let control = "celery.pidbox"

    public var message: Message {
        let limit = timeout.map { Headers.Value.number(Double($0.milliseconds) / 1000) } ?? .null
        let headers: Headers = [
            "lang": .string("py"), "task": .string(task), "id": .string(id), "root_id": .string(id), "parent_id": .null,
            "group": .null, "shadow": .null, "eta": .null, "retries": .integer(0), "timelimit": .array([limit, .null]),
            "expires": timeout.map { .string((sentAt + $0).description) } ?? .null,
            "argsrepr": .string(Self.shown(args)), "kwargsrepr": .string(Self.shown(kwargs)), "origin": .string("baton"),
            "ignore_result": .bool(replyTo == nil),
        ]
        var writer = JSONWriter(reserving: args.bytes.count + kwargs.bytes.count + 80)
        writer.array { writer in
            writer.write(args)
            writer.write(kwargs)
            writer.object { for name in ["callbacks", "errbacks", "chain", "chord"] { $0.field(name, JSON.null) } }
        }
        var message = Message(
            correlationID: id, replyTo: replyTo, contentType: ContentType.json, appID: "baton", priority: Self.priority(priority),
            headers: headers, body: writer.bytes, contentEncoding: "utf-8")
        message.add(trace)
        return message
    }

    /// The command by which workers drop a task that has not started, and, where they should, stop one that has.
    public static func revocation(of id: String, terminate: Bool) -> Message {
        let command: JSONValue = [
            "method": "revoke", "arguments": ["task_id": .string(id), "terminate": .bool(terminate), "signal": "SIGTERM"],
            "destination": nil, "pattern": nil, "matcher": nil,
        ]
        return Message(
            contentType: ContentType.json, appID: "baton", isPersistent: false, headers: ["clock": .integer(0), "expires": .integer(0)],
            body: JSON(command).bytes, contentEncoding: "utf-8")
    }

    /// Read back by `CeleryTask`, three of the four levels are the same.
    private static func priority(_ priority: Priority) -> UInt8 {
        switch priority {
        case .urgent: 9
        case .high: 6
        case .normal: 3
        case .low: 0
        }
    }

    /// For people who look at a Celery worker.
    private static func shown(_ json: JSON) -> String {
        json.bytes.count <= 1024 ? json.description : String(decoding: json.bytes.prefix(1000), as: UTF8.self) + "..."
    }
}
