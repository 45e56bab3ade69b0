import BatonModel
import HeapModule

/// Decides what a worker takes, what it starts, and what it gives back. Times are since the worker's start.
///
/// - `pull`: nothing is subscribed; each free slot fetches the best message there is. Where a worker begins, and where it goes
///   when it holds work that it can't start soon. Left when every queue is found empty, or when attempts are so short that
///   waiting for each fetch would cost more than they do.
/// - `push`: the broker delivers ahead of need. Left when the slots are full and a delivery has waited for `patience`.
///
/// A message that is given back counts towards the broker's delivery limit; so a worker begins with `pull`, and one that
/// changes its mind too often stays in `pull` for longer and longer.
struct IntakeState<Item: Sendable>: Sendable {
    enum Mode: Sendable, Hashable { case pull, push }

    enum Action {
        case start(Item)
        /// Ask the coordinator whether it may start; it comes back with `arrived`, or never.
        case claim(Item)
        case giveBack(Item)
        /// `nextCommand` has something new to say.
        case wake
    }

    /// What the intake loop does next, one at a time.
    enum Command: Sendable, Hashable { case subscribe, unsubscribe, sweep }

    /// What the coordinator has to say of a delivery before it starts.
    enum Leave: Sendable, Hashable { case notNeeded, needed, granted }

    private struct Held: Comparable {
        let priority: Priority
        let sequence: UInt64
        let arrived: Duration
        let needsClaim: Bool
        let item: Item

        static func < (left: Held, right: Held) -> Bool {
            (left.priority.rawValue, left.sequence) < (right.priority.rawValue, right.sequence)
        }
        static func == (left: Held, right: Held) -> Bool { left.sequence == right.sequence }
    }

    /// How long a delivery may wait for a slot while others could run it.
    static var patience: Duration { .milliseconds(500) }
    /// Attempts shorter than this on average are worth fetching ahead.
    static var short: Duration { .milliseconds(50) }
    private static var samplesNeeded: Int { 8 }

    private(set) var mode: Mode = .pull
    private(set) var freeSlots: Int
    /// Deliveries whose claim is not answered. Never more than `freeSlots`: a slot is kept for each, so that what is granted
    /// starts at once.
    var claiming = 0
    /// Ended attempts whose report is not confirmed.
    var unconfirmed = 0
    /// What waits for a slot, or for leave to ask for one.
    private var held: Heap<Held> = []
    /// What may start for certain. Comes first: the coordinator counts on this worker for it.
    private var granted: Heap<Held> = []
    private var sequence: UInt64 = 0
    private var isOpen = false
    private(set) var isDraining = false
    private(set) var isSubscribed = false
    private var meanRun: Duration?
    private var samples = 0
    private var saturations = 0
    private var pullUntil: Duration = .zero
    private let maximumUnconfirmed: Int

    init(slots: Int, maximumUnconfirmed: Int = 2000) {
        freeSlots = slots
        self.maximumUnconfirmed = max(maximumUnconfirmed, slots)
    }

    var heldCount: Int { held.count + granted.count }
    private var isReady: Bool { isOpen && !isDraining && unconfirmed < maximumUnconfirmed }
    /// Slots that are neither taken nor kept for what is claimed or granted.
    private var openSlots: Int { freeSlots - claiming - granted.count }
    private var hasRoom: Bool { isReady && openSlots > 0 }

    // MARK: - The connection

    /// Connected and welcomed: tasks may start.
    mutating func open() -> [Action] {
        isOpen = true
        return startable() + [.wake]
    }

    /// Nothing starts before it is opened again; what is held stays.
    mutating func close() { isOpen = false }

    /// The consuming connection is gone, and with it all that was delivered but not started.
    mutating func lost() {
        isOpen = false
        held = []
        granted = []
        claiming = 0
    }

    /// Nothing starts any more. What is held goes back.
    mutating func drain() -> [Action] {
        isDraining = true
        let back = (held.unordered + granted.unordered).map { Action.giveBack($0.item) }
        held = []
        granted = []
        return back + [.wake]
    }

    // MARK: - Work

