import BatonModel
import BatonStore

/// How many ready tasks of each level are with the broker, and how many wait for room there.
///
/// The window keeps the broker's memory small, and cancels and priorities cheap: what is not with the broker is only a row.
struct PublishWindow {
    struct Level {
        var waiting = 0
        var published = 0
    }

    private(set) var levels: [QueueLevel: Level] = [:]
    /// Nothing of these goes to the broker.
    var paused: Set<QueueName> = []
    private let minimum: Int
    private let perSlot: Int

    init(minimum: Int, perSlot: Int) {
        self.minimum = minimum
        self.perSlot = perSlot
    }

    mutating func restore(_ stored: [(level: QueueLevel, waiting: Int, published: Int)], paused: Set<QueueName>) {
        self.paused = paused
        levels = [:]
        for entry in stored { levels[entry.level] = Level(waiting: entry.waiting, published: entry.published) }
    }

    func room(_ level: QueueLevel, slots: Int) -> Int {
        paused.contains(level.queue) ? 0 : max(0, max(minimum, slots * perSlot) - (levels[level]?.published ?? 0))
    }

    /// Whether a task that has just become ready can go to the broker without passing one that waits.
    func admits(_ level: QueueLevel, slots: Int) -> Bool {
        (levels[level]?.waiting ?? 0) == 0 && room(level, slots: slots) > 0
    }

    mutating func published(_ level: QueueLevel) { levels[level, default: Level()].published += 1 }

    mutating func backlogged(_ level: QueueLevel) { levels[level, default: Level()].waiting += 1 }

    mutating func left(_ level: QueueLevel, published: Bool) {
        guard let counts = levels[level] else { return }
        // Never below zero: a count that has gone astray must not keep the level shut or open.
        if published {
            levels[level]?.published = max(0, counts.published - 1)
        } else {
            levels[level]?.waiting = max(0, counts.waiting - 1)
        }
    }

    /// Those with both waiting tasks and room.
    func refillable(slots: (QueueName) -> Int) -> [(level: QueueLevel, room: Int)] {
        levels.compactMap { level, counts in
            let room = room(level, slots: slots(level.queue))
            return counts.waiting > 0 && room > 0 ? (level, room) : nil
        }.sorted { ($0.level.priority, $0.level.queue) < ($1.level.priority, $1.level.queue) }
    }

    /// The store knows best: nothing of the level waits any more.
    mutating func drained(_ level: QueueLevel) { levels[level]?.waiting = 0 }
}
