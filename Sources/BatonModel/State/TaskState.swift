/// Where one task of a run stands: all that changes while it runs, small enough to keep a million of them in memory.
public struct TaskState: Sendable, Hashable {
    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A cancel was accepted; the running attempt is being stopped.
        public static let cancelRequested = Flags(rawValue: 1)
        /// The attempt's message was acknowledged; heartbeats keep it alive.
        public static let leased = Flags(rawValue: 2)
        /// Cancelled without having seen the handler stop.
        public static let stopUnconfirmed = Flags(rawValue: 4)
        /// Its message is with the broker and counts in the queue's window.
        public static let published = Flags(rawValue: 16)
        /// Its attempt waits in the store for room with the broker.
        public static let backlogged = Flags(rawValue: 32)
    }

    public var status: TaskStatus
    public var flags: Flags
    /// How many of its dependencies have not ended. Follows from the other tasks, so it isn't stored.
    public var waiting: Int32
    /// The number of the present or last attempt; 0 before the first.
    public var attempt: Int32
    /// How many attempts in a row have killed their worker.
    public var losses: Int32
    /// Which timers are armed.
    public var timers: TimerSet
    /// What a running handler last reported.
    public var progress: Float
    public var worker: WorkerID?
    /// When it was first ready.
    public var firstQueuedAt: Timestamp?
    /// Of the present attempt.
    public var queuedAt: Timestamp?
    public var startedAt: Timestamp?
    /// When the task ended.
    public var finishedAt: Timestamp?
    /// When a scheduled or retrying task goes on.
    public var dueAt: Timestamp?

    public init(status: TaskStatus = .pending) {
        self.status = status
        self.flags = []
        self.waiting = 0
        self.attempt = 0
        self.losses = 0
        self.timers = []
        self.progress = 0
    }
}

/// What a timer is for. A task has at most one of each kind; a run has one, at task -1.
public enum TimerKind: Int, Sendable, CaseIterable {
    /// A scheduled task becomes ready.
    case start = 0
    /// The next attempt becomes ready.
    case retry = 1
    case attemptTimeout = 2
    case totalTimeout = 3
    case queuedTimeout = 4
    /// The attempt has been silent for too long.
    case heartbeat = 5
    /// The worker of a long attempt has been silent for too long.
    case lease = 6
    /// A cancelled handler has not stopped in time.
    case cancelGrace = 7
    case runTimeout = 8
}

public struct TimerSet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public init(_ kind: TimerKind) { rawValue = 1 << UInt16(kind.rawValue) }

    public var kinds: [TimerKind] { rawValue == 0 ? [] : TimerKind.allCases.filter { contains(TimerSet($0)) } }
}
