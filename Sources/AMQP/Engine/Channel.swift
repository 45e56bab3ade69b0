import DequeModule

/// One AMQP channel on the current connection. Belongs to the connection's thread.
final class Channel {
    enum Role {
        case publisher
        case administrator
        case getter
        case consumer(ConsumerSlot)
    }

    /// What the next answer on this channel is for.
    struct Expectation {
        enum Purpose {
            /// Part of opening the channel.
            case setup
            case administration
            case consume(ConsumerSlot)
            case cancel(ConsumerSlot)
            case get(PendingGet)
        }

        let purpose: Purpose
        var deadline: UInt64
    }

    let number: UInt16
    /// Never used twice in the life of a `Connection`, so deliveries of an earlier channel can be told apart.
    let serial: UInt64
    let role: Role
    var expected: Deque<Expectation> = []
    var unsettled = UnsettledTags()
    /// `channel.close` was sent; only its answer is of interest.
    var isClosing = false
    /// To be closed when the last delivery is settled.
    var isRetired = false

    init(number: UInt16, serial: UInt64, role: Role) {
        self.number = number
        self.serial = serial
        self.role = role
    }

    func postponeDeadlines(to deadline: UInt64) { for index in expected.indices { expected[index].deadline = deadline } }
}

/// A consumer on the connection's thread.
final class ConsumerSlot {
    enum Phase {
        /// For the connection, or for the time of the next try.
        case waiting
        /// Its queue is being declared again.
        case preparing
        case subscribing
        case subscribed
        case cancelling
    }

    let subscription: Subscription
    var phase = Phase.waiting
    var channel: Channel?
    var tag = ""
    /// Failures in a row.
    var failures = 0
    /// How often in a row the broker has closed the connection for its sake.
    var refusals = 0
    var subscribedAt: UInt64 = 0
    /// Operations on its queue before it can subscribe again.
    var preparationsLeft = 0
    var isEnded = false
    var cancelWaiters: [Waiter<Void>] = []

    init(_ subscription: Subscription) { self.subscription = subscription }
}

/// A `get` that was not answered yet.
struct PendingGet {
    let queue: String
    let waiter: Waiter<Delivery?>
}

/// A request with the steps it takes: passive look, then declaration.
final class AdministrativeOperation {
    enum Origin {
        case user(Waiter<Reply>, recover: Bool)
        /// Part of setting up a new connection.
        case recovery(attempt: Int)
        /// For a consumer that subscribes again.
        case consumer(ConsumerSlot)
        /// Before a `get` on a queue not seen before.
        case get(PendingGet)
    }

    var request: Request
    let origin: Origin
    /// The passive declaration's answer: the thing exists.
    var found: Reply?

    init(_ request: Request, _ origin: Origin) {
        self.request = request
        self.origin = origin
    }
}
