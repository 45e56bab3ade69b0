import BatonModel

/// How a process is brought to a crash point.
struct CrashPlan: Sendable, Hashable, CustomStringConvertible {
    enum Victim: Sendable {
        case coordinator
        /// The one that takes most of the work.
        case worker
        /// One that starts after the cancel was acknowledged, and finds messages of cancelled tasks.
        case lateWorker
    }

    enum Beginning: Sendable {
        case fresh
        /// There was a coordinator before, which was killed with work in hand.
        case afterCoordinator
        /// There was a coordinator before, which was killed, and then the queue was deleted that most of the work was in.
        case afterQueue
        /// There was a worker before, which was killed with a message in hand.
        case afterWorker
    }

    let point: CrashPoint
    var victim: Victim
    /// How often the victim passes the point until it dies: in the midst of work, where it passes it often.
    var passes = 1
    var beginning = Beginning.fresh

    init(_ point: CrashPoint) {
        self.point = point
        switch point {
        case .inputsTaken, .beforeCommit, .afterCommit: (victim, passes) = (.coordinator, 10)
        case .beforeAcknowledgement, .acknowledged: (victim, passes) = (.coordinator, 8)
        case .messagesTaken, .messagesHandedOver, .messageConfirmed, .eventsTaken, .eventsConfirmed: (victim, passes) = (.coordinator, 3)
        case .timerFired, .scheduleVisited, .leaseStored, .beforeCancelSent, .cancelSent: victim = .coordinator
        // The second one is the late worker's.
        case .beforeWelcome: (victim, passes) = (.coordinator, 2)
        case .recovering: (victim, beginning) = (.coordinator, .afterCoordinator)
        case .queueMissed, .queueRefilled: (victim, beginning) = (.coordinator, .afterQueue)
        case .queueReported: (victim, beginning) = (.worker, .afterQueue)
        case .claimDecided: (victim, beginning) = (.coordinator, .afterWorker)
        case .taskReceived, .beforeHandler, .handlerDone, .reportHandedOver, .reportConfirmed, .taskAcknowledged: (victim, passes) = (.worker, 3)
        case .leaseSent, .leaseConfirmed, .leasedAcknowledged, .cancelHeard: victim = .worker
        case .claimSent, .claimGranted, .startConfirmed: (victim, beginning) = (.worker, .afterWorker)
        case .refusalConfirmed: victim = .lateWorker
        }
    }

    /// - Parameter text: `NAME`, or `NAME:N` for another number of passes.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":")
        guard let name = parts.first, let point = CrashPoint(rawValue: String(name)) else { return nil }
        self.init(point)
        if parts.count > 1, let passes = Int(parts[1]) { self.passes = passes }
    }

    var description: String { "\(point.rawValue):\(passes)" }

    /// What the victim is started with.
    var environment: [String: String] { ["BATON_CRASH_AT": description] }
}
