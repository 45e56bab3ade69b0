/// A graph that is run again and again, and when.
///
/// A value without state: what has become of it is in `Series`.
public struct Schedule: Sendable, Hashable {
    public var name: String
    public var recurrence: Recurrence
    public var timeZone: ScheduleZone
    /// The earliest time of an occurrence, and for `every` its first. `nil` stands for the time at which the series begins.
    public var from: Timestamp?
    /// The latest time of an occurrence: one at this very time still happens, as with UNTIL of iCalendar (RFC 5545).
    public var until: Timestamp?
    /// How many runs it has at most. Occurrences that were missed or left out don't count.
    public var times: Int?
    public var missed: MissedPolicy
    public var overlap: OverlapPolicy
    /// Whether the series begins paused.
    public var isPaused: Bool
    /// The document of the graph that each occurrence runs, as it came.
    public var graph: JSON

    public init(
        name: String, recurrence: Recurrence, graph: JSON, timeZone: ScheduleZone = .utc, from: Timestamp? = nil,
        until: Timestamp? = nil, times: Int? = nil, missed: MissedPolicy = .once, overlap: OverlapPolicy = .skip, isPaused: Bool = false
    ) {
        self.name = name
        self.recurrence = recurrence.canonical
        self.graph = graph
        self.timeZone = timeZone
        self.from = from
        self.until = until
        self.times = times
        self.missed = missed
        self.overlap = overlap
        self.isPaused = isPaused
    }

    /// What becomes of times that went by while nobody could look, by more than the grace.
    public enum MissedPolicy: String, Sendable, Hashable, CaseIterable {
        case skip
        /// All that were missed together are made up for by one run, with the time of the last of them.
        case once
    }

    /// What becomes of an occurrence whose time comes while an earlier one's run goes on.
    public enum OverlapPolicy: String, Sendable, Hashable, CaseIterable {
        /// It is left out.
        case skip
        /// It waits for the earlier ones' ends.
        case queue
        /// It starts beside them.
        case allow
    }
}
