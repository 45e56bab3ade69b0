import BatonWire
import DequeModule
import Dispatch

/// The in-memory broker's exchanges, queues and links, as a value: each change adds the actions that follow from it.
struct InMemoryState {
    struct Action: Sendable {
        var queue: DispatchQueue
        var run: @Sendable () -> Void
    }

    struct Stored: Sendable {
        var message: Message
        var exchange: String
        var routingKey: String
        /// Its place in the queue, kept when it is given back.
        var order: Int
        var deliveries = 0

        func delivery(_ settle: @escaping @Sendable (Delivery.Settlement) -> Void) -> Delivery {
            var message = message
            if deliveries > 1 { message.headers["x-delivery-count"] = .integer(Int64(deliveries - 1)) }
            return Delivery(
                message: message, exchange: exchange, routingKey: routingKey, isRedelivered: deliveries > 1, settle: settle)
        }
    }

    private struct QueueState {
        var declaration: Queue
        /// Of an exclusive queue.
        var owner: ObjectIdentifier?
        var messages: Deque<Stored> = []
        var nextOrder = 0
        var subscriptions: Deque<Int> = []
    }

    private struct SubscriptionState {
        var queue: String
        var link: ObjectIdentifier
        var dispatch: DispatchQueue
        var credit: Int
        var handler: @Sendable (Stored, Int) -> Void
    }

    private struct Unsettled {
        var message: Stored
        var queue: String
        var link: ObjectIdentifier
        var subscription: Int?
    }

    private struct LinkInfo {
        var name: String
        var isConnected = false
        var queue: DispatchQueue
        var observers: [@Sendable (LinkState) -> Void] = []
        var queueObservers: [@Sendable (QueueEvent) -> Void] = []
    }

    private struct Held {
        var publications: [Publication]
        var link: ObjectIdentifier
        var queue: DispatchQueue
        var outcome: @Sendable (Int, BrokerError?) -> Void
    }

    private var exchanges: [String: Exchange] = [:]
    private var bindings: [String: [(routingKey: String, queue: String)]] = [:]
    private var queues: [String: QueueState] = [:]
    private var subscriptions: [Int: SubscriptionState] = [:]
    private var unsettled: [Int: Unsettled] = [:]
    private var links: [ObjectIdentifier: LinkInfo] = [:]
    private var blockedBecause: String?
    private var held: [Held] = []
    private var nextNumber = 0
    private var actions: [Action] = []

    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    // MARK: - Links

    mutating func observe(_ link: ObjectIdentifier, queue: DispatchQueue, _ handler: @escaping @Sendable (LinkState) -> Void) {
        links[link, default: LinkInfo(name: "", queue: queue)].observers.append(handler)
    }

    mutating func observeQueues(_ link: ObjectIdentifier, queue: DispatchQueue, _ handler: @escaping @Sendable (QueueEvent) -> Void) {
        links[link, default: LinkInfo(name: "", queue: queue)].queueObservers.append(handler)
    }

    mutating func connect(_ link: ObjectIdentifier, name: String, queue: DispatchQueue) {
        links[link, default: LinkInfo(name: name, queue: queue)].name = name
        links[link]?.isConnected = true
        tell(link, blockedBecause.map { .blocked(reason: $0) } ?? .connected)
    }

    mutating func close(_ link: ObjectIdentifier) {
        for (number, subscription) in subscriptions where subscription.link == link { cancel(number) }
        giveBackAll(of: link)
        for (name, queue) in queues where queue.owner == link { delete(name) }
        tell(link, .closed)
        let abandoned = held.filter { $0.link == link }
        held.removeAll { $0.link == link }
        for entry in abandoned {
            for index in entry.publications.indices { settle(entry, index, BrokerError(.closed, "the link has ended")) }
        }
        links[link] = nil
    }

    mutating func disconnect(_ name: String) {
        for (link, info) in links where info.name == name {
            tell(link, .connecting(lastError: "cut off"))
            giveBackAll(of: link)
            for (name, queue) in queues where queue.owner == link { queues[name]?.messages = [] }
            tell(link, .connected)
        }
        for name in queues.keys { pump(name) }
    }

    mutating func block(_ reason: String?) {
        blockedBecause = reason
        for link in links.keys { tell(link, reason.map { .blocked(reason: $0) } ?? .connected) }
        guard reason == nil else { return }
        let entries = held
        held = []
        for entry in entries { publish(entry.publications, by: entry.link, queue: entry.queue, entry.outcome) }
    }

    private mutating func tell(_ link: ObjectIdentifier, _ state: LinkState) {
        guard let info = links[link] else { return }
        for observer in info.observers { actions.append(Action(queue: info.queue) { observer(state) }) }
    }

