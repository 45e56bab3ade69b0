public import BatonModel
import Synchronization

/// The time of a cluster's coordinator: it stands still until a test moves it with `TestCluster.advance(by:)`.
///
/// It decides about delays, retries, timeouts and leases. Workers live by the real clock: handlers really run.
public final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// - Parameter start: where it stands at first.
    public init(start: Timestamp = Timestamp(milliseconds: 1_750_000_000_000)) { time = Mutex(start) }

    public var now: Timestamp { time.withLock { $0 } }

    /// Moves the time without telling anyone; `TestCluster.advance(by:)` also has the coordinator look.
    package func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
