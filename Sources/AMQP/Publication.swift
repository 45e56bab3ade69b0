/// A message on its way to an exchange.
public struct Publication: Sendable, Equatable {
    /// The exchange; empty for the default one, which routes to the queue named by the routing key.
    public var exchange: String
    public var routingKey: String
    public var properties: Properties
    public var body: [UInt8]
    /// Whether a message that reaches no queue is an error (`AMQPError.Code.unroutable`); on by default.
    ///
    /// The broker's return doesn't say which publication it means: it is matched by exchange, routing key, message id,
    /// correlation id, type and size. Give publications a message id of their own where that matters.
    public var mandatory: Bool

    public init(
        exchange: String = "", routingKey: String, properties: Properties = Properties(), body: [UInt8] = [],
        mandatory: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
        self.mandatory = mandatory
    }
}
