/// Where one task of a run stands: all that changes while it runs, small enough to keep a million of them in memory.
public struct TaskState: Sendable, Hashable {
    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// A cancel was accepted; the running attempt is being stopped.
        public static let cancelRequested = Flags(rawValue: 1)
        /// The attempt's message was acknowledged; heartbeats keep it alive.
        public static let leased = Flags(rawValue: 2)
        /// Cancelled without having seen the handler stop.
        public static let stopUnconfirmed = Flags(rawValue: 4)
        /// A decision has chosen it.
        public static let routed = Flags(rawValue: 8)
        /// Its message is with the broker and counts in the queue's window.
        public static let published = Flags(rawValue: 16)
        /// Its attempt waits in the store for room with the broker.
        public static let backlogged = Flags(rawValue: 32)
        /// Its own handler has failed for good; the fallback has it.
        public static let fallback = Flags(rawValue: 64)
        /// Its attempt waits for a limit or a result that tasks share.
        public static let held = Flags(rawValue: 128)
        /// It counts in a limit that tasks share.
        public static let permitted = Flags(rawValue: 256)
        /// It completed, and has been undone, or is about to be.
        public static let undone = Flags(rawValue: 512)
        /// Its context has been made smaller, or needn't be.
        public static let compressed = Flags(rawValue: 1024)
        /// Its result was stored before, for equal inputs.
        public static let cached = Flags(rawValue: 2048)
        /// It belongs to another run, whose result it shows.
        public static let linked = Flags(rawValue: 4096)
        /// Validators look at its result.
        public static let examined = Flags(rawValue: 8192)
        /// It has been through this before: a route led back, or the run was run again. Of an item, a validator or a compressor: its
        /// task has, and went on without it.
        public static let again = Flags(rawValue: 16384)
        /// It was added, and is needed beyond its end: it can be undone, or its list isn't through yet.
        public static let kept = Flags(rawValue: 32768)
    }

    public var status: TaskStatus
    public var flags: Flags
    /// How many of its dependencies have not ended. Follows from the other tasks, so it isn't stored.
    public var waiting: Int32
    /// The number of the present or last attempt; 0 before the first.
    public var attempt: Int32
    /// How many attempts in a row have killed their worker.
    public var losses: Int32
    /// Attempts that no longer count against the policy: those before it was reset, rejected, or given to the fallback.
    public var base: Int32
    /// How often a route led back to it, or a rerun did.
    public var iteration: Int32
    /// How often its result was rejected in this iteration.
    public var rejections: Int32
    /// Its place in the order in which the run's tasks completed; 0 where it has not.
    public var order: Int32
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
        self.base = 0
        self.iteration = 0
        self.rejections = 0
        self.order = 0
        self.timers = []
        self.progress = 0
    }
}

/// How far a loop has come.
public struct LoopState: Sendable, Hashable {
    public var total: Int
    /// The place of the item that is next.
    public var next: Int
    /// Items under way.
    public var open: Int
    public var failed: Int
    /// Why the first one failed.
    public var firstFailure: String?

    public init(total: Int, next: Int = 0, open: Int = 0, failed: Int = 0, firstFailure: String? = nil) {
        self.total = total
        self.next = next
        self.open = open
        self.failed = failed
        self.firstFailure = firstFailure
    }

    public var ended: Int { next - open }
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
    /// Nobody has answered in time.
    case answer = 9
}

public struct TimerSet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public init(_ kind: TimerKind) { rawValue = 1 << UInt16(kind.rawValue) }

    public var kinds: [TimerKind] { rawValue == 0 ? [] : TimerKind.allCases.filter { contains(TimerSet($0)) } }
}
