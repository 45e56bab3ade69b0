import BatonModel

/// What is wrong with the worker's queues, by the broker's names, and which of them are left alone for a while. Times are since the
/// worker's start.
struct QueueAbsences: Sendable {
    /// Those that aren't there, and nobody has been told.
    private(set) var missing: Set<String> = []
    /// Those that give no answer, and the coordinator hasn't been told.
    private(set) var unserved: Set<String> = []
    private var leftAlone: [String: (until: Duration, tries: Int)] = [:]

    private static let pauses = (missing: Duration.milliseconds(50), unserved: Duration.seconds(5))
    private static let longestPauses = (missing: Duration.seconds(5), unserved: Duration.seconds(60))
    /// Whether this worker's account may declare them.
    var mayDeclare = true

    mutating func note(missing name: String) { missing.insert(name) }

    /// To be told of, and made.
    mutating func takeMissing() -> Set<String> {
        defer { missing = [] }
        return missing
    }

    /// - Returns: whether that is news.
    mutating func note(unserved name: String) -> Bool { unserved.insert(name).inserted }

    mutating func told(unserved: Set<String>) { self.unserved.subtract(unserved) }

    /// The queue is tried again after a pause, which grows from try to try. To ask one that can't be served costs the connection.
    mutating func leaveAlone(_ name: String, isThere: Bool, now: Duration) {
        let tries = (leftAlone[name]?.tries ?? 0) + 1
        let pause = (isThere ? Self.pauses.unserved : Self.pauses.missing) * (1 << min(tries - 1, 10))
        leftAlone[name] = (now + min(pause, isThere ? Self.longestPauses.unserved : Self.longestPauses.missing), tries)
    }

    mutating func works(_ name: String) { leftAlone[name] = nil }

    func isLeftAlone(_ name: String, now: Duration) -> Bool { leftAlone[name].map { $0.until > now } ?? false }

    /// When the first of them is tried again.
    var next: Duration? { leftAlone.values.lazy.map(\.until).min() }
}
