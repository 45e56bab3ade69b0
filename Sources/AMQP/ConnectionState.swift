/// What a connection is doing.
///
/// `idle` → `connecting` ⇄ `connected` ⇄ `blocked`; each of them → `closed`, which is final.
public enum ConnectionState: Sendable, Equatable {
    /// `run()` was not called yet.
    case idle
    /// Not connected: the number of the attempt under way or waited for (from 1), and why the one before failed.
    case connecting(attempt: Int, lastError: AMQPError?)
    /// Connected, the remembered topology declared again. The epoch counts connections from 1.
    case connected(epoch: Int)
    /// Connected, but the broker takes no publications (memory or disk alarm); they wait here. Back to `connected` when
    /// the alarm ends.
    case blocked(reason: String)
    /// `run()` has ended: without an error when it was asked to.
    case closed(AMQPError?)

    /// Whether the broker is reachable: `connected` or `blocked`.
    public var isConnected: Bool {
        switch self {
        case .connected, .blocked: true
        case .idle, .connecting, .closed: false
        }
    }
}
