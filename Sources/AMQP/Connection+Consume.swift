extension Connection {
    /// Subscribes to a queue, on a channel of its own, and returns when the broker has agreed.
    /// - Parameters:
    ///   - prefetch: how many messages may be unacknowledged at a time, from 1.
    ///   - exclusive: whether to be refused while the queue has another consumer, and to keep others away.
    ///   - arguments: such as `x-priority`.
    /// - Throws: ``AMQPError``: `notFound`, `accessRefused` (also when another consumer is exclusive), `timeout` when the
    ///   queue doesn't answer, `closed`; or `CancellationError`. After it has worked once, a consumer only ever retries.
    public func consume(
        queue: String, prefetch: UInt16, exclusive: Bool = false, arguments: Headers = [:]
    ) async throws -> Consumer {
        try await subscribe(queue, prefetch, exclusive, arguments, nil)
    }

    /// As `consume(queue:prefetch:exclusive:arguments:)`, with a handler that is called on the connection's thread for each
    /// message, in order. It must not block: hand the message over and return. Keep the consumer: it is cancelled when
    /// released.
    public func consume(
        queue: String, prefetch: UInt16, exclusive: Bool = false, arguments: Headers = [:],
        handler: @escaping @Sendable (Delivery) -> Void
    ) async throws -> Consumer {
        try await subscribe(queue, prefetch, exclusive, arguments, handler)
    }

    private func subscribe(
        _ queue: String, _ prefetch: UInt16, _ exclusive: Bool, _ arguments: Headers, _ handler: Subscription.Handler?
    ) async throws -> Consumer {
        guard prefetch > 0 else { throw AMQPError(.invalidArgument, "a consumer needs a prefetch of at least 1") }
        try queue.checkedShortLength("queue name")
        guard try arguments.encodedSize() + 1_024 <= configuration.frameMax else {
            throw AMQPError(.invalidArgument, "the arguments don't fit into a frame")
        }
        let subscription = Subscription(
            queue: queue, prefetch: prefetch, exclusive: exclusive, arguments: arguments, handler: handler)
        try shared.post { $0.commands.append(.subscribe(subscription)) }
        // Released, and so cancelled, when waiting for the answer fails.
        let consumer = Consumer(subscription, shared)
        try await subscription.started.value()
        return consumer
    }

    /// Takes one message from a queue, or nil when it is empty. For rare looks; to work through a queue, `consume`.
    /// - Throws: ``AMQPError``: `notFound`, `accessRefused`, `timeout` when the queue doesn't answer, `closed`; or
    ///   `CancellationError`, and a message taken meanwhile goes back.
    public func get(queue: String) async throws -> Delivery? {
        try queue.checkedShortLength("queue name")
        let waiter = Waiter<Delivery?>()
        try shared.post { $0.commands.append(.get(queue, waiter)) }
        return try await waiter.value()
    }
}
