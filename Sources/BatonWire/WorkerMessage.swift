public import BatonModel

/// What a worker says of itself, on the reports exchange.
public enum WorkerMessage: Sendable, Hashable {
    /// Sent on start, on change, on request, and every few seconds as a sign of life.
    case announcement(WorkerAnnouncement)
    /// A cancel with this message id has been heeded.
    case seen(controlID: String, worker: WorkerID)

    /// The type of `announcement`, and of `seen`.
    public static let announcementType = "worker"
    public static let seenType = "seen"

    public var message: Message {
        switch self {
        case .announcement(let announcement):
            Message(
                type: Self.announcementType, contentType: ContentType.json, isPersistent: announcement.missing != nil,
                headers: [HeaderName.version: .integer(WireVersion.current), HeaderName.worker: .string(announcement.worker.rawValue)],
                body: (try? JSON(encoding: announcement))?.bytes ?? [])
        case .seen(let controlID, let worker):
            Message(
                type: Self.seenType, correlationID: controlID, isPersistent: false,
                headers: [HeaderName.version: .integer(WireVersion.current), HeaderName.worker: .string(worker.rawValue)])
        }
    }

    /// `nil` where the message is of another type, so most likely a report.
    ///
    /// - Throws: `WireError`.
    public static func read(_ message: Message) throws(WireError) -> WorkerMessage? {
        switch message.type {
        case announcementType:
            try WireVersion.check(message)
            do {
                return .announcement(try JSON(parsing: message.body).decode())
            } catch {
                throw WireError("the body is not a worker's announcement: \(error)")
            }
        case seenType:
            try WireVersion.check(message)
            guard let id = message.correlationID, let worker = message.headers.string(HeaderName.worker) else {
                throw WireError("correlation_id or header \(HeaderName.worker) is missing")
            }
            return .seen(controlID: id, worker: WorkerID(worker))
        default: return nil
        }
    }
}

public struct WorkerAnnouncement: Sendable, Hashable, Codable {
    public struct Handler: Sendable, Hashable, Codable {
        public var name: HandlerName
        /// Which of `onFailed`, `onCancelled` it has: those the coordinator dispatches as work of their own.
        public var hooks: [String]

        public init(name: HandlerName, hooks: [String] = []) {
            self.name = name
            self.hooks = hooks
        }
    }

    public enum State: String, Sendable, Codable {
        /// Just started or reconnected: asks for a welcome, and starts nothing before it.
        case starting
        case running
        /// Finishes what it runs.
        case draining
        case stopped
    }

    public var worker: WorkerID
    public var state: State
    public var handlers: [Handler]
    public var queues: [QueueName]
    public var slots: Int
    public var tags: [String]
    /// Attempts that it runs now: a sign of life for each.
    public var running: [String]
    /// The name of its own control queue.
    public var controlQueue: String
    public var host: String
    public var startedAt: Timestamp
    /// The broker's names of queues that were not there; the worker is about to declare them. A message that says so must last.
    public var missing: [String]?
    /// The broker's names of queues that gave no answer.
    public var unserved: [String]?

    public init(
        worker: WorkerID, state: State, handlers: [Handler], queues: [QueueName], slots: Int, tags: [String] = [],
        running: [String] = [], controlQueue: String, host: String, startedAt: Timestamp, missing: [String]? = nil,
        unserved: [String]? = nil
    ) {
        self.worker = worker
        self.state = state
        self.handlers = handlers
        self.queues = queues
        self.slots = slots
        self.tags = tags
        self.running = running
        self.controlQueue = controlQueue
        self.host = host
        self.startedAt = startedAt
        self.missing = missing
        self.unserved = unserved
    }
}
