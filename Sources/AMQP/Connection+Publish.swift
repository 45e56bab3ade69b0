import Dispatch

extension Connection {
    /// Publishes a message and returns when the broker has taken responsibility for it.
    ///
    /// Waits through reconnects and memory alarms for as long as they last; what was on the wire when a connection broke
    /// is published again, so duplicates are possible. Bodies are sent in frames; headers must fit into one.
    /// - Throws: ``AMQPError``: `unroutable` when it was mandatory and reached no queue, `refused` when a queue could not
    ///   take it, `notFound` when the exchange doesn't exist, `accessRefused`, `preconditionFailed`, `invalidArgument`
    ///   when AMQP can't carry it, `closed`; or `CancellationError`: it is then not sent, or not sent again, but may
    ///   have arrived.
    public func publish(_ publication: Publication) async throws {
        let waiter = Waiter<Void>()
        let batch = PublishBatch([publication], .waiter(waiter))
        try shared.post { $0.batches.append(batch) }
        try await waiter.value()
    }

    /// Hands over messages to be published in order, without waiting.
    ///
    /// At most `maxUnconfirmed` are on the wire at a time; the rest waits here, in memory: bound what you hand over by the
    /// outcomes. The outcome is called once for each publication, with its index, on the connection's thread or, when the
    /// connection has ended already, on another one, never on the caller's, who may hold a lock that it takes; it must not block.
    /// Outcomes as for `publish(_:)`.
    public func publish(
        _ batch: [Publication], outcome: @escaping @Sendable (_ index: Int, _ result: Result<Void, AMQPError>) -> Void
    ) {
        let publishing = PublishBatch(batch, .callback(outcome))
        do {
            try shared.post { $0.batches.append(publishing) }
        } catch {
            DispatchQueue.global().async {
                for index in batch.indices { outcome(index, .failure(error)) }
            }
        }
    }
}
