/// What a task waits for, or why it ended as it did: in words for people, and as data for programs.
public struct WhyView: Sendable, Codable, Hashable {
    /// What programs decide by. A task has one at a time: the one that holds it up most.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        // Pending.
        /// Others that it depends on have not ended.
        case dependencies
        /// A decision has not chosen yet.
        case route
        /// It comes later in a sequence.
        case sequence
        /// Its dependencies' results are being made smaller.
        case context

        // Waiting for time.
        case delay, at
        /// The last attempt failed; the next one has its time.
        case retry
        /// Its handler failed too often, over all runs, and is left alone.
        case circuitOpen

        // Queued in the store.
        /// Nobody is given work of the queue at present.
        case queuePaused
        /// As much of the queue as is useful is with the broker already.
        case windowFull
        /// As many of its kind run as may run at a time.
        case concurrencyLimit
        /// As many of its kind have started in the period as may.
        case rateLimit
        /// Another execution makes the same result.
        case twin

        // Queued with the broker.
        /// The coordinator has no connection with the broker.
        case brokerUnavailable
        /// No living worker takes from its queue.
        case noWorker
        /// Workers take from its queue, but none of them offers its handler.
        case noHandler
        /// All of those workers' slots are taken.
        case slotsBusy
        /// A worker will take it next, or after those before it.
        case queued

        // Under way.
        case running
        /// It runs, but its worker has been silent for too long to count as alive.
        case workerSilent
        /// A cancel was accepted; its handler has not stopped yet.
        case cancelling
        /// Validators look at its result.
        case validating
        /// Somebody outside has to complete it.
        case answer
        /// The run that it is goes on.
        case subgraph
        /// Its items go on.
        case items

        // Ended.
        case completed
        /// It completed, and is being undone.
        case compensating
        /// It completed, and has been undone.
        case undone
        case failed, cancelled, skipped
    }

    /// One thing that is waited for, or that led to the end. Only the fields that belong to the kind are there.
    public struct Cause: Sendable, Codable, Hashable {
        public enum Kind: String, Sendable, Codable, CaseIterable {
            /// A task of the same run that has to come first: `task`, `status`, `on`.
            case task
            /// At the bottom of the chain: what keeps those before it waiting, or what broke first. `task`, `status`, `reason`, `text`.
            case root
            /// A point in time: `until`.
            case time
            /// What became of the last attempt: `attempt`, `error`.
            case attempt
            /// A queue: `queue`, `priority`, `ahead`, `workers`, `slots`, `busy`.
            case queue
            /// What tasks of all runs share: `name`, `inside`, `limit`, `ahead`, `until`.
            case limit
            /// A worker: `worker`, `since`, `lastSeenAt`, `leased`.
            case worker
            /// Somebody outside: `token`, `until`, `hasDefault`.
            case answer
            /// A run: `run`, `status`.
            case run
            /// The items of a loop: `total`, `ended`, `open`, `failed`, `limit`.
            case items
        }

        public var kind: Kind
        public var task: TaskID?
        public var run: RunID?
        public var status: String?
        public var on: Dependency.Condition?
        public var reason: Reason?
        public var text: String?
        public var error: TaskError?
        public var attempt: Int?
        public var maxAttempts: Int?
        public var queue: QueueName?
        public var priority: Priority?
        public var handler: HandlerName?
        /// How many come before it.
        public var ahead: Int?
        public var workers: Int?
        public var slots: Int?
        public var busy: Int?
        public var name: String?
        public var inside: Int?
        public var limit: Int?
        public var worker: WorkerID?
        public var lastSeenAt: Timestamp?
        public var leased: Bool?
        public var progress: Double?
        public var progressMessage: String?
        public var token: AttemptID?
        public var hasDefault: Bool?
        public var total: Int?
        public var ended: Int?
        public var open: Int?
        public var failed: Int?
        public var since: Timestamp?
        public var until: Timestamp?

        public init(_ kind: Kind, task: TaskID? = nil, status: String? = nil) {
            self.kind = kind
            self.task = task
            self.status = status
        }
    }

    public var run: RunID
    public var task: TaskID
    public var status: TaskStatus
    public var reason: Reason
    /// A sentence for people, with what can be done where something can.
    public var text: String
    /// At most twenty of a kind.
    public var waitsFor: [Cause]
    /// Of what there are too many to list: how many direct causes there are in all.
    public var count: Int?
    /// Since when this is so, where it is known.
    public var since: Timestamp?
    /// When it ends by itself at the latest, where it does.
    public var until: Timestamp?

    public init(run: RunID, task: TaskID, status: TaskStatus, reason: Reason, text: String, waitsFor: [Cause] = []) {
        self.run = run
        self.task = task
        self.status = status
        self.reason = reason
        self.text = text
        self.waitsFor = waitsFor
    }
}

/// What a run waits for: the tasks that hold it up.
public struct RunWhyView: Sendable, Codable, Hashable {
    public var run: RunID
    public var status: RunStatus
    /// A sentence for people.
    public var text: String
    /// Those that others wait for, rather than those that wait for others; at most fifty.
    public var tasks: [WhyView]
    /// How many of those listed have which reason.
    public var reasons: [String: Int]
    /// Whether there are more than are listed.
    public var isCut: Bool?

    public init(run: RunID, status: RunStatus, text: String, tasks: [WhyView] = [], isCut: Bool? = nil) {
        self.run = run
        self.status = status
        self.text = text
        self.tasks = tasks
        self.isCut = isCut
        self.reasons = tasks.reduce(into: [:]) { $0[$1.reason.rawValue, default: 0] += 1 }
    }
}
