import BatonBroker
import BatonModel
import BatonWire

/// All that a worker decides by, behind its lock. Methods of `WorkerCore` change it and get back the `Effect`s to perform.
struct WorkerState: Sendable {
    /// A started attempt that is not both ended and confirmed.
    struct Active: Sendable {
        let attempt: Attempt
        /// The message to settle; `nil` once the attempt is leased, or was let go after a cancel that it ignores.
        var delivery: Delivery?
        var timeline: AttemptTimeline
        /// The handler has returned.
        var hasEnded = false
        var isGraceOver = false
        /// Its outcome is handed over.
        var isReported = false
        /// Its outcome has reached the broker.
        var isConfirmed = false
    }

    enum Drain: Sendable {
        case no
        /// Running attempts may go on until then.
        case until(Duration)
        /// They were told to stop; whatever is left then is given up.
        case stopping(until: Duration)
    }

    var intake: IntakeState<Offer>
    var session: SessionState
    var active: [String: Active] = [:]
    var claims = ClaimTable()
    var cancelled = CancelledAttempts()
    var retries = ReportRetries()
    var drain: Drain = .no
    var absences = QueueAbsences()
    /// What the timer loop sleeps until; `nil` for ever.
    var timerDue: Duration?
    var mustWakeTimer = false
    var effects: [Effect] = []
    /// When the process was last known to run, where that is watched.
    var pulsedAt: Duration?

    /// Less than the coordinator waits for a worker before it acknowledges a cancel without it.
    static let longestGap = Duration.milliseconds(1500)

    init(_ configuration: WorkerConfiguration) {
        intake = IntakeState(slots: configuration.slots)
        session = SessionState(heartbeatInterval: configuration.heartbeatInterval)
    }

    /// The attempts that this worker keeps alive.
    var running: [String] { active.values.lazy.filter { !$0.isConfirmed }.map(\.attempt.key).sorted() }

    /// Where the process was stopped meanwhile, what it holds may have been cancelled without it: nothing starts before the coordinator
    /// has said so again.
    mutating func notice(gapUntil now: Duration) {
        guard let pulsedAt, now - pulsedAt > Self.longestGap else { return }
        self.pulsedAt = now
        guard session.phase == .welcomed else { return }
        session.connected(now: now)
        intake.close()
        effects.append(.log(.stoodStill(now - pulsedAt)))
        effects.append(.announce(session.announcement, running: running))
    }

    var isIdle: Bool { active.isEmpty }

    /// The timer loop must be awake then.
    mutating func remind(_ time: Duration?) {
        guard let time, time < timerDue ?? .seconds(Int64.max / 2) else { return }
        timerDue = time
        mustWakeTimer = true
    }

    var nextDue: Duration? {
        var earliest: Duration?
        func consider(_ time: Duration?) {
            if let time { earliest = min(earliest ?? time, time) }
        }
        consider(session.next)
        consider(claims.next)
        consider(retries.next)
        consider(intake.nextTick)
        for entry in active.values { consider(entry.timeline.next) }
        switch drain {
        case .no: break
        case .until(let time), .stopping(let time): consider(time)
        }
        return earliest
    }
}

/// What follows from a decision, performed outside of the lock and in order.
enum Effect: Sendable {
    case start(Attempt)
    case cancelTask(Attempt)
    case acknowledge(Delivery)
    case giveBack(Delivery)
    /// A running attempt's outcome, which is settled once confirmed.
    case outcome(Report.Content, Attempt)
    /// A report of which nothing depends.
    case note(Report.Content, Attempt)
    /// The outcome of an attempt that never started.
    case unstarted(Report.Content, Offer)
    case claim(Offer, isRedelivered: Bool)
    case publish(ReportRetries.Entry)
    case announce(WorkerAnnouncement.State, running: [String])
    case seen(controlID: String, routingKey: String)
    case log(Remark)
    case wakeIntake
    case finished
}

/// The lines that decisions give rise to.
enum Remark: Sendable {
    case waitingForCoordinator
    case welcomed
    case saturated
    case stoodStill(Duration)
    case ignoresStop(Attempt)
    case draining(running: Int, givenBack: Int)
    case drainTimeout(running: Int)
}
