public import BatonWire

/// A message broker, as Baton needs one. `AMQPBroker` is RabbitMQ; `InMemoryBroker` lives in one process.
///
/// All implementations keep the same promises, which `BrokerConformance` checks:
/// - a publication is confirmed only once every queue it reaches has it;
/// - a delivery stays the consumer's until it is settled; what was not settled when its link ends is delivered again, marked
///   `redelivered`;
/// - a message given back more than `Queue.deliveryLimit` times is moved to the queue's dead letters;
/// - exclusive queues go with the link that declared them, and come back empty when it reconnects.
public protocol Broker: Sendable {
    /// A link of its own, not yet running. Publish on one and consume on another: a broker that is short of memory stops
    /// reading from publishers, and acknowledgements must not wait behind them.
    func link(_ name: String) -> any BrokerLink
}

/// A connection that heals itself.
public protocol BrokerLink: Sendable {
    /// Connects, and keeps connected until the task is cancelled; then sends what was handed over, and closes.
    ///
    /// - Throws: `BrokerError` where trying again can't help, such as a wrong password.
    func run() async throws

    /// Called with each change, on the link's own thread: return at once.
    func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void)

    /// Called with what the link finds out about queues, on the link's own thread: return at once.
    func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void)

    /// Declares these if they aren't there, and all but the durable queues again after each reconnect: with those goes what was in
    /// them, which somebody has to see to first. Waits for the connection.
    ///
    /// - Throws: `BrokerError` that names the difference where one is there with other settings.
    func declare(exchanges: [Exchange], queues: [Queue]) async throws

    func delete(queue: String) async throws

    /// Removes the messages that nobody has taken, where there is such a queue.
    func purge(queue: String) async throws

    /// Hands messages over for publishing, and returns at once. Each is published until it is confirmed, over reconnects too,
    /// so that a message can arrive twice.
    ///
    /// - Parameter outcome: called once for each index, never on the caller's thread, who may hold a lock that it takes; `nil` for
    ///   confirmed. A message that the link still had when it ended, or gets after that, gets an error.
    func publish(_ publications: [Publication], outcome: @escaping @Sendable (_ index: Int, _ error: BrokerError?) -> Void)

    /// Takes messages, at most `prefetch` unsettled ones at a time, over reconnects too, until the subscription is cancelled or
    /// the link ends; whether anybody keeps the subscription makes no difference.
    ///
    /// - Parameter handler: called on the link's own thread: return at once.
    func consume(queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) async throws -> any Subscription

    /// One message if there is one.
    func get(queue: String) async throws -> Delivery?

    func depth(queue: String) async throws -> QueueDepth
}

public protocol Subscription: Sendable {
    /// No delivery comes after this has returned; those that came are still to be settled.
    func cancel() async throws
}

public enum LinkState: Sendable, Hashable {
    case connecting(lastError: String?)
    case connected
    /// The broker takes no messages: it is short of memory or disk.
    case blocked(reason: String)
    case closed
}

public enum QueueEvent: Sendable, Hashable {
    /// A subscription has lost it: it isn't there any more. The subscription goes on once somebody has declared it again.
    case missing(String)
    /// The broker has it, and can't serve it, as where it has lost its leader.
    case unavailable(String)
}

public struct QueueDepth: Sendable, Hashable {
    public var messages: Int
    public var consumers: Int

    public init(messages: Int, consumers: Int) {
        self.messages = messages
        self.consumers = consumers
    }
}

public struct Publication: Sendable {
    /// The exchange's name; empty to address a queue by the routing key.
    public var exchange: String
    public var routingKey: String
    public var message: Message
    /// Refuse the message where no queue would get it.
    public var isMandatory: Bool

    public init(exchange: String, routingKey: String, message: Message, isMandatory: Bool = true) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.message = message
        self.isMandatory = isMandatory
    }
}

/// A message that is the consumer's until it settles it, once, by `acknowledge` or `giveBack`. Both return at once; after a
/// reconnect they do nothing, since the broker delivers the message again.
public final class Delivery: Sendable {
    public let message: Message
    public let exchange: String
    public let routingKey: String
    /// Delivered before, to anyone. No proof that somebody has seen it.
    public let isRedelivered: Bool
    private let settle: @Sendable (Settlement) -> Void

    public enum Settlement: Sendable { case acknowledge, requeue, discard }

    public init(
        message: Message, exchange: String, routingKey: String, isRedelivered: Bool,
        settle: @escaping @Sendable (Settlement) -> Void
    ) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.isRedelivered = isRedelivered
        self.settle = settle
    }

    public func acknowledge() { settle(.acknowledge) }

    public func giveBack() { settle(.requeue) }

    /// Moves it to the queue's dead letters.
    public func discard() { settle(.discard) }
}

public struct BrokerError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// No queue would have got the message.
        case unroutable
        /// The broker did not take it.
        case refused
        /// Something is declared otherwise than asked for.
        case mismatch
        /// There is no such queue or exchange.
        case missing
        /// The credentials or permissions are not enough.
        case denied
        /// The broker has the queue, and can't serve it.
        case unavailable
        /// The link has ended.
        case closed
        case other
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension BrokerLink {
    /// Whether there is such a queue.
    ///
    /// - Throws: `BrokerError` where that can't be found out.
    public func has(queue: String) async throws -> Bool {
        do {
            _ = try await depth(queue: queue)
            return true
        } catch let error as BrokerError where error.code == .missing {
            return false
        }
    }

    /// Publishes one message, and returns when it is confirmed.
    ///
    /// - Throws: `BrokerError`. Cancellation doesn't take the message back.
    public func publish(_ publication: Publication) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            publish([publication]) { _, error in
                if let error { continuation.resume(throwing: error) } else { continuation.resume() }
            }
        }
    }
}