    private mutating func tell(_ link: ObjectIdentifier, _ event: QueueEvent) {
        guard let info = links[link] else { return }
        for observer in info.queueObservers { actions.append(Action(queue: info.queue) { observer(event) }) }
    }

    // MARK: - Topology

    mutating func declare(_ newExchanges: [Exchange], _ newQueues: [Queue], by link: ObjectIdentifier) throws {
        for exchange in newExchanges {
            if let known = exchanges[exchange.name], known != exchange {
                throw BrokerError(.mismatch, "exchange \(exchange.name) is \(known.kind.rawValue), not \(exchange.kind.rawValue)")
            }
            exchanges[exchange.name] = exchange
        }
        for queue in newQueues {
            if let known = queues[queue.name] {
                guard known.declaration.kind == queue.kind || queue.kind == .adopted else {
                    throw BrokerError(.mismatch, "queue \(queue.name) is \(known.declaration.kind), not \(queue.kind)")
                }
                if let owner = known.owner, owner != link {
                    throw BrokerError(.mismatch, "queue \(queue.name) is exclusive to another link")
                }
            } else {
                var made = QueueState(declaration: queue, owner: queue.kind == .exclusive ? link : nil)
                // Those whose queue was deleted have waited for it.
                made.subscriptions = Deque(subscriptions.filter { $0.value.queue == queue.name }.keys.sorted())
                queues[queue.name] = made
            }
            for binding in queue.bindings {
                let isKnown = bindings[binding.exchange.name]?.contains { $0 == (binding.routingKey, queue.name) } ?? false
                if !isKnown { bindings[binding.exchange.name, default: []].append((binding.routingKey, queue.name)) }
            }
        }
    }

    mutating func delete(_ name: String) {
        for link in Set(queues[name]?.subscriptions.compactMap { subscriptions[$0]?.link } ?? []) { tell(link, .missing(name)) }
        queues[name] = nil
        for exchange in bindings.keys { bindings[exchange]?.removeAll { $0.queue == name } }
    }

    mutating func purge(_ name: String) { queues[name]?.messages.removeAll() }

    func depth(_ name: String) throws -> QueueDepth {
        guard let queue = queues[name] else { throw BrokerError(.missing, "there is no queue \(name)") }
        return QueueDepth(messages: queue.messages.count, consumers: queue.subscriptions.count)
    }

    // MARK: - Publishing

    mutating func publish(
        _ publications: [Publication], by link: ObjectIdentifier, queue: DispatchQueue,
        _ outcome: @escaping @Sendable (Int, BrokerError?) -> Void
    ) {
        let entry = Held(publications: publications, link: link, queue: queue, outcome: outcome)
        if blockedBecause != nil { return held.append(entry) }
        var reached: Set<String> = []
        for (index, publication) in publications.enumerated() {
            let targets = route(publication)
            if targets == nil {
                settle(entry, index, BrokerError(.missing, "there is no exchange \(publication.exchange)"))
            } else if targets?.isEmpty != false, publication.isMandatory {
                settle(entry, index, BrokerError(.unroutable, "no queue takes '\(publication.routingKey)' from '\(publication.exchange)'"))
            } else {
                for target in targets ?? [] { store(publication.message, publication.exchange, publication.routingKey, in: target) }
                reached.formUnion(targets ?? [])
                settle(entry, index, nil)
            }
        }
        for target in reached { pump(target) }
    }

    private mutating func settle(_ entry: Held, _ index: Int, _ error: BrokerError?) {
        let outcome = entry.outcome
        actions.append(Action(queue: entry.queue) { outcome(index, error) })
    }

    private func route(_ publication: Publication) -> Set<String>? {
        if publication.exchange.isEmpty { return queues[publication.routingKey] == nil ? [] : [publication.routingKey] }
        guard let exchange = exchanges[publication.exchange] else { return nil }
        let matching = (bindings[exchange.name] ?? []).filter { binding in
            switch exchange.kind {
            case .fanout: true
            case .direct: binding.routingKey == publication.routingKey
            case .topic: Self.matches(binding.routingKey.split(separator: ".")[...], publication.routingKey.split(separator: ".")[...])
            }
        }
        return Set(matching.map(\.queue))
    }

    /// `*` stands for one word, `#` for any number.
    private static func matches(_ pattern: ArraySlice<Substring>, _ key: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        if first == "#" { return (key.startIndex...key.endIndex).contains { matches(pattern.dropFirst(), key[$0...]) } }
        guard let word = key.first, first == "*" || first == word else { return false }
        return matches(pattern.dropFirst(), key.dropFirst())
    }

