import BatonBroker
import BatonModel
import BatonTesting
import BatonWire

/// Somebody who listens on the events exchange.
final class EventListener: Sendable {
    let messages = Journal<Message>()
    let keys = Journal<String>()
    private let link: any BrokerLink

    private init(_ link: any BrokerLink) { self.link = link }

    static func with<Value>(
        _ cluster: TestCluster, pattern: String = "#", _ body: (EventListener) async throws -> Value
    ) async throws -> Value {
        let listener = EventListener(cluster.broker.link("listener"))
        let running = Task { try await listener.link.run() }
        do {
            let queue = Queue(name: "listener", kind: .exclusive, bindings: [Binding(Topology().events, pattern)])
            try await listener.link.declare(exchanges: Topology().exchanges, queues: [queue])
            _ = try await listener.link.consume(queue: queue.name, prefetch: 100) { [messages = listener.messages, keys = listener.keys] in
                // Who waits for a key finds its message.
                messages.append($0.message)
                keys.append($0.routingKey)
                $0.acknowledge()
            }
            let value = try await body(listener)
            running.cancel()
            _ = await running.result
            return value
        } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
    }
}
