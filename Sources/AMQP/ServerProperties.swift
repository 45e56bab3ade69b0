/// What a broker says of itself when a connection is made, and what was agreed on with it.
public struct ServerProperties: Sendable, Equatable {
    /// As the broker announced them: `product`, `version`, `cluster_name`, `capabilities` and more.
    public let announced: Headers
    /// In bytes.
    public let frameMax: Int
    public let channelMax: Int
    /// In seconds; 0 for none.
    public let heartbeat: Int

    /// Such as `RabbitMQ`.
    public var product: String? { announced["product"]?.string }
    public var version: String? { announced["version"]?.string }

    /// Whether the broker announced a capability such as `publisher_confirms`.
    public func has(capability name: String) -> Bool {
        guard case .table(let capabilities) = announced["capabilities"] else { return false }
        return capabilities[name]?.bool ?? false
    }
}

extension Connection {
    /// Of the latest connection; nil before the first.
    public var server: ServerProperties? { shared.server.withLock { $0 } }
}
