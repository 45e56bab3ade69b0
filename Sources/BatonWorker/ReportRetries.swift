import BatonBroker

/// Messages that the broker would not take, to be published again. Bounded by the intake, which starts nothing while too many
/// reports are unconfirmed.
struct ReportRetries: Sendable {
    struct Entry: Sendable {
        var outgoing: Outgoing
        var tries: Int
    }

    private var waiting: [(at: Duration, entry: Entry)] = []

    var next: Duration? { waiting.lazy.map(\.at).min() }
    var count: Int { waiting.count }

    mutating func add(_ outgoing: Outgoing, tries: Int, now: Duration) {
        waiting.append((now + Self.delay(after: tries), Entry(outgoing: outgoing, tries: tries)))
    }

    mutating func due(at now: Duration) -> [Entry] {
        let due = waiting.filter { $0.at <= now }.map(\.entry)
        waiting.removeAll { $0.at <= now }
        return due
    }

    /// 100 ms, doubled with each try up to 10 s.
    static func delay(after tries: Int) -> Duration {
        min(.milliseconds(100) * (1 << min(max(tries - 1, 0), 10)), .seconds(10))
    }
}

/// A message that has to reach the broker, and what follows when it has.
struct Outgoing: Sendable {
    let publication: Publication
    let confirmed: @Sendable () -> Void
}
