import DequeModule

/// The attempts that must not start, or must stop, with the reasons given. Bounded: the oldest are forgotten first, by when
/// the coordinator has long refused them.
struct CancelledAttempts {
    private var reasons: [String: String?] = [:]
    private var order: Deque<String> = []
    private let capacity: Int

    init(capacity: Int = 100_000) { self.capacity = capacity }

    var count: Int { reasons.count }

    mutating func insert(_ attempts: [String], reason: String?) {
        for attempt in attempts where reasons.updateValue(reason, forKey: attempt) == nil {
            order.append(attempt)
            if order.count > capacity { reasons.removeValue(forKey: order.removeFirst()) }
        }
    }

    func contains(_ attempt: String) -> Bool { reasons[attempt] != nil }

    func reason(_ attempt: String) -> String? { reasons[attempt] ?? nil }
}
