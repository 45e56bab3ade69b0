import BatonBroker
import BatonWire
import Dispatch

/// A broker in one process whose confirms can be held, whose publications can be refused, and whose links can be cut.
///
/// `@unchecked Sendable`: every `var` is touched on the serial queue `thread` only, where all handlers are called too.
final class ScriptedBroker: Broker, @unchecked Sendable {
    struct Settled: Sendable, Equatable {
        let id: String?
        let how: Delivery.Settlement
    }

    struct Waiting {
        let message: Message
        let exchange: String
        let routingKey: String
        var isRedelivered = false
    }

    final class Consumer {
        let link: String
        let queue: String
        let prefetch: Int
        let handler: @Sendable (Delivery) -> Void
        var unsettled = 0
        var isActive = true

        init(link: String, queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) {
            self.link = link
            self.queue = queue
            self.prefetch = prefetch
            self.handler = handler
        }
    }

    let thread = DispatchQueue(label: "scripted-broker")
    let published = Journal<Publication>()
    let settled = Journal<Settled>()
    /// The queues that were subscribed to, with `-` in front when it ended.
    let subscriptions = Journal<String>()

    var queues: [String: [Waiting]] = [:]
    var bindings: [(exchange: String, key: String?, queue: String)] = []
    var consumers: [Consumer] = []
    var unsettled: [Int: (queue: String, waiting: Waiting, link: String, consumer: Consumer?)] = [:]
    var nextTag = 0
    var stateHandlers: [String: @Sendable (LinkState) -> Void] = [:]
    var refusal: (Publication) -> BrokerError? = { _ in nil }
    var holds: (Publication) -> Bool = { _ in false }
    var heldOutcomes: [() -> Void] = []

    func link(_ name: String) -> any BrokerLink { ScriptedLink(broker: self, name: name) }

    func perform<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            thread.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    // MARK: - Scripts

    func refuse(_ refusal: @escaping @Sendable (Publication) -> BrokerError?) async throws {
        try await perform { self.refusal = refusal }
    }

    /// From now on, confirms of what matches wait for `releaseConfirms`.
    func holdConfirms(_ holds: @escaping @Sendable (Publication) -> Bool) async throws {
        try await perform { self.holds = holds }
    }

    func releaseConfirms() async throws {
        try await perform {
            self.holds = { _ in false }
            let outcomes = self.heldOutcomes
            self.heldOutcomes = []
            for outcome in outcomes { outcome() }
        }
    }

    /// Breaks a link and mends it: what it had not settled is delivered again.
    func cut(_ link: String) async throws {
        try await perform {
            self.stateHandlers[link]?(.connecting(lastError: "cut"))
            self.requeue(link)
            self.stateHandlers[link]?(.connected)
            self.pump()
        }
    }

    /// Lets go of what was given to it, which holds it in turn.
    func clear() {
        thread.sync {
            (consumers, stateHandlers, unsettled, heldOutcomes) = ([], [:], [:], [])
            (refusal, holds) = ({ _ in nil }, { _ in false })
        }
    }

    func depth(_ queue: String) async throws -> Int { try await perform { self.queues[queue]?.count ?? 0 } }

    func unsettledCount() async throws -> Int { try await perform { self.unsettled.count } }

    // MARK: - On the thread

    func requeue(_ link: String) {
        for (tag, entry) in unsettled.filter({ $0.value.link == link }).sorted(by: { $0.key > $1.key }) {
            unsettled[tag] = nil
            entry.consumer?.unsettled -= 1
            var waiting = entry.waiting
            waiting.isRedelivered = true
            queues[entry.queue, default: []].insert(waiting, at: 0)
        }
    }

    func route(_ publication: Publication) -> BrokerError? {
        if let error = refusal(publication) { return error }
        let targets: [String]
        if publication.exchange.isEmpty {
            targets = queues[publication.routingKey] == nil ? [] : [publication.routingKey]
        } else {
            targets = bindings.filter {
                $0.exchange == publication.exchange && ($0.key == nil || $0.key == publication.routingKey)
            }.map(\.queue)
        }
        if targets.isEmpty, publication.isMandatory { return BrokerError(.unroutable, "no queue") }
        for target in targets {
            queues[target, default: []].append(
                Waiting(message: publication.message, exchange: publication.exchange, routingKey: publication.routingKey))
        }
        return nil
    }

    func pump() {
        for consumer in consumers where consumer.isActive {
            while consumer.unsettled < consumer.prefetch, let delivery = take(consumer.queue, consumer.link, consumer) {
                consumer.handler(delivery)
            }
        }
    }

    func take(_ queue: String, _ link: String, _ consumer: Consumer?) -> Delivery? {
        guard let waiting = queues[queue]?.first else { return nil }
        queues[queue]?.removeFirst()
        nextTag += 1
        let tag = nextTag
        unsettled[tag] = (queue, waiting, link, consumer)
        consumer?.unsettled += 1
        return Delivery(
            message: waiting.message, exchange: waiting.exchange, routingKey: waiting.routingKey,
            isRedelivered: waiting.isRedelivered
        ) { how in
            self.thread.async { self.settle(tag, how) }
        }
    }

    private func settle(_ tag: Int, _ how: Delivery.Settlement) {
        guard let entry = unsettled.removeValue(forKey: tag) else { return }
        entry.consumer?.unsettled -= 1
        if how == .requeue {
            var waiting = entry.waiting
            waiting.isRedelivered = true
            queues[entry.queue, default: []].insert(waiting, at: 0)
        }
        settled.append(Settled(id: entry.waiting.message.messageID, how: how))
        pump()
    }
}
