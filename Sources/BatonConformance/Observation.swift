import BatonWire

/// Something that was seen of the worker under test, or done to it.
struct Observation: Sendable {
    var at: ContinuousClock.Instant
    var event: Event

    enum Event: Sendable {
        /// The worker has connected, and says what it does with its channels. Connections are numbered from 1.
        case connected(Int)
        case disconnected(Int)
        case consumes(queue: String)
        case delivered(Delivered)
        case settled(Delivered, Settlement)
        case published(Published)
        /// The broker has the publication; noted before the worker can know.
        case confirmed(Published)
        case refused(Published)
        case returned(Published)
        /// By the broker, for what the worker asked of it.
        case channelClosed(code: UInt16, text: String)
        /// The proxy has cut the worker's connections.
        case cut

        /// The broker has it in the coordinator's queue.
        case arrived(Message)
        /// The coordinator's part has been played.
        case told(Control)
        case parked(Message)

        case launched
        /// The exit code, or the signal as a negative number.
        case exited(Int32)
    }

    /// A message that went to the worker.
    struct Delivered: Sendable {
        var connection: Int
        var channel: UInt16
        var tag: UInt64
        var isRedelivered: Bool
        var exchange: String
        var routingKey: String
        var message: Message

        func isSame(as other: Delivered) -> Bool {
            connection == other.connection && channel == other.channel && tag == other.tag
        }
    }

    enum Settlement: String, Sendable {
        case acknowledged
        /// By a consumer that takes messages without acknowledging them.
        case notNeeded
        case givenBack
        case discarded
    }

    /// A message that came from the worker.
    struct Published: Sendable {
        var connection: Int
        var channel: UInt16
        /// The broker could route it nowhere: what it confirms then is that it is gone.
        var isReturned = false
        /// Counts the channel's publications from 1; `nil` where it doesn't ask for confirms.
        var number: UInt64?
        var exchange: String
        var routingKey: String
        var isMandatory: Bool
        var message: Message
    }
}
