import BatonBroker
import BatonModel
import BatonWire

/// A task message that this worker holds and has not started.
struct Offer: Sendable {
    let message: TaskMessage
    /// The attempt's id as text.
    let key: String
    /// Where it came from.
    let queue: QueueName
    let round: Int
    var delivery: Delivery
    /// The coordinator has said that it may start.
    var isClaimed = false

    var leave: IntakeState<Offer>.Leave {
        if isClaimed { return .granted }
        return delivery.isRedelivered || message.needsClaim ? .needed : .notNeeded
    }
}
