import BatonBroker
import BatonWire

/// A broker whose every move is a step of the simulation. It keeps the promises that `Broker` asks for, and no others.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
final class SimulatedBroker: Broker, @unchecked Sendable {
    struct Stored {
        var message: Message
        var exchange: String
        var routingKey: String
        /// Its place in the queue, kept when it is given back.
        var order: Int
        var deliveries = 0
    }

    final class QueueState {
        let declaration: Queue
        let owner: SimulatedLink?
        var messages: [Stored] = []
        var consumers: [Consumer] = []
        var nextOrder = 0

        init(_ declaration: Queue, owner: SimulatedLink?) {
            self.declaration = declaration
            self.owner = owner
        }
    }

    final class Consumer {
        let link: SimulatedLink
        var credit: Int
        let handler: @Sendable (Delivery) -> Void

        init(link: SimulatedLink, credit: Int, handler: @escaping @Sendable (Delivery) -> Void) {
            self.link = link
            self.credit = credit
            self.handler = handler
        }
    }

    private struct Unsettled {
        var stored: Stored
        var queue: String
        var consumer: Consumer
    }

    private let topology: Topology
    private(set) var links: [SimulatedLink] = []
    private var exchanges: [String: Exchange] = [:]
    private var bindings: [String: [(key: String, queue: String)]] = [:]
    private var queues: [String: QueueState] = [:]
    /// In the order in which they were declared.
    private(set) var names: [String] = []
    private var unsettled: [Int: Unsettled] = [:]
    private var nextTag = 0
    private var nextLink = 0
    /// Called with each delivery, before its consumer gets it; may change it.
    var onDelivery: ((String, Message) -> Message)?
    /// Called when the broker takes an acknowledgement.
    var onAcknowledge: ((String, Message) -> Void)?
    /// Called when a message is in a queue.
    var onArrival: ((String, Message) -> Void)?
    /// What a listener of all events has heard.
    var onEvent: ((Message) -> Void)?

    init(topology: Topology) { self.topology = topology }

    func link(_ name: String) -> any BrokerLink { makeLink(name) }

    func makeLink(_ name: String) -> SimulatedLink {
        nextLink += 1
        let link = SimulatedLink(name: name, number: nextLink, broker: self)
        links.append(link)
        return link
    }

    /// Lets go of the links, which hold it.
    func clear() { (links, queues, names, unsettled) = ([], [:], [], [:]) }

    // MARK: - Topology

    func has(_ queue: String) -> Bool { queues[queue] != nil }
    func count(_ queue: String) -> Int { queues[queue]?.messages.count ?? 0 }
    func messages(_ queue: String) -> [Message] { queues[queue]?.messages.map(\.message) ?? [] }
    func purge(_ queue: String) { queues[queue]?.messages = [] }

    func declare(exchanges new: [Exchange], queues newQueues: [Queue], by link: SimulatedLink) throws {
        for exchange in new { exchanges[exchange.name] = exchange }
        for queue in newQueues {
            if let known = queues[queue.name] {
                if let owner = known.owner, owner !== link {
                    throw BrokerError(.mismatch, "queue \(queue.name) is exclusive to another link")
                }
            } else {
                queues[queue.name] = QueueState(queue, owner: queue.kind == .exclusive ? link : nil)
                names.append(queue.name)
                for link in links { link.found(queue: queue.name) }
            }
            for binding in queue.bindings {
                let isKnown = bindings[binding.exchange.name]?.contains { $0 == (binding.routingKey, queue.name) } ?? false
                if !isKnown { bindings[binding.exchange.name, default: []].append((binding.routingKey, queue.name)) }
            }
        }
    }

    func delete(_ name: String) {
        queues[name] = nil
        names.removeAll { $0 == name }
        for exchange in bindings.keys { bindings[exchange]?.removeAll { $0.queue == name } }
    }

    // MARK: - Publishing

    func isOfEvents(_ publication: Publication) -> Bool { publication.exchange == topology.events.name }

    func hear(_ publication: Publication) -> BrokerError? {
        guard let onEvent else { return BrokerError(.unroutable, "nobody listens") }
        onEvent(publication.message)
        return nil
    }

    /// Takes the next thing that the link has sent.
    func arrive(from link: SimulatedLink) {
        guard let operation = link.outgoing.popFirst() else { return }
        switch operation {
        case .settle(let tag, let settlement): settle(tag, settlement)
        case .publish(var outgoing):
            let publication = outgoing.publication
            let targets = route(publication)
            if targets.isEmpty, publication.isMandatory {
                outgoing.error = BrokerError(.unroutable, "no queue takes '\(publication.routingKey)'")
            }
            for target in targets { store(publication.message, publication.exchange, publication.routingKey, in: target) }
            link.unconfirmed.append(outgoing)
        }
    }

    private func route(_ publication: Publication) -> [String] {
        if publication.exchange.isEmpty { return queues[publication.routingKey] == nil ? [] : [publication.routingKey] }
        guard let exchange = exchanges[publication.exchange] else { return [] }
        return (bindings[exchange.name] ?? []).filter { binding in
            switch exchange.kind {
            case .fanout: true
            case .direct: binding.key == publication.routingKey
            case .topic: binding.key == "#"
            }
        }.map(\.queue)
    }

