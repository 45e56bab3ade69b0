import BatonStore

/// A queue that the broker should have, and has not.
enum LostQueue: Sendable, Hashable {
    case tasks(QueueLevel)
    /// One of those that the coordinator takes from.
    case incoming
}
