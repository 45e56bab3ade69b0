/// Where a task stands.
///
/// `pending` → `scheduled` (waits for time) / `queued` → `running` → `completed`, `failed`, `cancelled`, `skipped`;
/// `running` → `retrying` → `queued`. A task that has not started can also be cancelled, skipped, time out, or fail because its
/// condition or its inputs can't be made out. A route that leads back, or a rerun, makes any of them `pending` again.
public enum TaskStatus: String, Sendable, Codable, CaseIterable {
    /// Waits for other tasks.
    case pending
    /// Waits for a point in time.
    case scheduled
    /// Ready: with the broker, or about to be given to it.
    case queued
    /// A worker has it.
    case running
    /// An attempt failed; the next one waits for its time.
    case retrying
    case completed
    case failed
    case cancelled
    /// Will not run, because what it depends on ended otherwise than asked for.
    case skipped

    public var isFinal: Bool {
        switch self {
        case .completed, .failed, .cancelled, .skipped: true
        case .pending, .scheduled, .queued, .running, .retrying: false
        }
    }

    /// Whether the state machine allows the step; what isn't allowed is an error and changes nothing.
    public func canBecome(_ next: TaskStatus) -> Bool {
        switch (self, next) {
        case (.pending, .scheduled), (.pending, .queued), (.scheduled, .queued), (.queued, .running): true
        case (.running, .completed), (.running, .failed), (.running, .retrying), (.running, .queued): true
        case (.retrying, .queued), (.queued, .retrying), (.queued, .failed), (.retrying, .failed): true
        case (.pending, .cancelled), (.scheduled, .cancelled), (.queued, .cancelled), (.running, .cancelled),
            (.retrying, .cancelled):
            true
        case (.pending, .skipped), (.scheduled, .skipped), (.pending, .failed): true
        default: false
        }
    }
}

/// Where a run stands.
public enum RunStatus: String, Sendable, Codable, CaseIterable {
    case running
    /// Ends as failed or cancelled once what was done has been undone.
    case compensating
    case completed
    case failed
    case cancelled

    public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
}