    private func store(_ message: Message, _ exchange: String, _ routingKey: String, in name: String) {
        guard let queue = queues[name] else { return }
        queue.messages.append(Stored(message: message, exchange: exchange, routingKey: routingKey, order: queue.nextOrder))
        queue.nextOrder += 1
        onArrival?(name, message)
    }

    // MARK: - Consuming

    func subscribe(_ subscribed: SimulatedLink.Subscribed, by link: SimulatedLink) {
        queues[subscribed.queue]?.consumers.append(
            Consumer(link: link, credit: subscribed.prefetch, handler: subscribed.handler))
    }

    /// The queues that have something for somebody.
    func deliverable(_ isAble: (SimulatedLink) -> Bool) -> [String] {
        names.filter { name in
            guard let queue = queues[name], !queue.messages.isEmpty else { return false }
            return queue.consumers.contains { $0.credit > 0 && isAble($0.link) }
        }
    }

    /// Hands the first message of the queue to one of those that can take it.
    func deliver(from name: String, using dice: inout Dice, _ isAble: (SimulatedLink) -> Bool) {
        guard let queue = queues[name], !queue.messages.isEmpty else { return }
        let able = queue.consumers.filter { $0.credit > 0 && isAble($0.link) }
        guard !able.isEmpty else { return }
        let consumer = dice.pick(able)
        var stored = queue.messages.removeFirst()
        stored.deliveries += 1
        consumer.credit -= 1
        nextTag += 1
        let tag = nextTag
        unsettled[tag] = Unsettled(stored: stored, queue: name, consumer: consumer)
        var message = stored.message
        if stored.deliveries > 1 { message.headers["x-delivery-count"] = .integer(Int64(stored.deliveries - 1)) }
        if let onDelivery { message = onDelivery(name, message) }
        let link = consumer.link
        consumer.handler(
            Delivery(
                message: message, exchange: stored.exchange, routingKey: stored.routingKey, isRedelivered: stored.deliveries > 1,
                settle: { link.settle(tag: tag, $0) }))
    }

    func isUnsettled(_ tag: Int) -> Bool { unsettled[tag] != nil }

    private func settle(_ tag: Int, _ settlement: Delivery.Settlement) {
        guard let entry = unsettled.removeValue(forKey: tag) else { return }
        entry.consumer.credit += 1
        switch settlement {
        case .acknowledge: onAcknowledge?(entry.queue, entry.stored.message)
        case .requeue: giveBack(entry.stored, to: entry.queue)
        case .discard: bury(entry.stored, from: entry.queue, "rejected")
        }
    }

    private func giveBack(_ stored: Stored, to name: String) {
        guard let queue = queues[name] else { return }
        if case .durable(.some) = queue.declaration.kind, stored.deliveries > Queue.deliveryLimit {
            return bury(stored, from: name, "delivery_limit")
        }
        let place = queue.messages.firstIndex { $0.order > stored.order } ?? queue.messages.endIndex
        queue.messages.insert(stored, at: place)
    }

    private func bury(_ stored: Stored, from name: String, _ reason: String) {
        guard case .durable(let deadLetters?) = queues[name]?.declaration.kind else { return }
        var message = stored.message
        message.headers["x-first-death-reason"] = .string(reason)
        message.headers["x-first-death-queue"] = .string(name)
        let publication = Publication(exchange: deadLetters, routingKey: stored.routingKey, message: message, isMandatory: false)
        for target in route(publication) { store(message, deadLetters, stored.routingKey, in: target) }
    }

    // MARK: - Faults

    /// The connection is gone: what it held goes back, and so do its own queues.
    func lose(_ link: SimulatedLink) {
        let tags = unsettled.filter { $0.value.consumer.link === link }.keys.sorted()
        for tag in tags {
            guard let entry = unsettled.removeValue(forKey: tag) else { continue }
            giveBack(entry.stored, to: entry.queue)
        }
        for name in names {
            guard let queue = queues[name] else { continue }
            queue.consumers.removeAll { $0.link === link }
            if queue.owner === link { delete(name) }
        }
        if link.isDead { links.removeAll { $0 === link } }
    }

    /// What can be lost without anybody's promise being broken.
    var losable: [String] {
        let prefix = "\(topology.namespace).tasks."
        return names.filter { $0.hasPrefix(prefix) } + [topology.reportsQueue(0), topology.parkedQueue].map(\.name).filter(has)
    }

    /// Somebody deletes the queue, with all that is in it; its consumers are told.
    func remove(_ name: String) {
        forget(name)
        for link in links { link.lose(queue: name) }
    }

    private func forget(_ name: String) {
        for tag in unsettled.filter({ $0.value.queue == name }).keys { unsettled[tag] = nil }
        delete(name)
    }

    /// It has lost everything.
    func wipe() {
        for link in links { link.cut() }
        for name in names { forget(name) }
        exchanges = [:]
        bindings = [:]
    }

    /// All connections are cut; what isn't persistent is lost.
    func restart() {
        for link in links { link.cut() }
        for queue in queues.values { queue.messages.removeAll { !$0.message.isPersistent } }
    }
}
