import BatonWire

/// How this worker stands with the coordinator. Times are since the worker's start.
///
/// - `offline`: not connected. To `asking`.
/// - `asking`: has announced itself, and waits for the welcome before it starts anything. To `welcomed`, `offline`.
/// - `welcomed`: runs tasks, and announces itself from time to time. To `offline`, and to `asking` after the worker was stopped.
struct SessionState: Sendable {
    enum Phase: Sendable, Hashable { case offline, asking, welcomed }

    static let askEvery: Duration = .seconds(5)

    private(set) var phase: Phase = .offline
    private var announceAt: Duration?
    /// How often it has begun to ask. An answer to an earlier question knows nothing of what was cancelled since.
    private(set) var questions = 0
    private(set) var isDraining = false
    private let heartbeatInterval: Duration

    init(heartbeatInterval: Duration) { self.heartbeatInterval = heartbeatInterval }

    var next: Duration? { announceAt }

    /// What to announce when asked.
    var announcement: WorkerAnnouncement.State {
        if isDraining { return .draining }
        return phase == .welcomed ? .running : .starting
    }

    mutating func connected(now: Duration) {
        phase = .asking
        questions += 1
        announceAt = now + Self.askEvery
    }

    mutating func lost() {
        phase = .offline
        announceAt = nil
    }

    /// - Returns: whether this welcome was waited for.
    mutating func welcomed(now: Duration) -> Bool {
        guard phase == .asking else { return false }
        phase = .welcomed
        announceAt = now + heartbeatInterval
        return true
    }

    mutating func drain() { isDraining = true }

    /// - Returns: whether to announce.
    mutating func tick(now: Duration) -> Bool {
        guard let due = announceAt, due <= now else { return false }
        announceAt = now + (phase == .asking ? Self.askEvery : heartbeatInterval)
        return true
    }
}
