/// What has become of a schedule so far, and what is due next: decisions only, without clocks or effects.
///
/// Keep `document` with what `due(now:isRunning:)` decided, in one transaction; then a restart neither repeats nor loses an
/// occurrence. How a run ended makes no difference: a failed one keeps the series.
public struct Series: Sendable, Hashable {
    public let schedule: Schedule
    /// The start of the series, from which `every` counts.
    public let anchor: Timestamp
    /// How many runs were started, and the number of the latest occurrence.
    public internal(set) var startedCount = 0
    /// The scheduled time of the latest run.
    public internal(set) var lastScheduled: Timestamp?
    /// Times that went by without a run because nobody could look. Exact for `every`; else each downtime counts for at most
    /// `longestCount`.
    public internal(set) var missedCount = 0
    /// Times that were left out because an earlier run went on.
    public internal(set) var overlappedCount = 0
    public internal(set) var isPaused: Bool
    /// With `overlap: queue`, the scheduled times whose runs wait for the end of earlier ones.
    public internal(set) var waiting: [Timestamp] = []
    /// Up to and with this time everything is decided.
    var decided: Timestamp?

    /// How late an occurrence may be noticed without counting as missed.
    public static let grace = Duration.seconds(60)
    public static let longestCount = 1000
    /// How many occurrences wait at most; more are left out.
    public static let longestQueue = 1000

    /// Begins a series.
    ///
    /// - Parameter now: the anchor, unless the schedule says from when on.
    public init(_ schedule: Schedule, startingAt now: Timestamp) {
        self.init(schedule, anchor: schedule.from ?? now)
        isPaused = schedule.isPaused
        // What lies before the series was created was never promised.
        if anchor < now { decided = Timestamp(milliseconds: now.milliseconds - 1) }
    }

    init(_ schedule: Schedule, anchor: Timestamp) {
        self.schedule = schedule
        self.anchor = anchor
        self.isPaused = false
    }

    /// When to look again; `nil` while it is paused, and once it has ended. Occurrences that wait for a run's end need no time.
    public var next: Timestamp? {
        guard !isPaused, hasRunsLeft else { return nil }
        let timetable = Timetable(schedule, anchor: anchor)
        return decided.map { timetable.next(after: $0) } ?? timetable.first
    }

    /// Nothing will be started any more.
    public var isEnded: Bool { !isPaused && next == nil && waiting.isEmpty }

    private var hasRunsLeft: Bool { schedule.times.map { startedCount + waiting.count < $0 } ?? true }

    /// Decides about all times up to now.
    ///
    /// Up to a minute late is on time: each such occurrence starts. Later than that, time was missed: the times up to now come
    /// down to one run with `missed: once`, and to none with `skip` unless the last of them is on time. Work is bounded,
    /// however long the downtime.
    ///
    /// - Parameter isRunning: whether a run of this series goes on.
    /// - Returns: the occurrences to start now, oldest first.
    public mutating func due(now: Timestamp, isRunning: Bool) -> [Occurrence] {
        guard !isPaused else { return [] }
        var isRunning = isRunning
        var started: [Occurrence] = []
        if !waiting.isEmpty, !isRunning || schedule.overlap != .queue {
            started.append(start(waiting.removeFirst()))
            isRunning = true
        }
        for time in timesDue(now: now) where hasRunsLeft {
            switch schedule.overlap {
            case .skip where isRunning: overlappedCount += 1
            case .queue where isRunning:
                if waiting.count < Self.longestQueue { waiting.append(time) } else { overlappedCount += 1 }
            case .skip, .queue, .allow:
                started.append(start(time))
                isRunning = true
            }
        }
        return started
    }

    /// Stops starting occurrences; those that wait are dropped.
    public mutating func pause() {
        isPaused = true
        waiting = []
    }

    /// Goes on with the first time after now. What the pause left out does not count as missed.
    public mutating func resume(now: Timestamp) {
        guard isPaused else { return }
        isPaused = false
        decided = max(decided ?? now, now)
    }

    private mutating func start(_ time: Timestamp) -> Occurrence {
        startedCount += 1
        lastScheduled = time
        return Occurrence(schedule: schedule.name, number: startedCount, scheduled: time)
    }

    /// The times to start or to queue, and everything up to now decided.
    private mutating func timesDue(now: Timestamp) -> [Timestamp] {
        guard let first = next, first <= now else { return [] }
        let timetable = Timetable(schedule, anchor: anchor)
        let onTime = Timestamp(milliseconds: max(now.milliseconds, Self.grace.milliseconds + .min) - Self.grace.milliseconds)
        if first >= onTime {
            var times = [first]
            while let next = timetable.next(after: times[times.count - 1]), next <= now { times.append(next) }
            decided = times.last
            return times
        }
        guard let last = timetable.last(after: decided, upTo: now) else { return [] }
        decided = last
        let starts = schedule.missed == .once || last >= onTime
        let count = timetable.count(from: first, to: last, limit: Self.longestCount)
        missedCount += starts ? count - 1 : count
        return starts ? [last] : []
    }
}

/// One coming round of a schedule, which is a run of its own.
public struct Occurrence: Sendable, Hashable {
    /// The schedule's name.
    public let schedule: String
    /// From 1, without gaps.
    public let number: Int
    /// When it was meant to start, however late it is.
    public let scheduled: Timestamp

    /// A key for the run that makes starting it again return the same run.
    public var key: String { "\(schedule)@\(scheduled)" }
}
