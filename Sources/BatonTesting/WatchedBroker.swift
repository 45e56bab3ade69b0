import BatonBroker
import BatonWire

/// A broker that lets a test see what is published and delivered over it, after it has happened.
struct WatchedBroker: Broker {
    let broker: any Broker
    var published: @Sendable (Publication) -> Void = { _ in }
    var delivered: @Sendable (Delivery) -> Void = { _ in }

    func link(_ name: String) -> any BrokerLink { WatchedLink(link: broker.link(name), broker: self) }
}

private struct WatchedLink: BrokerLink {
    let link: any BrokerLink
    let broker: WatchedBroker

    func run() async throws { try await link.run() }

    func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void) { link.onStateChange(handler) }

    func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) { link.onQueueEvent(handler) }

    func declare(exchanges: [Exchange], queues: [Queue]) async throws { try await link.declare(exchanges: exchanges, queues: queues) }

    func delete(queue: String) async throws { try await link.delete(queue: queue) }

    func purge(queue: String) async throws { try await link.purge(queue: queue) }

    func publish(_ publications: [Publication], outcome: @escaping @Sendable (Int, BrokerError?) -> Void) {
        link.publish(publications, outcome: outcome)
        for publication in publications { broker.published(publication) }
    }

    func consume(queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) async throws -> any Subscription {
        try await link.consume(queue: queue, prefetch: prefetch) { delivery in
            handler(delivery)
            broker.delivered(delivery)
        }
    }

    func get(queue: String) async throws -> Delivery? { try await link.get(queue: queue) }

    func depth(queue: String) async throws -> QueueDepth { try await link.depth(queue: queue) }
}
