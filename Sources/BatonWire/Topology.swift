public import BatonModel

/// The broker's names for one namespace, and how each is declared.
public struct Topology: Sendable, Hashable {
    public let namespace: String

    /// - Parameter namespace: of the same alphabet as other names; clusters with different ones share a broker without
    ///   meeting.
    public init(namespace: String = "baton") { self.namespace = namespace }

    public var submit: Exchange { Exchange(name: "\(namespace).submit", kind: .topic) }
    public var tasks: Exchange { Exchange(name: "\(namespace).tasks", kind: .direct) }
    public var reports: Exchange { Exchange(name: "\(namespace).reports", kind: .direct) }
    public var control: Exchange { Exchange(name: "\(namespace).control", kind: .fanout) }
    public var events: Exchange { Exchange(name: "\(namespace).events", kind: .topic) }
    public var parking: Exchange { Exchange(name: "\(namespace).parking", kind: .fanout) }

    /// What every party may find on the broker before it declares more.
    public var exchanges: [Exchange] { [submit, tasks, reports, control, events, parking] }

    public var submitQueue: Queue {
        Queue(name: "\(namespace).submit", kind: .durable(deadLetters: parking.name), bindings: [Binding(submit, "#")])
    }

    /// For operators: nothing of ours takes from it by itself.
    public var parkingQueue: Queue {
        Queue(name: "\(namespace).parking", kind: .durable(deadLetters: nil), bindings: [Binding(parking, "")])
    }

    /// The coordinator's own copy of what is parked, by which it hears of attempts that the broker gave up.
    public var parkedQueue: Queue {
        Queue(name: "\(namespace).parked", kind: .durable(deadLetters: nil), bindings: [Binding(parking, "")])
    }

    public func reportsQueue(_ partition: Int) -> Queue {
        Queue(
            name: "\(namespace).reports.\(partition)", kind: .durable(deadLetters: parking.name),
            bindings: [Binding(reports, reportsKey(partition))])
    }

    /// What the coordinator takes from.
    public var incomingQueues: [Queue] { [submitQueue, parkedQueue, reportsQueue(0)] }

    /// What a task message carries as `reply_to`.
    public func reportsKey(_ partition: Int) -> String { String(partition) }

    public func tasksQueue(_ queue: QueueName, _ priority: Priority) -> Queue {
        let key = tasksKey(queue, priority)
        return Queue(
            name: "\(namespace).tasks.\(key)", kind: .durable(deadLetters: parking.name), bindings: [Binding(tasks, key)])
    }

    /// The queue of tasks that a name is of.
    public func tasksLevel(ofQueue name: String) -> (queue: QueueName, priority: Priority)? {
        let prefix = "\(namespace).tasks."
        guard name.hasPrefix(prefix), let digit = name.last?.wholeNumberValue, let priority = Priority(rawValue: digit) else { return nil }
        let queue = QueueName(String(name.dropFirst(prefix.count).dropLast(3)))
        return tasksQueue(queue, priority).name == name ? (queue, priority) : nil
    }

    public func tasksKey(_ queue: QueueName, _ priority: Priority) -> String { "\(queue).p\(priority.rawValue)" }

    /// What the names of producers' queues for answers begin with where they are to be kept apart by owner.
    public var replyPrefix: String { "\(namespace)-reply." }
    public func replyPrefix(of owner: String) -> String { replyPrefix + OwnerText.encode(owner) + "." }

    /// Held by the coordinator that works in the namespace; it goes when the coordinator's connection does.
    public var coordinatorQueue: Queue { Queue(name: "\(namespace).coordinator", kind: .exclusive, bindings: []) }

    /// A worker's own; it goes when the worker's connection does.
    public func controlQueue(_ worker: WorkerID) -> Queue {
        Queue(name: "\(namespace).control.\(worker)", kind: .exclusive, bindings: [Binding(control, "")])
    }
}

public struct Exchange: Sendable, Hashable {
    public enum Kind: String, Sendable { case direct, topic, fanout }

    public let name: String
    public let kind: Kind

    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

public struct Queue: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// A quorum queue. Where dead letters have somewhere to go, a message that was given back too often is moved there;
        /// where not, it can be given back without end, and keeps its place.
        case durable(deadLetters: String?)
        /// Seen by, and gone with, the connection that declared it.
        case exclusive
        /// Another program's: taken as it is, whatever its settings. Where it is missing, a durable classic one is made.
        case adopted
        /// Classic and durable: it outlives connections, and goes when nobody has consumed from it for so long.
        case lasting(unused: Duration)
    }

    /// How often the broker delivers a message again before it gives it up.
    public static let deliveryLimit = 20
    /// As good as none: a message can be looked at and given back once a second for 68 years.
    public static let noDeliveryLimit = 2_147_483_647

    public let name: String
    public let kind: Kind
    public let bindings: [Binding]

    public var isDurable: Bool { if case .durable = kind { true } else { false } }

    public init(name: String, kind: Kind, bindings: [Binding]) {
        self.name = name
        self.kind = kind
        self.bindings = bindings
    }
}

public struct Binding: Sendable, Hashable {
    public let exchange: Exchange
    public let routingKey: String

    public init(_ exchange: Exchange, _ routingKey: String) {
        self.exchange = exchange
        self.routingKey = routingKey
    }
}
