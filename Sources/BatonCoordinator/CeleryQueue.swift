public import BatonModel

/// A queue of a Celery application, whose tasks run on Baton's workers.
public struct CeleryQueue: Sendable, Hashable {
    /// On the broker.
    public var name: String
    /// The one that Baton's workers take the tasks from.
    public var queue: QueueName

    public init(_ name: String, queue: QueueName = .default) {
        self.name = name
        self.queue = queue
    }

    /// Reads `NAME` or `NAME=QUEUE`; `nil` where it is neither.
    public init?(text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, (1...255).contains(name.utf8.count), !name.hasPrefix("amq.") else { return nil }
        if parts.count == 2, !NameRule.allows(parts[1]) { return nil }
        self.init(name, queue: parts.count == 2 ? QueueName(parts[1]) : .default)
    }
}
