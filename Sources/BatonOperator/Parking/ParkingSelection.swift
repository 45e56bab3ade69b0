/// The messages that are to be replayed or dropped.
package enum ParkingSelection: Sendable, Hashable {
    /// Of each id the oldest.
    case ids([String])
    case all(ParkingFilter)
}

/// What became of a message that was selected.
package struct ParkingOutcome: Sendable, Hashable, Encodable {
    package enum Result: String, Sendable, Encodable {
        /// It was published to where it came from, and is parked no longer.
        case replayed
        /// Its task runs again, and it is parked no longer.
        case rerun
        case dropped
        /// It is still parked.
        case kept
        case notFound
    }

    package let id: String
    package let result: Result
    /// Where it went, or why it was kept.
    package let detail: String?

    package init(id: String, result: Result, detail: String? = nil) {
        self.id = id
        self.result = result
        self.detail = detail
    }
}
