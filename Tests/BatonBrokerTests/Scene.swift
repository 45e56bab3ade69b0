import BatonBroker
import BatonWire
import Foundation
import Synchronization

/// Two running links to one broker, and names of the test's own. All that was declared goes with the scene.
struct Scene: Sendable {
    let kind: BrokerKind
    let broker: any Broker
    let publisher: any BrokerLink
    let consumer: any BrokerLink
    let prefix = "conformance-\(UUID().uuidString.prefix(8).lowercased())"
    private let declared = Declared()

    private final class Declared: Sendable {
        let queues = Mutex<[String]>([])
    }

    func exchange(_ name: String, _ kind: Exchange.Kind) -> Exchange { Exchange(name: "\(prefix).\(name)", kind: kind) }

    func queue(_ name: String, _ kind: Queue.Kind = .durable(deadLetters: nil), _ bindings: [Binding] = []) -> Queue {
        Queue(name: "\(prefix).\(name)", kind: kind, bindings: bindings)
    }

    @discardableResult
    func declare(_ exchanges: [Exchange] = [], _ queues: Queue...) async throws -> [Queue] {
        declared.queues.withLock { $0 += queues.map(\.name) }
        try await consumer.declare(exchanges: exchanges, queues: queues)
        return queues
    }

    func send(_ text: String, to queue: Queue, headers: Headers = [:]) async throws {
        try await publisher.publish(
            Publication(exchange: "", routingKey: queue.name, message: Message(headers: headers, body: Array(text.utf8))))
    }

    /// Runs the body with both links up, and clears up whatever happens.
    static func run(_ kind: BrokerKind, _ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        let broker = try kind.make()
        let scene = Scene(kind: kind, broker: broker, publisher: broker.link("publisher"), consumer: broker.link("consumer"))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await scene.publisher.run()
                return false
            }
            group.addTask {
                try await scene.consumer.run()
                return false
            }
            group.addTask {
                try await body(scene)
                return true
            }
            do {
                while let isBody = try await group.next(), !isBody {}
                for queue in scene.declared.queues.withLock({ $0 }) { try? await scene.consumer.delete(queue: queue) }
                group.cancelAll()
            } catch {
                for queue in scene.declared.queues.withLock({ $0 }) { try? await scene.consumer.delete(queue: queue) }
                group.cancelAll()
                throw error
            }
        }
    }
}

/// Deliveries as they come, to be waited for.
final class Inbox: Sendable {
    private struct State {
        var deliveries: [Delivery] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func put(_ delivery: Delivery) {
        let ready = state.withLock { state in
            state.deliveries.append(delivery)
            let count = state.deliveries.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    var all: [Delivery] { state.withLock { $0.deliveries } }
    var texts: [String] { all.map(\.text) }

    /// Waits until this many have come in all.
    @discardableResult
    func wait(for count: Int) async -> [Delivery] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.deliveries.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return all
    }
}

extension Delivery {
    var text: String { String(decoding: message.body, as: UTF8.self) }
}
