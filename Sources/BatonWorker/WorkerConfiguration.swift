public import BatonModel

/// How a worker behaves. Every number has a default that suits most.
public struct WorkerConfiguration: Sendable {
    /// Where the broker is; used only where the worker makes its own connection.
    public var amqpURL = "amqp://guest:guest@127.0.0.1:5672/"
    /// Which cluster on the broker.
    public var namespace = "baton"
    public var queues: [QueueName] = [.default]
    /// Attempts that run at the same time, at least 1.
    public var slots = 8
    /// For operators, shown with the worker.
    public var tags: [String] = []
    /// Between two announcements of this worker, and the longest between two heartbeats of an attempt.
    public var heartbeatInterval: Duration = .seconds(10)
    /// How long an attempt runs before the worker asks for a lease, so that the message needn't be held. Must stay well under
    /// the broker's `consumer_timeout`, 30 minutes by default.
    public var leaseAfter: Duration = .seconds(300)
    /// How long running attempts may go on when the worker is asked to leave.
    public var drainTimeout: Duration = .seconds(30)
    /// How long a cancelled handler may take to stop before its result is of no interest any more.
    public var cancelGrace: Duration = .seconds(10)
    /// Whether `core.shell` runs commands.
    public var allowShell = false
    /// Deliveries held unstarted for each queue and priority, beyond the slots, so that short tasks don't wait for the broker.
    public var lookahead = 64

    public init(
        queues: [QueueName] = [.default], slots: Int = 8, namespace: String = "baton",
        amqpURL: String = "amqp://guest:guest@127.0.0.1:5672/"
    ) {
        self.queues = queues
        self.slots = slots
        self.namespace = namespace
        self.amqpURL = amqpURL
    }

    /// - Throws: `WorkerConfigurationError` that names the first setting out of its range.
    package func validate() throws(WorkerConfigurationError) {
        func check(_ holds: Bool, _ problem: @autoclosure () -> String) throws(WorkerConfigurationError) {
            if !holds { throw WorkerConfigurationError(problem()) }
        }
        try check(NameRule.allows(namespace), "namespace '\(namespace)': \(NameRule.explanation)")
        try check(!queues.isEmpty, "queues: at least one is needed")
        try check(Set(queues).count == queues.count, "queues: one is named twice")
        for queue in queues {
            try check(NameRule.allows(queue.rawValue), "queue '\(queue)': \(NameRule.explanation)")
        }
        try check((1...10_000).contains(slots), "slots: \(slots) is not in 1...10000")
        try check((0...10_000).contains(lookahead), "lookahead: \(lookahead) is not in 0...10000")
        try check(heartbeatInterval >= .milliseconds(100), "heartbeatInterval: at least 100ms")
        try check(leaseAfter > .zero, "leaseAfter: more than 0")
        try check(drainTimeout >= .zero, "drainTimeout: not below 0")
        try check(cancelGrace >= .zero, "cancelGrace: not below 0")
    }
}

/// A setting that can't be used. The description names it.
public struct WorkerConfigurationError: Error, Hashable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
