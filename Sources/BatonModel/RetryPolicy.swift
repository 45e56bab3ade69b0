/// How often, when, and after which errors a task is tried again.
public struct RetryPolicy: Sendable, Hashable {
    public enum Backoff: Sendable, Hashable {
        /// `delay` each time.
        case fixed
        /// `delay`, 2 × `delay`, 3 × `delay`, …
        case linear
        /// `delay`, `delay` × `factor`, `delay` × `factor`², …
        case exponential
        /// These, the last one for ever.
        case explicit([Duration])
    }

    /// Attempts in all, the first included.
    public var maxAttempts: Int
    public var backoff: Backoff
    public var delay: Duration
    public var factor: Double
    public var maxDelay: Duration
    /// The part of each wait that is random: 0.2 spreads it from 0.8 to 1.2 of its length.
    public var jitter: Double
    /// Error types to retry; empty for all.
    public var only: [String]
    /// Error types never to retry.
    public var never: [String]

    public init(
        maxAttempts: Int = 3, backoff: Backoff = .exponential, delay: Duration = .seconds(1), factor: Double = 2,
        maxDelay: Duration = .seconds(300), jitter: Double = 0.2, only: [String] = [], never: [String] = []
    ) {
        self.maxAttempts = maxAttempts
        self.backoff = backoff
        self.delay = delay
        self.factor = factor
        self.maxDelay = maxDelay
        self.jitter = jitter
        self.only = only
        self.never = never
    }

    public static let `default` = RetryPolicy()
    public static let none = RetryPolicy(maxAttempts: 1)
}

/// The four limits in time of a task. Absent ones don't apply.
public struct Timeouts: Sendable, Hashable {
    /// One attempt, from its start.
    public var attempt: Duration?
    /// The task over all its attempts, from when it was first ready.
    public var total: Duration?
    /// The wait of a ready attempt for a worker.
    public var queued: Duration?
    /// The longest silence of a running attempt.
    public var heartbeat: Duration?

    public init(attempt: Duration? = nil, total: Duration? = nil, queued: Duration? = nil, heartbeat: Duration? = nil) {
        self.attempt = attempt
        self.total = total
        self.queued = queued
        self.heartbeat = heartbeat
    }

    public static let none = Timeouts()
}
