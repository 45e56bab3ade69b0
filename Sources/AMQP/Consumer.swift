/// What a consumer is doing.
public enum ConsumerState: Sendable, Equatable {
    /// Not at work: waiting for the connection, for the broker's answer, or for the next try after this error.
    case subscribing(lastError: AMQPError?)
    case subscribed
    /// Ended: by `cancel()`, by the end of the connection, or by a refusal when it was first made.
    case ended
}

/// The messages of one queue, as an asynchronous sequence.
///
/// At most `prefetch` messages are unacknowledged at a time; no more are held here. A consumer outlives connections: after
/// a reconnect, or after the broker ended it because its queue was deleted, it subscribes again, with growing delays until
/// that works. Messages of the earlier subscription that were not taken yet are dropped here and come again.
///
/// The sequence ends after `cancel()`, when the connection's `run()` ends, and, for that iteration, when the iterating task
/// is cancelled. Several tasks may iterate; each message goes to one. A consumer that is released is cancelled.
public final class Consumer: AsyncSequence, Sendable {
    public typealias Element = Delivery
    public typealias Failure = Never

    private let subscription: Subscription
    private let shared: ConnectionShared

    init(_ subscription: Subscription, _ shared: ConnectionShared) {
        self.subscription = subscription
        self.shared = shared
    }

    deinit {
        let subscription = subscription
        // A connection that has ended has ended its consumers.
        try? shared.post { $0.commands.append(.cancel(subscription, nil)) }
    }

    public var queue: String { subscription.queue }
    public var state: ConsumerState { subscription.state }

    /// Stops deliveries and ends the sequence. Messages not taken yet go back to the queue; those taken can still be
    /// acknowledged. Calling it again, or after the connection has ended, does nothing.
    /// - Throws: `CancellationError` when the calling task is cancelled first; the consumer ends all the same.
    public func cancel() async throws {
        let waiter = Waiter<Void>()
        let subscription = subscription
        do { try shared.post { $0.commands.append(.cancel(subscription, waiter)) } } catch { return }
        try await waiter.value()
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let consumer: Consumer

        /// The next message; nil at the end, or when the task is cancelled.
        public mutating func next() async -> Delivery? { await consumer.subscription.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Delivery? {
            await consumer.subscription.next()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(consumer: self) }
}
