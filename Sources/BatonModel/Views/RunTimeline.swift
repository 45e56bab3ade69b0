/// When each attempt of a run waited and ran.
public struct RunTimeline: Sendable, Codable, Hashable {
    /// One attempt of one task.
    public struct Bar: Sendable, Codable, Hashable {
        public var task: TaskID
        public var handler: HandlerName
        public var role: TaskNode.Role?
        /// The attempt's number, from 1.
        public var attempt: Int
        /// As that of `AttemptView`.
        public var status: String
        public var worker: WorkerID?
        public var queuedAt: Timestamp
        public var startedAt: Timestamp?
        public var finishedAt: Timestamp?
        public var error: String?

        public init(
            task: TaskID, handler: HandlerName, role: TaskNode.Role? = nil, attempt: Int, status: String, worker: WorkerID? = nil,
            queuedAt: Timestamp, startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil, error: String? = nil
        ) {
            self.task = task
            self.handler = handler
            self.role = role
            self.attempt = attempt
            self.status = status
            self.worker = worker
            self.queuedAt = queuedAt
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.error = error
        }
    }

    public var run: RunID
    public var name: String
    public var status: RunStatus
    public var createdAt: Timestamp
    public var finishedAt: Timestamp?
    /// When it was made: what goes on goes on until then.
    public var at: Timestamp
    /// In the order of the document, an attempt after the one before.
    public var bars: [Bar]
    /// Whether there are more attempts than the limit, so that the last ones are missing.
    public var isCut: Bool?

    public init(
        run: RunID, name: String, status: RunStatus, createdAt: Timestamp, finishedAt: Timestamp? = nil, at: Timestamp, bars: [Bar],
        isCut: Bool? = nil
    ) {
        self.run = run
        self.name = name
        self.status = status
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.at = at
        self.bars = bars
        self.isCut = isCut
    }
}
