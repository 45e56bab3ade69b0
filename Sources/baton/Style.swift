import BatonModel

/// Colours, or none; and the signs of statuses.
struct Style: Sendable {
    let colours: Bool

    enum Colour: String { case red = "31", green = "32", yellow = "33", cyan = "36", dim = "2", bold = "1" }

    func callAsFunction(_ text: String, _ colour: Colour?) -> String {
        guard colours, let colour else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    func sign(_ status: TaskStatus) -> String { self(Self.sign(status), Self.colour(status)) }

    static func sign(_ status: TaskStatus) -> String {
        switch status {
        case .completed: "✓"
        case .failed: "✗"
        case .running: "▶"
        case .pending, .scheduled, .queued, .retrying: "…"
        case .cancelled, .skipped: "⊘"
        }
    }

    static func colour(_ status: TaskStatus) -> Colour? {
        switch status {
        case .completed: .green
        case .failed: .red
        case .running: .cyan
        case .retrying: .yellow
        case .pending, .scheduled, .queued, .cancelled, .skipped: .dim
        }
    }

    static func colour(_ status: RunStatus) -> Colour? {
        switch status {
        case .completed: .green
        case .failed: .red
        case .running: .cyan
        case .compensating: .yellow
        case .cancelled: .dim
        }
    }

    static func colour(_ status: ScheduleView.Status) -> Colour? {
        switch status {
        case .active: .green
        case .paused: .yellow
        case .ended: .dim
        }
    }
}
