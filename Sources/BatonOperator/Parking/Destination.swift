import AMQP
package import BatonModel
package import BatonWire

/// Where a parked message goes when it is replayed.
package enum Destination: Sendable, Hashable {
    /// Into the queue it came from, by this exchange and routing key.
    case queue(exchange: String, routingKey: String)
    /// It was an attempt, which counts as failed since: its task is run again by the coordinator, as a new attempt. The old
    /// message in the queue would have a worker do work that nobody waits for any more.
    case rerun(RunID, TaskID)
    /// Nobody knows where it came from.
    case unknown

    package init(of message: ParkedMessage, in topology: BatonWire.Topology) {
        guard let from = message.from, !from.isEmpty else {
            self = .unknown
            return
        }
        let headers = message.properties.headers
        let tasks = topology.tasks.name + "."
        switch from {
        case topology.submitQueue.name: self = .queue(exchange: topology.submit.name, routingKey: "-.replayed")
        case topology.reportsQueue(0).name: self = .queue(exchange: topology.reports.name, routingKey: topology.reportsKey(0))
        case _ where from.hasPrefix(tasks):
            if let run = headers[HeaderName.run]?.text, let task = headers[HeaderName.task]?.text {
                self = .rerun(RunID(run), TaskID(task))
            } else {
                self = .queue(exchange: topology.tasks.name, routingKey: String(from.dropFirst(tasks.count)))
            }
        default: self = .queue(exchange: "", routingKey: from)
        }
    }
}

extension ParkedMessage {
    /// Headers that say of a message that, and why, it was put aside.
    private static func isOfParking(_ name: String) -> Bool {
        [HeaderName.parkedReason, HeaderName.parkedFrom, HeaderName.parkedAt, "x-death", "x-delivery-count", "x-acquired-count"]
            .contains(name) || name.hasPrefix("x-first-death-") || name.hasPrefix("x-last-death-")
    }

    /// The message as it was before it was parked.
    ///
    /// - Parameter user: who publishes it; the broker refuses messages that claim to be somebody else's.
    func unparked(to exchange: String, _ routingKey: String, as user: String) -> Publication {
        var properties = properties
        properties.headers.entries.removeAll { Self.isOfParking($0.name) }
        properties.persistent = true
        if properties.userID != user { properties.userID = nil }
        return Publication(exchange: exchange, routingKey: routingKey, properties: properties, body: body)
    }
}
