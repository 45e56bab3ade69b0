public import BatonModel

/// One event of a run, from the coordinator to whoever listens on the events exchange.
public struct EventMessage: Sendable, Hashable {
    public var event: EventView
    /// The run's name, and the handler of the task that the event is about.
    public var name: String
    public var handler: HandlerName?
    public var correlationID: String
    public var owner: String?
    public var trace: TraceContext?

    public init(
        _ event: EventView, name: String, handler: HandlerName?, correlationID: String, owner: String? = nil,
        trace: TraceContext? = nil
    ) {
        self.event = event
        self.name = name
        self.handler = handler
        self.correlationID = correlationID
        self.owner = owner
        self.trace = trace
    }

    /// `run.<name>.<status>` or `task.<handler>.<status>`: the status is the last word of the event's type.
    public var routingKey: String {
        let status = event.type.rawValue.split(separator: ".").last ?? ""
        return handler.map { "task.\($0).\(status)" } ?? "run.\(name).\(status)"
    }

    public var message: Message {
        var headers: Headers = [
            HeaderName.version: .integer(WireVersion.current), HeaderName.run: .string(event.run.rawValue),
        ]
        headers[HeaderName.task] = event.task.map { .string($0.rawValue) }
        headers[HeaderName.handler] = handler.map { .string($0.rawValue) }
        headers[HeaderName.attempt] = event.attempt.map { .integer(Int64($0)) }
        headers[HeaderName.owner] = owner.map { .string($0) }
        headers[HeaderName.traceparent] = trace.map { .string($0.traceparent) }
        headers[HeaderName.tracestate] = trace?.tracestate.map { .string($0) }
        return Message(
            type: event.type.rawValue, messageID: "\(event.run).event.\(event.id)", correlationID: correlationID,
            contentType: ContentType.json, appID: "baton", timestamp: UInt64(max(0, event.at.milliseconds / 1000)),
            headers: headers, body: event.json.bytes)
    }
}
