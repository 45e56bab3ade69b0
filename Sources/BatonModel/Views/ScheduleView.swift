/// A schedule, as the HTTP API and clients show it.
public struct ScheduleView: Sendable, Codable, Hashable {
    public enum Status: String, Sendable, Codable, CaseIterable { case active, paused, ended }

    public var name: String
    public var status: Status
    /// When the next run starts.
    public var next: Timestamp?
    /// The scheduled time of the latest run, and the run.
    public var lastScheduled: Timestamp?
    public var lastRun: RunID?
    /// How many runs it has had.
    public var started: Int
    /// Times that went by without a run: because nobody could look, or because an earlier run went on.
    public var missed: Int
    public var overlapped: Int
    /// Occurrences that wait for the end of earlier ones.
    public var waiting: Int
    public var createdAt: Timestamp
    /// Whose it is, and its runs.
    public var owner: String?
    /// As it came. Lists leave it out.
    public var document: JSON?

    public init(
        name: String, status: Status, next: Timestamp? = nil, lastScheduled: Timestamp? = nil, lastRun: RunID? = nil,
        started: Int = 0, missed: Int = 0, overlapped: Int = 0, waiting: Int = 0, createdAt: Timestamp, owner: String? = nil,
        document: JSON? = nil
    ) {
        self.name = name
        self.status = status
        self.next = next
        self.lastScheduled = lastScheduled
        self.lastRun = lastRun
        self.started = started
        self.missed = missed
        self.overlapped = overlapped
        self.waiting = waiting
        self.createdAt = createdAt
        self.owner = owner
        self.document = document
    }
}

/// What is changed about a schedule.
public struct ScheduleChange: Sendable, Codable, Hashable {
    /// Pauses it, or lets it go on.
    public var paused: Bool?

    public init(paused: Bool? = nil) { self.paused = paused }
}
