public import BatonModel

/// A graph, or a single task, that a producer sent to the submit exchange: Baton's own document, bare inputs with headers, or a
/// CloudEvent.
public struct Submission: Sendable, Hashable {
    public var graph: Graph
    /// Where the producer wants answers, with the correlation id it gave.
    public var replyTo: String?
    public var correlationID: String?
    public var wantsResult: Bool
    /// Whether this is a bare task, so that its result answers alone.
    public var isSingleTask: Bool

    /// Reads a submission.
    ///
    /// A message id serves as the idempotency key where none is given, so that a message which the broker delivers twice
    /// makes one run.
    ///
    /// - Throws: `InvalidGraph` with every problem found.
    public init(
        _ message: Message, limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidGraph) {
        if let version = message.headers.integer(HeaderName.version), version > WireVersion.current {
            throw InvalidGraph("the message is of protocol \(version); this program knows up to \(WireVersion.current)")
        }
        guard message.body.count <= limits.messageBytes else {
            throw InvalidGraph("\(message.body.count) bytes are more than the limit messageBytes of \(limits.messageBytes)")
        }
        if let event = try CloudEvent.read(message) {
            graph = try event.graph()
            try graph.validate(limits: limits)
            isSingleTask = true
        } else {
            (graph, isSingleTask) = try Self.read(message, limits, checks)
        }
        if graph.key == nil {
            graph.key = try Self.header(HeaderName.key, message)
                ?? Self.given(message.messageID).map { "message:\($0)" }
        }
        if graph.correlationID == nil { graph.correlationID = Self.given(message.correlationID) }
        if graph.owner == nil { graph.owner = try Self.header(HeaderName.owner, message) }
        for (place, text) in [("key", graph.key), ("correlationId", graph.correlationID), ("owner", graph.owner)] {
            if let text, !PlainText.allows(text) { throw InvalidGraph(PlainText.explanation, at: place) }
        }
        if graph.trace == nil { graph.trace = TraceContext(message.headers) }
        replyTo = Self.given(message.replyTo)
        correlationID = message.correlationID
        wantsResult = message.headers.string(HeaderName.reply) == "result"
    }

    /// Many clients send the properties they don't use as empty texts.
    private static func given(_ property: String?) -> String? { property.flatMap { $0.isEmpty ? nil : $0 } }

    private static func read(
        _ message: Message, _ limits: Limits, _ checks: SyntaxChecks
    ) throws(InvalidGraph) -> (Graph, isSingleTask: Bool) {
        // Without a type, a handler's name tells a single task from a graph.
        switch given(message.type) ?? (message.headers[HeaderName.handler] == nil ? "graph" : "task") {
        case "graph": return (try graph(message, limits, checks), false)
        case "task":
            let graph = try singleTask(message)
            try graph.validate(limits: limits)
            return (graph, true)
        case let other: throw InvalidGraph("type '\(other)' is not one of graph, task", at: "type")
        }
    }

    private static func graph(_ message: Message, _ limits: Limits, _ checks: SyntaxChecks) throws(InvalidGraph) -> Graph {
        guard ContentType.mediaType(message.contentType) == ContentType.yaml else {
            return try GraphReader.read(document: message.body, limits: limits, checks: checks)
        }
        guard let text = String(validating: message.body, as: UTF8.self) else {
            throw InvalidGraph("the document is not UTF-8")
        }
        return try GraphReader.read(yaml: text, limits: limits, checks: checks)
    }

    /// Held to the same size as the field of the document that it stands for.
    private static func header(_ name: String, _ message: Message) throws(InvalidGraph) -> String? {
        guard let text = message.headers.string(name) else { return nil }
        guard !text.isEmpty, text.utf8.count <= 255 else { throw InvalidGraph("must have 1 to 255 bytes", at: name) }
        return text
    }

    private static func singleTask(_ message: Message) throws(InvalidGraph) -> Graph {
        guard let handler = message.headers.string(HeaderName.handler) else {
            throw InvalidGraph("is missing: a submission of type task names its handler", at: HeaderName.handler)
        }
        let inputs: JSON?
        do throws(JSONError) {
            let body = message.body.isEmpty ? JSON.null : try JSON(parsing: message.body)
            inputs = body.isNull ? nil : body
        } catch {
            throw InvalidGraph("the inputs are not JSON: \(error)")
        }
        var task = TaskSpec(id: "task", handler: HandlerName(handler), inputs: inputs)
        if let queue = message.headers.string(HeaderName.queue) { task.queue = QueueName(queue) }
        if let text = message.headers.string(HeaderName.priority) { task.priority = try priority(text, at: HeaderName.priority) }
        return Graph(name: handler, tasks: [task])
    }

    static func priority(_ text: String, at place: String) throws(InvalidGraph) -> Priority {
        guard let number = Int(text), let priority = Priority(rawValue: number) else {
            throw InvalidGraph("'\(text)' is not a priority: 0 urgent, 1 high, 2 normal, 3 low", at: place)
        }
        return priority
    }
}
