/// What monitoring asks for.
public struct MetricsView: Sendable, Hashable {
    /// What the coordinator has done since it started.
    public struct Counters: Sendable, Hashable {
        public var runsSubmitted = 0
        /// By status.
        public var runsEnded: [String: Int] = [:]
        /// Transactions, and what was decided in them.
        public var commits = 0
        public var inputs = 0
        public var commitTime = Histogram()
        public var storeFailures = 0
        /// Messages on their way to the broker.
        public var outbox = 0
        public var startedAt = Timestamp(milliseconds: 0)

        public init() {}
    }

    public var handlers: [HandlerName: HandlerStatistics]
    public var queues: [QueueView]
    public var workers: [WorkerView]
    public var health: HealthView
    public var counters: Counters

    public init(
        handlers: [HandlerName: HandlerStatistics], queues: [QueueView], workers: [WorkerView], health: HealthView, counters: Counters
    ) {
        self.handlers = handlers
        self.queues = queues
        self.workers = workers
        self.health = health
        self.counters = counters
    }
}
