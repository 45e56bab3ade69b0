/// What a handler has done so far, on all workers, since the database was made.
public struct HandlerView: Sendable, Codable, Hashable {
    /// Percentiles in milliseconds, right to within 2.5 %.
    public struct Times: Sendable, Codable, Hashable {
        public var count: Int
        public var mean: Double
        public var p50: Double
        public var p95: Double
        public var p99: Double

        public init?(_ histogram: Histogram) {
            guard histogram.count > 0, let p50 = histogram.percentile(0.5), let p95 = histogram.percentile(0.95),
                let p99 = histogram.percentile(0.99)
            else { return nil }
            count = histogram.count
            mean = Self.rounded(histogram.sum / Double(histogram.count))
            self.p50 = Self.rounded(p50)
            self.p95 = Self.rounded(p95)
            self.p99 = Self.rounded(p99)
        }

        private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    }

    public var name: HandlerName
    /// Attempts that have ended.
    public var executions: Int
    public var completed: Int
    public var failed: Int
    /// Attempts whose worker died, or fell silent.
    public var lost: Int
    public var cancelled: Int
    /// Attempts after a task's first.
    public var retries: Int
    /// Results that were there already, for equal inputs.
    public var cached: Int
    /// Completed ones among those that completed, failed or were lost; absent where there are none.
    public var successRate: Double?
    public var runTime: Times?
    /// From ready to started.
    public var queueTime: Times?
    /// How many live workers offer it.
    public var workers: Int

    public init(name: HandlerName, statistics: HandlerStatistics, workers: Int) {
        self.name = name
        executions = statistics.executions
        completed = statistics.completed
        failed = statistics.failed
        lost = statistics.lost
        cancelled = statistics.cancelled
        retries = statistics.retries
        cached = statistics.cached
        let decided = completed + failed + lost
        successRate = decided > 0 ? Double(completed) / Double(decided) : nil
        runTime = Times(statistics.runTime)
        queueTime = Times(statistics.queueTime)
        self.workers = workers
    }
}

/// An attempt that took long.
public struct SlowExecution: Sendable, Codable, Hashable {
    public var handler: HandlerName?
    public var run: RunID
    public var task: TaskID
    public var attempt: Int
    public var milliseconds: Double
    public var finishedAt: Timestamp

    public init(
        handler: HandlerName? = nil, run: RunID, task: TaskID, attempt: Int, milliseconds: Double, finishedAt: Timestamp
    ) {
        self.handler = handler
        self.run = run
        self.task = task
        self.attempt = attempt
        self.milliseconds = milliseconds
        self.finishedAt = finishedAt
    }
}

/// All handlers, and the slowest executions among them.
public struct HandlersView: Sendable, Codable, Hashable {
    /// By name.
    public var items: [HandlerView]
    /// The longest first.
    public var slowest: [SlowExecution]

    public init(items: [HandlerView], slowest: [SlowExecution]) {
        self.items = items
        self.slowest = slowest
    }
}
