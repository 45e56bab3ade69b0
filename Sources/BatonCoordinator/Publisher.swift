import BatonBroker
import BatonModel
import BatonStore
import BatonWire
import DequeModule
import Foundation
import Logging
import Synchronization

/// Sends what the outbox holds, in its order, and keeps account of what has been confirmed.
///
/// It has a thread of its own, because it reads the payloads from the store; they are read when there is room for the message,
/// so that no more of them are in memory than are on the wire.
///
/// Unchecked: each `var` is read and written only while the condition is locked; all else is constant and Sendable.
final class Publisher: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: Deque<Item> = []
    /// Messages whose queue is being declared, in order.
    private var parked: [QueueLevel: [Item]] = [:]
    private var declared: Set<QueueLevel> = []
    /// How often the broker has lost each level's queue.
    private var losses: [QueueLevel: Int] = [:]
    /// Levels with messages that are not confirmed: how many, and since when none was.
    private var outstanding: [QueueLevel: (count: Int, since: Duration)] = [:]
    private var unconfirmed = 0
    private var bytes = 0
    private var settled = SettledNumbers()
    /// Nothing is sent before.
    private var isOpen = false
    private var isClosed = false

    private let link: any BrokerLink
    private let store: any Store
    private let topology: Topology
    private let messages: OutboxMessages
    private let logger: Logger
    private let lost: @Sendable (QueueLevel) async -> Bool
    private let surroundings: Surroundings

    static let maximumUnconfirmed = 1000
    static let maximumBytes = 64 << 20
    /// How much is read before it is handed over.
    static let maximumRead = 8 << 20

    struct Item: Sendable {
        var entry: OutboxEntry
        /// It may have been sent before.
        var isRepeated: Bool
    }

    init(
        link: any BrokerLink, store: any Store, topology: Topology, messages: OutboxMessages, logger: Logger,
        lost: @escaping @Sendable (QueueLevel) async -> Bool, surroundings: Surroundings
    ) {
        self.link = link
        self.store = store
        self.topology = topology
        self.messages = messages
        self.logger = logger
        self.lost = lost
        self.surroundings = surroundings
    }

    /// All entries up to this number have been confirmed.
    var watermark: Int64 {
        condition.lock()
        defer { condition.unlock() }
        return settled.watermark
    }

    func isSettled(_ entry: Int64) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        return settled.contains(entry)
    }

    /// Entries that have been confirmed while one before them has not, and that are not known to have been removed.
    ///
    /// - Parameters:
    ///   - limit: how many are given.
    ///   - least: how many there have to be.
    func settledBeyond(atMost limit: Int, atLeast least: Int) -> [Int64] {
        condition.lock()
        defer { condition.unlock() }
        return settled.unremoved(atMost: limit, atLeast: least)
    }

    func removed(_ entries: [Int64]) {
        if entries.isEmpty { return }
        condition.lock()
        settled.removed(entries)
        condition.unlock()
    }

    /// - Parameters:
    ///   - number: of the last outbox entry that there was before these.
    ///   - entries: the numbers of those that there are, in order.
    func begin(after number: Int64, waiting entries: [Int64] = []) {
        condition.lock()
        settled = SettledNumbers(watermark: number, waiting: entries)
        condition.unlock()
    }

    func send(_ entries: [OutboxEntry], areRepeated: Bool = false) {
        guard !entries.isEmpty else { return }
        condition.lock()
        let isFirst = waiting.isEmpty
        for entry in entries where !entry.isOfEvents { waiting.append(Item(entry: entry, isRepeated: areRepeated)) }
        if isFirst { condition.signal() }
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
        while let items = next(isWaiting: true) {
            // The publisher's own thread, which can send nothing without the store.
            if !send(items) { Thread.sleep(forTimeInterval: 0.5) }
        }
    }

    /// One turn of that work, which waits for nothing: for whoever has no thread for it.
    ///
    /// - Returns: whether there was something to send.
    func turn() -> Bool {
        guard let items = next(isWaiting: false) else { return false }
        return send(items)
    }

    /// `false` where the store can't be read; what is not sent waits again then.
    private func send(_ items: [Item]) -> Bool {
        do {
            let room = self.room
            let publications = try store.read { reader in
                var publications: [(Item, OutboxMessages.Step)] = []
                var size = 0
                for item in items {
                    let step = try messages.step(item.entry, isRepeated: item.isRepeated, reader)
                    publications.append((item, step))
                    if case .send(let publication, _) = step { size += publication.message.body.count }
                    // Few large ones are as much as many small ones.
                    if size >= room { break }
                }
                return publications
            }
            giveBack(Array(items.dropFirst(publications.count)))
            hand(over: publications)
            return true
        } catch {
            logger.error("the store can't be read, so nothing is sent; trying again", metadata: ["error": "\(error)"])
            giveBack(items)
            return false
        }
    }

    /// Whether something could be sent.
    var isReady: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isOpen && !isClosed && !waiting.isEmpty && unconfirmed < Self.maximumUnconfirmed && bytes < Self.maximumBytes
    }

    private func next(isWaiting: Bool) -> [Item]? {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed {
            let room = Self.maximumUnconfirmed - unconfirmed
            if isOpen, !waiting.isEmpty, room > 0, bytes < Self.maximumBytes {
                let items = Array(waiting.prefix(min(64, room)))
                waiting.removeFirst(items.count)
                return items
            }
            guard isWaiting else { break }
            condition.wait()
        }
        return nil
    }

    private var room: Int {
        condition.lock()
        defer { condition.unlock() }
        return min(Self.maximumRead, Self.maximumBytes - bytes)
    }

    private func giveBack(_ items: [Item]) {
        if items.isEmpty { return }
        condition.lock()
        waiting.prepend(contentsOf: items)
        condition.signal()
        condition.unlock()
    }

    /// With the broker, and not confirmed.
    private struct Unconfirmed: Sendable {
        var item: Item
        var level: QueueLevel?
        var bytes: Int
        /// How often the broker had lost its queue.
        var losses: Int
    }

    /// An entry whose message could not be made has been dealt with.
    func settle(_ entry: Int64) {
        condition.lock()
        settled.settle(entry)
        condition.unlock()
    }

    private func hand(over publications: [(Item, OutboxMessages.Step)]) {
        var sent: [Unconfirmed] = []
        var ready: [Publication] = []
        var unknown: [QueueLevel] = []
        condition.lock()
        for (item, step) in publications {
            guard case .send(let publication, let level) = step else {
                if case .settled = step { settled.settle(item.entry.number) }
                continue
            }
            // Looked at again where it is counted: whoever pauses waits for what is counted, and then purges.
            if let level, messages.isPaused(level.queue) {
                settled.settle(item.entry.number)
                continue
            }
            if let level, !declared.contains(level) {
                if parked[level] == nil { unknown.append(level) }
                parked[level, default: []].append(item)
                continue
            }
            let size = publication.message.body.count
            unconfirmed += 1
            bytes += size
            ready.append(publication)
            if let level { outstanding[level, default: (0, surroundings.uptime())].count += 1 }
            let known = level.flatMap { losses[$0] } ?? 0
            sent.append(Unconfirmed(item: item, level: level, bytes: size, losses: known))
        }
        condition.unlock()
        for level in unknown { declare(level) }
        guard !ready.isEmpty else { return }
        CrashPoint.messagesTaken.pass()
        link.publish(ready) { [sent] index, error in self.confirmed(sent[index], error) }
        CrashPoint.messagesHandedOver.pass()
    }

    private func confirmed(_ outgoing: Unconfirmed, _ error: BrokerError?) {
        if error == nil { CrashPoint.messageConfirmed.pass() }
        condition.lock()
        defer { condition.unlock() }
        unconfirmed -= 1
        bytes -= outgoing.bytes
        condition.signal()
        if let level = outgoing.level, let count = outstanding[level]?.count {
            // A refusal is no sign of life.
            let since = error?.code == .refused ? outstanding[level]?.since : nil
            outstanding[level] = count > 1 || since != nil ? (max(0, count - 1), since ?? surroundings.uptime()) : nil
        }
        switch error?.code {
        case nil where outgoing.level.map { outgoing.losses < losses[$0] ?? 0 } ?? false:
            // Its queue has been lost meanwhile, and it perhaps with it.
            waiting.append(Item(entry: outgoing.item.entry, isRepeated: true))
        case nil: settled.settle(outgoing.item.entry.number)
        case .unroutable?, .missing?:
            guard let level = outgoing.level else { return drop(outgoing.item, because: error) }
            // The queue has gone: declare it again, and send this once it is there.
            declared.remove(level)
            waiting.append(outgoing.item)
        case .closed?: waiting.append(Item(entry: outgoing.item.entry, isRepeated: true))
        case .refused?: sendLater(Item(entry: outgoing.item.entry, isRepeated: true), because: error)
        case .mismatch?, .unavailable?, .denied?, .other?:
            if outgoing.level == nil { drop(outgoing.item, because: error) } else { sendLater(outgoing.item, because: error) }
        }
    }

    /// An answer to a producer that is no longer there, or nothing that can be sent: there is nobody to tell but the log. To be called
    /// while the condition is locked.
    private func drop(_ item: Item, because error: BrokerError?) {
        logger.warning(
            "a message can't be delivered and is dropped",
            metadata: ["entry": "\(item.entry.content)", "error": "\(error?.description ?? "")"])
        settled.settle(item.entry.number)
    }

    private func sendLater(_ item: Item, because error: BrokerError?) {
        logger.error("the broker refuses a message; trying again", metadata: ["error": "\(error?.description ?? "")"])
        // Nobody waits for it: the item is in the store's outbox until it is confirmed.
        surroundings.later(.seconds(1)) { self.giveBack([item]) }
    }

    /// Declares the queues of a worker, so that it finds them; those that are known only where they are to be looked for anew.
    func prepare(_ queues: [QueueName], anew: Bool) {
        let levels = queues.prefix(Self.mostQueuesPrepared).filter { NameRule.allows($0.rawValue) }.flatMap { queue in
            Priority.allCases.map { QueueLevel(queue, $0) }
        }
        condition.lock()
        if anew { declared.subtract(levels) }
        var unknown: [QueueLevel] = []
        for level in levels where !declared.contains(level) && parked[level] == nil {
            // What is to be sent meanwhile waits for the same declaration.
            parked[level] = []
            unknown.append(level)
        }
        condition.unlock()
        for level in unknown { declare(level) }
    }

    /// The broker may be another one than before.
    func reconnected() {
        condition.lock()
        let isOpen = isOpen
        let now = surroundings.uptime()
        for level in outstanding.keys { outstanding[level]?.since = now }
        condition.unlock()
        if isOpen { lookAgain() }
    }

    /// Levels of which the broker has confirmed nothing for so long, though it has messages of theirs.
    func unconfirmed(for time: Duration) -> [QueueLevel] {
        condition.lock()
        defer { condition.unlock() }
        return outstanding.filter { surroundings.uptime() - $0.value.since > time }.map(\.key)
    }

    /// Whether the broker has messages of the queue that it has not confirmed.
    func hasUnconfirmed(of queue: QueueName) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        return outstanding.contains { $0.key.queue == queue && $0.value.count > 0 }
    }

    /// Looks whether the queues are still there that have been declared, and those of which the broker is said to have something.
    func lookAgain(_ published: [QueueLevel] = []) {
        condition.lock()
        let levels = declared.union(published).filter { parked[$0] == nil }.sorted { ($0.priority, $0.queue) < ($1.priority, $1.queue) }
        declared = []
        for level in levels { parked[level] = [] }
        condition.unlock()
        for level in levels { declare(level) }
    }

    /// Of one worker.
    static let mostQueuesPrepared = 256

    private func declare(_ level: QueueLevel) {
        let queue = topology.tasksQueue(level.queue, level.priority)
        // Unstructured, since it outlives the call that found the queue missing; it ends with the declaration or the link.
        Task(executorPreference: surroundings.executor) { [self] in
            var wait = Duration.milliseconds(200)
            while !self.isStopping {
                do {
                    if try await !link.has(queue: queue.name) {
                        self.count(lossOf: level)
                        CrashPoint.queueMissed.pass()
                        guard await lost(level) else {
                            try? await surroundings.sleep(wait)
                            continue
                        }
                        CrashPoint.queueRefilled.pass()
                    }
                    try await link.declare(exchanges: [topology.tasks, topology.parking], queues: [queue])
                    return self.release(level)
                } catch {
                    logger.error("a queue can't be declared; trying again", metadata: ["queue": "\(queue.name)", "error": "\(error)"])
                    self.tryParkedAgain(level)
                    try? await surroundings.sleep(wait)
                    wait = min(wait * 2, .seconds(10))
                }
            }
        }
    }

    /// What is with the broker and not confirmed may be lost with the queue.
    func count(lossOf level: QueueLevel) {
        condition.lock()
        losses[level, default: 0] += 1
        condition.unlock()
    }

    /// Those that wait for the queue may have been cancelled meanwhile, and are done with then.
    private func tryParkedAgain(_ level: QueueLevel) {
        condition.lock()
        defer { condition.unlock() }
        guard let items = parked[level], !items.isEmpty else { return }
        // The level stays, since its declaration goes on.
        parked[level] = []
        waiting.prepend(contentsOf: items)
        condition.signal()
    }

    private var isStopping: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed
    }

    private func release(_ level: QueueLevel) {
        condition.lock()
        declared.insert(level)
        waiting.prepend(contentsOf: parked.removeValue(forKey: level) ?? [])
        condition.signal()
        condition.unlock()
    }
}
