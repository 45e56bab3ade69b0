/// What a connection finds out about a queue while it works.
public enum QueueEvent: Sendable, Hashable {
    /// A consumer has lost it: it was deleted, or isn't there after a reconnect. Told with each try to subscribe again.
    case missing(String)
    /// The broker has it, and can't serve it, as when it has no leader. Told with each try to consume or get from it.
    case unavailable(String)
}
