/// When something is due for one running attempt. Times are since the worker's start; nothing here waits.
struct AttemptTimeline: Sendable {
    enum Event: Sendable, Hashable {
        /// It has outlived the time for which no `started` is sent.
        case reportStarted
        case heartbeat
        case lease
        /// It ran for as long as one attempt may.
        case timedOut
        /// It was told to stop, and has not.
        case graceOver
    }

    /// Attempts that are shorter send no `started`.
    static let quiet: Duration = .milliseconds(100)
    /// Between two requests for a lease that isn't answered.
    static let leaseRepeat: Duration = .seconds(30)

    private var startedAt: Duration?
    private var heartbeatAt: Duration?
    private var leaseAt: Duration?
    private var timeoutAt: Duration?
    private var graceAt: Duration?
    private let heartbeatEvery: Duration

    /// - Parameters:
    ///   - heartbeat: the longest silence the coordinator stands; `nil` where it needs no heartbeats.
    ///   - heartbeatInterval: the most there is between two heartbeats.
    ///   - isStartReported: whether `started` was sent already.
    init(
        from now: Duration, heartbeat: Duration?, timeout: Duration?, leaseAfter: Duration?, heartbeatInterval: Duration,
        isStartReported: Bool = false
    ) {
        heartbeatEvery = max(.milliseconds(10), min(heartbeat.map { $0 / 3 } ?? heartbeatInterval, heartbeatInterval))
        startedAt = isStartReported ? nil : now + Self.quiet
        heartbeatAt = heartbeat == nil ? nil : now + heartbeatEvery
        leaseAt = leaseAfter.map { now + $0 }
        timeoutAt = timeout.map { now + $0 }
    }

    /// The earliest time at which `due` returns something.
    var next: Duration? {
        var earliest: Duration?
        for time in [startedAt, heartbeatAt, leaseAt, timeoutAt, graceAt] {
            if let time { earliest = min(earliest ?? time, time) }
        }
        return earliest
    }

    mutating func due(at now: Duration) -> [Event] {
        var events: [Event] = []
        if let time = startedAt, time <= now {
            startedAt = nil
            events.append(.reportStarted)
        }
        if let time = heartbeatAt, time <= now {
            heartbeatAt = now + heartbeatEvery
            events.append(.heartbeat)
        }
        if let time = leaseAt, time <= now {
            leaseAt = now + Self.leaseRepeat
            events.append(.lease)
        }
        if let time = timeoutAt, time <= now {
            timeoutAt = nil
            events.append(.timedOut)
        }
        if let time = graceAt, time <= now {
            graceAt = nil
            events.append(.graceOver)
        }
        return events
    }

    /// The lease is stored: heartbeats keep the attempt alive from now on.
    mutating func leased(now: Duration) {
        leaseAt = nil
        if heartbeatAt == nil { heartbeatAt = now + heartbeatEvery }
    }

    /// Its message is settled without a lease: there is nothing left to ask one for.
    mutating func letGo() { leaseAt = nil }

    /// It has been told to stop, for whatever cause.
    mutating func stopping(now: Duration, grace: Duration) {
        timeoutAt = nil
        if graceAt == nil { graceAt = now + grace }
    }

    /// Its outcome is reported: there is nothing more to say of it.
    mutating func reported() {
        startedAt = nil
        heartbeatAt = nil
        leaseAt = nil
        timeoutAt = nil
        graceAt = nil
    }
}
