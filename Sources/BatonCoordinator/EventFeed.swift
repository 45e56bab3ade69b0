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
/// costs much, the less so as rounds gather what happens within 20 ms. It has a thread of its own, because it reads the store, and waits.
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
    private static let entriesOfRound = 1024
    /// Between the beginnings of two rounds, at least. The first event after a pause goes at once.
    private static let interval = Duration.milliseconds(20)
    /// So many events are read at a time.
    private static let eventsOfPart = 500

    /// What of a round is still to be sent.
    private struct Rest {
        var entries: ArraySlice<OutboxEntry>
        /// The last event of the first entry that has been sent, where some of them have.
        var after: Int?
    }

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
        while let round = next(isWaiting: true) {
            CrashPoint.eventsTaken.pass()
            let began = ContinuousClock.now
            var rest = Rest(entries: round[...])
            while !publish(&rest) {
                // The feed's own thread, which can send nothing without the store.
                Thread.sleep(forTimeInterval: 0.5)
                if isStopping { return }
            }
            if !settle(round) { return }
            gather(until: began + Self.interval)
        }
    }

    /// Lets events come together, so that what one round costs is shared by many.
    private func gather(until time: ContinuousClock.Instant) {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed {
            let left = time - .now
            guard left > .zero else { return }
            _ = condition.wait(until: Date(timeIntervalSinceNow: left / .seconds(1)))
        }
    }

    /// One turn of that work, for whoever has no thread for it. It waits for nothing where the link gives its word at once.
    func turn() {
        guard let round = next(isWaiting: false) else { return }
        var rest = Rest(entries: round[...])
        guard publish(&rest) else { return giveBack(round) }
        _ = settle(round)
    }

    /// Whether something could be sent.
    var isReady: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isOpen && !isClosed && !waiting.isEmpty
    }

    private func giveBack(_ round: [OutboxEntry]) {
        condition.lock()
        waiting.prepend(contentsOf: round)
        condition.unlock()
    }

    /// `false` while some of it can't be read.
    private func publish(_ rest: inout Rest) -> Bool {
        while !rest.entries.isEmpty {
            do {
                for message in try read(&rest) { publish(message) }
            } catch {
                logger.error("the store can't be read, so no events are sent; trying again", metadata: ["error": "\(error)"])
                return false
            }
        }
        return true
    }

    /// The next events, of as many entries as make a part.
    private func read(_ rest: inout Rest) throws -> [EventMessage] {
        let begin = rest
        let (messages, end) = try store.read { reader in
            var messages: [EventMessage] = []
            var rest = begin
            while messages.count < Self.eventsOfPart, let entry = rest.entries.first {
                guard case .events(let number, let first, let last) = entry.content, let run = try reader.run(number: number) else {
                    rest = Rest(entries: rest.entries.dropFirst())
                    continue
                }
                let after = rest.after ?? first - 1
                let through = min(last, after + Self.eventsOfPart)
                let header = run.header
                for (event, handler) in try reader.feed(of: number, id: header.id, after: after, through: through) {
                    messages.append(
                        EventMessage(
                            event, name: header.name, handler: handler, correlationID: header.correlationID, owner: header.owner,
                            trace: header.trace))
                }
                rest = through == last ? Rest(entries: rest.entries.dropFirst()) : Rest(entries: rest.entries, after: through)
            }
            return (messages, rest)
        }
        rest = end
        return messages
    }

    /// - Returns: whether there is anybody to go on for.
    private func settle(_ round: [OutboxEntry]) -> Bool {
        guard drain() else { return false }
        CrashPoint.eventsConfirmed.pass()
        for entry in round { settle(entry.number) }
        return true
    }

    private var isStopping: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed
    }

    private func next(isWaiting: Bool) -> [OutboxEntry]? {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed {
            if isOpen, !waiting.isEmpty {
                interest = [:]
                let round = Array(waiting.prefix(Self.entriesOfRound))
                waiting.removeFirst(round.count)
                return round
            }
            guard isWaiting else { break }
            condition.wait()
        }
        return nil
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
        case .unroutable?, .missing?: interest[key] = Interest.none
        case .closed?:
            isCutOff = true
            interest[key] = Interest.none
        case .refused?, .mismatch?, .unavailable?, .denied?, .other?:
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
