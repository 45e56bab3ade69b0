import BatonBroker
import BatonModel
import BatonStore
import BatonWire
import DequeModule
import Foundation
import Logging

/// Publishes what has happened in runs on the events exchange: at least once, and in each run's order.
///
/// Most events have no listener. Of each routing key one event is sent in each round to see whether the broker has a queue for
/// it; the others follow, or are passed over. So whoever listened before an event was stored gets it, and nobody's absence
/// costs much. It has a thread of its own, because it reads the store, and waits.
///
/// Unchecked: each `var` is read and written only while the condition is locked; all else is constant and Sendable.
final class EventFeed: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: Deque<OutboxEntry> = []
    private var unconfirmed = 0
    /// Of the present round.
    private var interest: [String: Interest] = [:]
    /// Nothing is sent before.
    private var isOpen = false
    private var isClosed = false
    private var isCutOff = false

    private enum Interest { case asked, there, none }

    private let link: any BrokerLink
    private let store: any Store
    private let topology: Topology
    private let logger: Logger
    private let settle: @Sendable (_ entry: Int64) -> Void

    private static let maximumUnconfirmed = 500
    private static let entriesOfRound = 256
    /// Events of one run are read in parts.
    private static let eventsOfPart = 500

    init(
        link: any BrokerLink, store: any Store, topology: Topology, logger: Logger,
        settle: @escaping @Sendable (_ entry: Int64) -> Void
    ) {
        self.link = link
        self.store = store
        self.topology = topology
        self.logger = logger
        self.settle = settle
    }

    func send(_ entries: some Sequence<OutboxEntry>) {
        condition.lock()
        waiting.append(contentsOf: entries)
        condition.broadcast()
        condition.unlock()
    }

    func open() {
        condition.lock()
        isOpen = true
        condition.broadcast()
        condition.unlock()
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// The thread's work, until closed.
    func run() {
        while let round = next() {
            for entry in round {
                while !publish(entry) {
                    // The feed's own thread, which can send nothing without the store.
                    Thread.sleep(forTimeInterval: 0.5)
                    if isStopping { return }
                }
            }
            if !drain() { return }
            for entry in round { settle(entry.number) }
        }
    }

    private var isStopping: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed
    }

    private func next() -> [OutboxEntry]? {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed {
            if isOpen, !waiting.isEmpty {
                interest = [:]
                let round = Array(waiting.prefix(Self.entriesOfRound))
                waiting.removeFirst(round.count)
                return round
            }
            condition.wait()
        }
        return nil
    }

    /// `false` where the store can't be read.
    private func publish(_ entry: OutboxEntry) -> Bool {
        guard case .events(let number, let first, let last) = entry.content else { return true }
        do {
            guard let id = try store.read({ try $0.runID(of: number) }), let run = try store.read({ try $0.run(id: id) })
            else { return true }
            var after = first - 1
            while after < last {
                let through = min(last, after + Self.eventsOfPart)
                let from = after
                let events = try store.read { try $0.feed(of: number, id: id, after: from, through: through) }
                for (event, handler) in events {
                    let header = run.header
                    publish(
                        EventMessage(
                            event, name: header.name, handler: handler, correlationID: header.correlationID, owner: header.owner,
                            trace: header.trace))
                }
                after = through
            }
            return true
        } catch {
            logger.error("the store can't be read, so no events are sent; trying again", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func publish(_ message: EventMessage) {
        let key = message.routingKey
        guard isWanted(key) else { return }
        let publication = Publication(exchange: topology.events.name, routingKey: key, message: message.message)
        link.publish([publication]) { [self] _, error in confirmed(key, error) }
    }

    /// Whether to send an event of this key; waits for the broker's word on the first one, and for room.
    private func isWanted(_ key: String) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed, unconfirmed >= Self.maximumUnconfirmed || interest[key] == .asked { condition.wait() }
        if isClosed || interest[key] == Interest.none { return false }
        if interest[key] == nil { interest[key] = .asked }
        unconfirmed += 1
        return true
    }

    private func confirmed(_ key: String, _ error: BrokerError?) {
        condition.lock()
        defer { condition.unlock() }
        unconfirmed -= 1
        switch error?.code {
        case nil: interest[key] = .there
        case .unroutable?, .mismatch?: interest[key] = Interest.none
        case .closed?:
            isCutOff = true
            interest[key] = Interest.none
        case .refused?, .denied?, .other?:
            // The listener's own queue is full, say. The gap in the events' ids tells it.
            interest[key] = .there
            logger.warning("an event can't be delivered", metadata: ["routing-key": "\(key)", "error": "\(error?.description ?? "")"])
        }
        condition.broadcast()
    }

    /// Waits until all has been confirmed; `false` where it won't be.
    private func drain() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed, unconfirmed > 0 { condition.wait() }
        return !isClosed && !isCutOff
    }
}
