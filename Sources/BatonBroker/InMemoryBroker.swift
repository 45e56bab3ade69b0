import BatonWire
import Dispatch
import Synchronization

/// A broker within one process, for development and tests. What it holds goes with the process.
public final class InMemoryBroker: Broker {
    private let state = Mutex(InMemoryState())

    public init() {}

    public func link(_ name: String) -> any BrokerLink { InMemoryLink(name: name, broker: self) }

    /// Cuts the links of this name off for a moment, as a broker's restart or a broken line does: what they had not settled is
    /// delivered again, their exclusive queues come back empty, and their subscriptions go on.
    public func disconnect(link name: String) { change { $0.disconnect(name) } }

    /// Takes no messages, as a broker does that is short of memory; what is published waits.
    public func block(reason: String = "low on memory") { change { $0.block(reason) } }

    public func unblock() { change { $0.block(nil) } }

    /// Changes the state, and has what follows from it done outside of the lock. It is put in line within the lock, so that
    /// deliveries come in the order of the changes.
    @discardableResult
    func change<Value>(_ body: (inout InMemoryState) throws -> Value) rethrows -> Value {
        try state.withLock { state in
            let value = try body(&state)
            for action in state.takeActions() { action.queue.async { action.run() } }
            return value
        }
    }
}

/// One party's way to the broker. Its handlers are called one after another on a queue of its own.
final class InMemoryLink: BrokerLink {
    let name: String
    private let broker: InMemoryBroker
    private let queue: DispatchQueue
    /// Changed and read only while the broker's state is locked.
    private let isClosed = Atomic(false)

    init(name: String, broker: InMemoryBroker) {
        self.name = name
        self.broker = broker
        queue = DispatchQueue(label: "baton.memory.\(name)")
    }

    private var id: ObjectIdentifier { ObjectIdentifier(self) }

    func run() async throws {
        broker.change { $0.connect(id, name: name, queue: queue) }
        let signal = AsyncStream<Never>.makeStream()
        await withTaskCancellationHandler {
            for await _ in signal.stream {}
        } onCancel: {
            signal.continuation.finish()
        }
        broker.change { state in
            isClosed.store(true, ordering: .relaxed)
            state.close(id)
        }
        // What was decided before the end is still called.
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void) {
        broker.change { $0.observe(id, queue: queue, handler) }
    }

    func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) {
        broker.change { $0.observeQueues(id, queue: queue, handler) }
    }

    func declare(exchanges: [Exchange], queues: [Queue]) async throws {
        try broker.change { state in
            // An exclusive queue made now would stay for ever.
            try checkOpen()
            try state.declare(exchanges, queues, by: id)
        }
    }

    func delete(queue name: String) async throws { broker.change { $0.delete(name) } }

    func purge(queue name: String) async throws { broker.change { $0.purge(name) } }

    func publish(_ publications: [Publication], outcome: @escaping @Sendable (_ index: Int, _ error: BrokerError?) -> Void) {
        let isOpen = broker.change { state in
            // Where the broker takes nothing, it would go out once that does, long after the link has ended.
            if isClosed.load(ordering: .relaxed) { return false }
            state.publish(publications, by: id, queue: queue, outcome)
            return true
        }
        if isOpen { return }
        for index in publications.indices { queue.async { outcome(index, BrokerError(.closed, "the link has ended")) } }
    }

    func consume(queue name: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) async throws -> any Subscription {
        let broker = broker
        let number = try broker.change { state in
            // A subscription made now would take messages that nobody gives back.
            try checkOpen()
            return try state.subscribe(to: name, prefetch: prefetch, by: id, on: queue) { message, tag in
                handler(message.delivery { settlement in broker.change { $0.settle(tag, settlement) } })
            }
        }
        return InMemorySubscription(broker: broker, number: number, queue: queue)
    }

    func get(queue name: String) async throws -> Delivery? {
        let broker = broker
        return try broker.change { state in
            try checkOpen()
            return try state.get(name, by: id).map { message, tag in
                message.delivery { settlement in broker.change { $0.settle(tag, settlement) } }
            }
        }
    }

    private func checkOpen() throws {
        if isClosed.load(ordering: .relaxed) { throw BrokerError(.closed, "the link has ended") }
    }

    func depth(queue name: String) async throws -> QueueDepth { try broker.change { try $0.depth(name) } }
}

private struct InMemorySubscription: Subscription {
    let broker: InMemoryBroker
    let number: Int
    let queue: DispatchQueue

    func cancel() async throws {
        broker.change { $0.cancel(number) }
        // Deliveries that were under way have been handed over once this has had its turn.
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}
