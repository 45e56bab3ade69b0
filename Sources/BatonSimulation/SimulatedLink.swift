import BatonBroker
import BatonWire
import DequeModule

/// One party's connection to the simulated broker. What it is given goes to the broker in its order, when a step says so; what the
/// broker hasn't confirmed when the connection is cut is sent again by the next one.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
final class SimulatedLink: BrokerLink, @unchecked Sendable {
    struct Outgoing {
        var publication: Publication
        var index: Int
        var outcome: @Sendable (Int, BrokerError?) -> Void
        /// The broker's word, once it has one.
        var error: BrokerError?
    }

    enum Operation {
        case publish(Outgoing)
        case settle(tag: Int, Delivery.Settlement)
    }

    struct Subscribed {
        var queue: String
        var prefetch: Int
        var handler: @Sendable (Delivery) -> Void
    }

    let name: String
    let number: Int
    private let broker: SimulatedBroker
    private(set) var isConnected = true
    /// Its owner is no more: nothing goes out, and nothing comes in.
    private(set) var isDead = false
    /// What is on its way to the broker.
    var outgoing: Deque<Operation> = []
    /// With the broker, and not confirmed.
    var unconfirmed: [Outgoing] = []
    private(set) var exchanges: [Exchange] = []
    private(set) var queues: [Queue] = []
    private(set) var subscriptions: [Subscribed] = []
    private var observers: [@Sendable (LinkState) -> Void] = []
    private var queueObservers: [@Sendable (QueueEvent) -> Void] = []
    private var waiting: [UnsafeContinuation<Void, any Error>] = []
    /// Called with each message that is handed over; it may change it, or take it away.
    var onPublish: ((Publication) -> Publication?)?
    /// Whether anything may still go out.
    var isFenced: () -> Bool = { false }

    init(name: String, number: Int, broker: SimulatedBroker) {
        self.name = name
        self.number = number
        self.broker = broker
    }

    func run() async throws {}

    func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void) {
        observers.append(handler)
        handler(isConnected ? .connected : .connecting(lastError: nil))
    }

    func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) { queueObservers.append(handler) }

    // MARK: - What parties do

    private func connection() async throws {
        if isDead { throw BrokerError(.closed, "the link has ended") }
        if isConnected { return }
        try await withUnsafeThrowingContinuation { waiting.append($0) }
    }

    func declare(exchanges: [Exchange], queues: [Queue]) async throws {
        try await connection()
        try declareNow(exchanges: exchanges, queues: queues)
    }

    /// - Throws: `BrokerError` `.mismatch` where another link has an exclusive queue.
    func declareNow(exchanges: [Exchange], queues: [Queue]) throws {
        if isFenced() { throw BrokerError(.closed, "the link has ended") }
        try broker.declare(exchanges: exchanges, queues: queues, by: self)
        for exchange in exchanges where !self.exchanges.contains(exchange) { self.exchanges.append(exchange) }
        for queue in queues where !queue.isDurable && !self.queues.contains(queue) { self.queues.append(queue) }
    }

    func delete(queue: String) async throws {}

    func purge(queue: String) async throws {
        try await connection()
        broker.purge(queue)
    }

    func publish(_ publications: [Publication], outcome: @escaping @Sendable (Int, BrokerError?) -> Void) {
        let isShut = isDead || isFenced()
        for (index, publication) in publications.enumerated() {
            if isShut {
                // Whoever sends events waits for the broker's word on each.
                if broker.isOfEvents(publication) { outcome(index, BrokerError(.closed, "the link has ended")) }
                continue
            }
            guard let publication = onPublish.map({ $0(publication) }) ?? publication else { continue }
            if broker.isOfEvents(publication) {
                outcome(index, broker.hear(publication))
            } else {
                outgoing.append(.publish(Outgoing(publication: publication, index: index, outcome: outcome)))
            }
        }
    }

    func consume(
        queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void
    ) async throws -> any BatonBroker.Subscription {
        try await connection()
        try consumeNow(queue: queue, prefetch: prefetch, handler: handler)
        return Subscription()
    }

    func consumeNow(queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) throws {
        guard broker.has(queue) else { throw BrokerError(.missing, "there is no queue \(queue)") }
        let subscribed = Subscribed(queue: queue, prefetch: prefetch, handler: handler)
        subscriptions.append(subscribed)
        broker.subscribe(subscribed, by: self)
    }

    func get(queue: String) async throws -> Delivery? { nil }
    func depth(queue: String) async throws -> QueueDepth {
        try await connection()
        guard broker.has(queue) else { throw BrokerError(.missing, "there is no queue \(queue)") }
        return QueueDepth(messages: broker.count(queue), consumers: 0)
    }

    func settle(tag: Int, _ settlement: Delivery.Settlement) {
        guard !isDead, isConnected, !isFenced(), broker.isUnsettled(tag) else { return }
        outgoing.append(.settle(tag: tag, settlement))
    }

    private struct Subscription: BatonBroker.Subscription {
        func cancel() async throws {}
    }

    // MARK: - What happens to it

    /// What was on its way is sent again later; acknowledgements on their way are lost.
    func cut() {
        guard isConnected else { return }
        isConnected = false
        let unsent = outgoing.filter { if case .publish = $0 { true } else { false } }
        outgoing = Deque(unconfirmed.map { .publish(Outgoing(publication: $0.publication, index: $0.index, outcome: $0.outcome)) })
        outgoing.append(contentsOf: unsent)
        unconfirmed = []
        broker.lose(self)
        for observer in observers { observer(.connecting(lastError: "cut off")) }
    }

    func connect() {
        guard !isConnected, !isDead else { return }
        do {
            try broker.declare(exchanges: exchanges, queues: queues, by: self)
        } catch {
            // Somebody else has an exclusive queue still; the next try may have more luck.
            return
        }
        isConnected = true
        for subscribed in subscriptions { attach(subscribed) }
        for observer in observers { observer(.connected) }
        let resumed = waiting
        waiting = []
        for continuation in resumed { continuation.resume() }
    }

    private func attach(_ subscribed: Subscribed) {
        if broker.has(subscribed.queue) { broker.subscribe(subscribed, by: self) } else { tell(.missing(subscribed.queue)) }
    }

    private func tell(_ event: QueueEvent) { for observer in queueObservers { observer(event) } }

    /// The broker has cancelled its consumer, which waits for the queue to be there again.
    func lose(queue: String) {
        if isConnected, subscriptions.contains(where: { $0.queue == queue }) { tell(.missing(queue)) }
    }

    func found(queue: String) {
        guard isConnected else { return }
        for subscribed in subscriptions where subscribed.queue == queue { broker.subscribe(subscribed, by: self) }
    }

    /// Its owner has died. What the broker has is given to others.
    func die() {
        guard !isDead else { return }
        isDead = true
        isConnected = false
        outgoing = []
        unconfirmed = []
        observers = []
        queueObservers = []
        subscriptions = []
        onPublish = nil
        isFenced = { false }
        broker.lose(self)
        let resumed = waiting
        waiting = []
        for continuation in resumed { continuation.resume(throwing: BrokerError(.closed, "the link has ended")) }
    }
}
