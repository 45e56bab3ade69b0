package import AMQP
package import BatonWire
import Synchronization

/// One connection to RabbitMQ.
final class AMQPLink: BrokerLink {
    private let connection: Connection
    /// A consumer that is released is cancelled, but a subscription lasts until it is cancelled or the link ends.
    private let consumers = Mutex<[ObjectIdentifier: Consumer]>([:])

    init(_ connection: Connection) { self.connection = connection }

    func run() async throws {
        try await converting { try await connection.run() }
    }

    func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void) {
        connection.onStateChange { state in
            switch state {
            case .idle: handler(.connecting(lastError: nil))
            case .connecting(_, let error): handler(.connecting(lastError: error.map { "\($0)" }))
            case .connected: handler(.connected)
            case .blocked(let reason): handler(.blocked(reason: reason))
            case .closed: handler(.closed)
            }
        }
    }

    func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) {
        connection.onQueueEvent { event in
            switch event {
            case .missing(let queue): handler(.missing(queue))
            case .unavailable(let queue): handler(.unavailable(queue))
            }
        }
    }

    func declare(exchanges: [Exchange], queues: [Queue]) async throws {
        try await converting {
            for exchange in exchanges {
                try await connection.declare(ExchangeDeclaration(exchange.name, type: exchange.kind.rawValue))
            }
            for queue in queues {
                let isKept = !queue.isDurable
                if queue.kind == .adopted {
                    try await adopt(queue.name)
                } else {
                    _ = try await connection.declare(queue.declaration, recover: isKept)
                }
                for binding in queue.bindings { try await bind(queue, binding, recover: isKept) }
            }
        }
    }

    /// Not remembered for reconnects where it is another's: its settings aren't known here.
    private func adopt(_ queue: String) async throws {
        do {
            _ = try await connection.status(queue: queue)
        } catch let error as AMQPError where error.code == .notFound {
            do {
                _ = try await connection.declare(QueueDeclaration(queue))
            } catch let error as AMQPError where error.code == .preconditionFailed {
                // Its owner was faster.
                _ = try await connection.status(queue: queue)
            }
        }
    }

    /// An account that may not bind a shared queue uses it as it is: whoever may declare it binds it too.
    private func bind(_ queue: BatonWire.Queue, _ binding: BatonWire.Binding, recover: Bool) async throws {
        do {
            try await connection.bind(
                AMQP.Binding(from: binding.exchange.name, to: .queue(queue.name), routingKey: binding.routingKey), recover: recover)
        } catch let error as AMQPError where error.code == .accessRefused && queue.kind != .exclusive {}
    }

    func delete(queue: String) async throws {
        _ = try await converting { try await connection.deleteQueue(queue) }
    }

    func purge(queue: String) async throws {
        try await converting {
            do {
                _ = try await connection.purge(queue: queue)
            } catch let error as AMQPError where error.code == .notFound {}
        }
    }

    func publish(_ publications: [Publication], outcome: @escaping @Sendable (_ index: Int, _ error: BrokerError?) -> Void) {
        connection.publish(publications.map(AMQP.Publication.init)) { index, result in
            switch result {
            case .success: outcome(index, nil)
            case .failure(let error): outcome(index, BrokerError(error))
            }
        }
    }

    func consume(queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) async throws -> any Subscription {
        let consumer = try await converting {
            try await connection.consume(queue: queue, prefetch: UInt16(clamping: prefetch)) { handler(Delivery($0)) }
        }
        consumers.withLock { $0[ObjectIdentifier(consumer)] = consumer }
        return AMQPSubscription(link: self, consumer: consumer)
    }

    fileprivate func cancel(_ consumer: Consumer) async throws {
        consumers.withLock { $0[ObjectIdentifier(consumer)] = nil }
        try await converting { try await consumer.cancel() }
    }

    func get(queue: String) async throws -> Delivery? {
        try await converting { try await connection.get(queue: queue).map(Delivery.init) }
    }

    func depth(queue: String) async throws -> QueueDepth {
        let (messages, consumers) = try await converting { try await connection.messageCount(queue: queue) }
        return QueueDepth(messages: messages, consumers: consumers)
    }

    private func converting<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as AMQPError {
            throw BrokerError(error)
        }
    }
}

private struct AMQPSubscription: Subscription {
    let link: AMQPLink
    let consumer: Consumer

    func cancel() async throws { try await link.cancel(consumer) }
}

extension Queue {
    /// As RabbitMQ is asked for it.
    package var declaration: QueueDeclaration {
        switch kind {
        case .exclusive: return QueueDeclaration(name, durable: false, exclusive: true, autoDelete: true)
        case .adopted: return QueueDeclaration(name)
        case .lasting(let time): return QueueDeclaration(name, arguments: ["x-expires": .int(max(1, time.milliseconds))])
        case .durable(let deadLetters):
            var arguments: AMQP.Headers = ["x-queue-type": "quorum"]
            if let deadLetters {
                arguments["x-delivery-limit"] = .int(Int64(Queue.deliveryLimit))
                arguments["x-dead-letter-exchange"] = .string(deadLetters)
                arguments["x-dead-letter-strategy"] = "at-least-once"
                arguments["x-overflow"] = "reject-publish"
            } else {
                // From RabbitMQ 4.0 on, a queue without a limit has one of 20, and drops what passes it where it has no dead letters.
                arguments["x-delivery-limit"] = .int(Int64(Queue.noDeliveryLimit))
            }
            return QueueDeclaration(name, arguments: arguments)
        }
    }
}

extension BrokerError {
    init(_ error: AMQPError) {
        let code: Code =
            switch error.code {
            case .unroutable: .unroutable
            case .refused: .refused
            case .notFound: .missing
            case .preconditionFailed, .resourceLocked: .mismatch
            case .accessRefused, .authenticationRefused, .virtualHostRefused: .denied
            case .queueUnavailable: .unavailable
            case .closed: .closed
            default: .other
            }
        self.init(code, "\(error)")
    }
}
