/// A message from a queue, to be acknowledged or rejected once.
///
/// `ack` and `reject` only note what is to be sent: they never wait, and may be called from any thread. They do nothing
/// when the channel the message came on is gone; the broker then delivers it again, to this consumer or another.
public struct Delivery: Sendable {
    public let body: [UInt8]
    public let properties: Properties
    public let exchange: String
    public let routingKey: String
    /// Whether the broker handed the message out before. No proof that anyone saw it.
    public let redelivered: Bool
    /// The consumer's tag; empty for `Connection.get`.
    public let consumerTag: String
    private let shared: ConnectionShared
    private let channel: UInt64
    private let tag: UInt64

    init(_ message: IncomingMessage, shared: ConnectionShared, channel: UInt64) {
        body = message.body
        properties = message.properties
        exchange = message.exchange
        routingKey = message.routingKey
        redelivered = message.redelivered
        consumerTag = message.consumerTag
        tag = message.tag
        self.shared = shared
        self.channel = channel
    }

    /// The message is done with. A second call, or one after `reject`, is ignored.
    /// - Returns: false when it is too late, because the channel is gone. True is no promise that it reached the broker.
    @discardableResult
    public func ack() -> Bool { shared.settle(SettleCommand(channel: channel, tag: tag, how: .acknowledge)) }

    /// Gives the message back to its queue, or drops or dead-letters it.
    /// - Returns: false when it is too late, because the channel is gone.
    @discardableResult
    public func reject(requeue: Bool) -> Bool {
        shared.settle(SettleCommand(channel: channel, tag: tag, how: requeue ? .requeue : .drop))
    }
}

extension Delivery {
    /// What settles a delivery, without its message: to hold many of them in little memory.
    public struct Receipt: Sendable {
        fileprivate let shared: ConnectionShared
        fileprivate let channel: UInt64
        fileprivate let tag: UInt64

        /// As ``Delivery/reject(requeue:)``.
        @discardableResult
        public func reject(requeue: Bool) -> Bool {
            shared.settle(SettleCommand(channel: channel, tag: tag, how: requeue ? .requeue : .drop))
        }
    }

    public var receipt: Receipt { Receipt(shared: shared, channel: channel, tag: tag) }
}
