import BatonBroker
import BatonWire

/// A link of a `ScriptedBroker`.
struct ScriptedLink: BrokerLink {
    let broker: ScriptedBroker
    let name: String

    func run() async throws {
        try await broker.perform { broker.stateHandlers[name]?(.connected) }
        _ = try? await Journal<Int>().first()
        try await broker.perform {
            for consumer in broker.consumers where consumer.link == name { consumer.isActive = false }
            broker.requeue(name)
            broker.pump()
        }
    }

    func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void) {
        broker.thread.sync { broker.stateHandlers[name] = handler }
    }

    func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) {}

    func declare(exchanges: [Exchange], queues: [Queue]) async throws {
        try await broker.perform {
            for queue in queues where broker.queues[queue.name] == nil {
                broker.queues[queue.name] = []
                for binding in queue.bindings {
                    let key = binding.exchange.kind == .fanout ? nil : binding.routingKey
                    broker.bindings.append((binding.exchange.name, key, queue.name))
                }
            }
        }
    }

    func delete(queue: String) async throws {
        try await broker.perform { broker.queues[queue] = nil }
    }

    func purge(queue: String) async throws {
        try await broker.perform { broker.queues[queue] = [] }
    }

    func publish(_ publications: [Publication], outcome: @escaping @Sendable (Int, BrokerError?) -> Void) {
        broker.thread.async {
            for (index, publication) in publications.enumerated() {
                let error = broker.route(publication)
                if error == nil, broker.holds(publication) {
                    broker.heldOutcomes.append { outcome(index, nil) }
                } else {
                    outcome(index, error)
                }
                broker.published.append(publication)
            }
            broker.pump()
        }
    }

    func consume(
        queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void
    ) async throws -> any Subscription {
        try await broker.perform {
            broker.consumers.append(
                ScriptedBroker.Consumer(link: name, queue: queue, prefetch: prefetch, handler: handler))
            broker.subscriptions.append(queue)
            broker.pump()
        }
        return ScriptedSubscription(broker: broker, link: name, queue: queue)
    }

    func get(queue: String) async throws -> Delivery? {
        try await broker.perform { broker.take(queue, name, nil) }
    }

    func depth(queue: String) async throws -> QueueDepth {
        let messages = try await broker.perform { broker.queues[queue]?.count }
        guard let messages else { throw BrokerError(.missing, "there is no queue \(queue)") }
        return QueueDepth(messages: messages, consumers: 0)
    }
}

struct ScriptedSubscription: Subscription {
    let broker: ScriptedBroker
    let link: String
    let queue: String

    func cancel() async throws {
        try await broker.perform {
            broker.consumers.removeAll { $0.link == link && $0.queue == queue }
            broker.subscriptions.append("-\(queue)")
        }
    }
}
