package import BatonModel
import BatonWire

/// A parked message as a list shows it: small, whatever the message's size.
package struct ParkedSummary: Sendable, Hashable, Encodable {
    package let id: String
    package let reason: String
    package let from: String?
    package let parkedAt: Timestamp?
    package let type: String?
    package let handler: String?
    package let run: String?
    package let task: String?
    /// Of the body, in bytes.
    package let size: Int

    package init(_ message: ParkedMessage) {
        let headers = message.properties.headers
        func short(_ text: String?) -> String? { text.map { String($0.prefix(1000)) } }
        id = message.id
        reason = String(message.reason.prefix(1000))
        from = short(message.from)
        parkedAt = message.parkedAt
        type = short(message.properties.type)
        handler = short(message.handler)
        run = short(headers[HeaderName.run]?.text)
        task = short(headers[HeaderName.task]?.text)
        size = message.body.count
    }
}

/// What a list shows of the parked messages.
package struct ParkingList: Sendable, Encodable {
    package var items: [ParkedSummary]
    /// How many were parked when the list began.
    package let parked: Int
    /// How many of them were looked at.
    package var looked = 0
    /// Whether all of the parked messages were looked at and all that fit are shown.
    package var isWhole = true
}

/// Which of the parked messages are meant.
package struct ParkingFilter: Sendable, Hashable {
    /// A part of the reason, in any case.
    package var reason: String?
    /// The queue they came from.
    package var from: String?

    package init(reason: String? = nil, from: String? = nil) {
        self.reason = reason
        self.from = from
    }

    package func fits(_ message: ParkedMessage) -> Bool {
        if let reason, !message.reason.lowercased().contains(reason.lowercased()) { return false }
        if let from, message.from != from { return false }
        return true
    }
}