    mutating func arrived(_ item: Item, priority: Priority, leave: Leave = .notNeeded, now: Duration) -> [Action] {
        if isDraining { return [.giveBack(item)] }
        sequence += 1
        let entry = Held(priority: priority, sequence: sequence, arrived: now, needsClaim: leave == .needed, item: item)
        if leave == .granted { granted.insert(entry) } else { held.insert(entry) }
        return startable()
    }

    /// Takes out what is held and matches.
    mutating func remove(where matches: (Item) -> Bool) -> [Item] {
        Self.remove(from: &held, where: matches) + Self.remove(from: &granted, where: matches)
    }

    private static func remove(from heap: inout Heap<Held>, where matches: (Item) -> Bool) -> [Item] {
        guard heap.unordered.contains(where: { matches($0.item) }) else { return [] }
        var removed: [Item] = []
        var kept: [Held] = []
        for entry in heap.unordered {
            if matches(entry.item) { removed.append(entry.item) } else { kept.append(entry) }
        }
        heap = Heap(kept)
        return removed
    }

    /// - Parameter ran: how long the attempt took; `nil` where that says nothing, as for one that was never started.
    mutating func slotFreed(ran: Duration?, now: Duration) -> [Action] {
        freeSlots += 1
        if let ran {
            samples = min(samples + 1, Self.samplesNeeded)
            meanRun = meanRun.map { $0 * 0.8 + ran * 0.2 } ?? ran
        }
        if mode == .pull, samples >= Self.samplesNeeded, let meanRun, meanRun < Self.short, now >= pullUntil { mode = .push }
        return eased()
    }

    /// A slot is free, a report confirmed, or a claim answered: there may be room now.
    mutating func eased() -> [Action] {
        let actions = startable()
        return nextCommand() == nil ? actions : actions + [.wake]
    }

    private mutating func startable() -> [Action] {
        var actions: [Action] = []
        while isReady, freeSlots > 0, let best = granted.popMin() {
            freeSlots -= 1
            actions.append(.start(best.item))
        }
        while hasRoom, let best = held.popMin() {
            if best.needsClaim {
                claiming += 1
                actions.append(.claim(best.item))
            } else {
                freeSlots -= 1
                actions.append(.start(best.item))
            }
        }
        return actions
    }

    // MARK: - Saturation

    /// When `tick` has something to do, if nothing happens before.
    var nextTick: Duration? {
        guard mode == .push, !hasRoom, let oldest = held.unordered.lazy.map(\.arrived).min() else { return nil }
        return oldest + Self.patience
    }

    mutating func tick(now: Duration) -> [Action] {
        guard let due = nextTick, due <= now else { return [] }
        mode = .pull
        saturations = min(saturations + 1, 9)
        pullUntil = now + min(.seconds(1 << saturations), .seconds(300))
        return [.wake]
    }

    /// What was granted stays: the coordinator counts on this worker for it.
    private mutating func giveBackWaiting() -> [Action] {
        defer { held = [] }
        return held.unordered.map { .giveBack($0.item) }
    }

    // MARK: - The intake loop

    /// `nil`: wait for a wake.
    func nextCommand() -> Command? {
        if isDraining { return isSubscribed ? .unsubscribe : nil }
        guard isOpen else { return nil }
        switch mode {
        case .push: return isSubscribed ? nil : .subscribe
        case .pull: return isSubscribed ? .unsubscribe : wanted > 0 ? .sweep : nil
        }
    }

    /// How many messages to fetch.
    var wanted: Int {
        guard mode == .pull, !isSubscribed, hasRoom, held.isEmpty else { return 0 }
        return openSlots
    }

    mutating func subscribed() { isSubscribed = true }

    /// Only now does what waits go back, or the broker would deliver it here again.
    mutating func unsubscribed() -> [Action] {
        isSubscribed = false
        return (mode == .pull && !hasRoom ? giveBackWaiting() : []) + eased()
    }

    /// Every queue was asked. Where a slot is still free, all were empty.
    mutating func swept() {
        guard wanted > 0 else { return }
        mode = .push
        saturations = 0
        pullUntil = .zero
    }
}