    private mutating func store(_ message: Message, _ exchange: String, _ routingKey: String, in name: String) {
        guard let order = queues[name]?.nextOrder else { return }
        queues[name]?.nextOrder += 1
        queues[name]?.messages.append(Stored(message: message, exchange: exchange, routingKey: routingKey, order: order))
    }

    // MARK: - Consuming

    mutating func subscribe(
        to name: String, prefetch: Int, by link: ObjectIdentifier, on dispatch: DispatchQueue,
        _ handler: @escaping @Sendable (Stored, Int) -> Void
    ) throws -> Int {
        guard queues[name] != nil else { throw BrokerError(.missing, "there is no queue \(name)") }
        nextNumber += 1
        subscriptions[nextNumber] = SubscriptionState(
            queue: name, link: link, dispatch: dispatch, credit: max(1, prefetch), handler: handler)
        queues[name]?.subscriptions.append(nextNumber)
        let number = nextNumber
        pump(name)
        return number
    }

    mutating func cancel(_ number: Int) {
        guard let subscription = subscriptions.removeValue(forKey: number) else { return }
        queues[subscription.queue]?.subscriptions.removeAll { $0 == number }
    }

    mutating func get(_ name: String, by link: ObjectIdentifier) throws -> (Stored, Int)? {
        guard queues[name] != nil else { throw BrokerError(.missing, "there is no queue \(name)") }
        guard var message = queues[name]?.messages.popFirst() else { return nil }
        message.deliveries += 1
        nextNumber += 1
        unsettled[nextNumber] = Unsettled(message: message, queue: name, link: link, subscription: nil)
        return (message, nextNumber)
    }

    mutating func settle(_ tag: Int, _ settlement: Delivery.Settlement) {
        guard let entry = unsettled.removeValue(forKey: tag) else { return }
        if let subscription = entry.subscription { subscriptions[subscription]?.credit += 1 }
        switch settlement {
        case .acknowledge: break
        case .requeue: giveBack(entry.message, to: entry.queue)
        case .discard: bury(entry.message, from: entry.queue, "rejected")
        }
        pump(entry.queue)
    }

    private mutating func giveBackAll(of link: ObjectIdentifier) {
        let entries = unsettled.filter { $0.value.link == link }
        for (tag, entry) in entries.sorted(by: { $0.value.message.order > $1.value.message.order }) {
            unsettled[tag] = nil
            if let subscription = entry.subscription { subscriptions[subscription]?.credit += 1 }
            giveBack(entry.message, to: entry.queue)
        }
        for name in Set(entries.values.map(\.queue)) { pump(name) }
    }

    private mutating func giveBack(_ message: Stored, to name: String) {
        guard let queue = queues[name] else { return }
        if case .durable(.some) = queue.declaration.kind, message.deliveries > Queue.deliveryLimit {
            return bury(message, from: name, "delivery_limit")
        }
        // What is given back was taken from the front, so its place is near it.
        let place = queue.messages.firstIndex { $0.order > message.order } ?? queue.messages.endIndex
        queues[name]?.messages.insert(message, at: place)
    }

    private mutating func bury(_ message: Stored, from name: String, _ reason: String) {
        guard case .durable(let deadLetters?) = queues[name]?.declaration.kind else { return }
        var message = message
        message.message.headers["x-first-death-reason"] = .string(reason)
        message.message.headers["x-first-death-queue"] = .string(name)
        let publication = Publication(
            exchange: deadLetters, routingKey: message.routingKey, message: message.message, isMandatory: false)
        for target in route(publication) ?? [] {
            store(message.message, deadLetters, message.routingKey, in: target)
            pump(target)
        }
    }

    /// Delivers in turn to those who can take more.
    private mutating func pump(_ name: String) {
        guard let count = queues[name]?.subscriptions.count, count > 0 else { return }
        var refusals = 0
        while refusals < count, queues[name]?.messages.isEmpty == false {
            guard let number = queues[name]?.subscriptions.popFirst() else { return }
            queues[name]?.subscriptions.append(number)
            guard let subscription = subscriptions[number], subscription.credit > 0 else {
                refusals += 1
                continue
            }
            refusals = 0
            guard var message = queues[name]?.messages.popFirst() else { return }
            message.deliveries += 1
            subscriptions[number]?.credit -= 1
            nextNumber += 1
            let tag = nextNumber
            unsettled[tag] = Unsettled(message: message, queue: name, link: subscription.link, subscription: number)
            let delivered = message
            actions.append(Action(queue: subscription.dispatch) { subscription.handler(delivered, tag) })
        }
    }
}
