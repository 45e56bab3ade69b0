import BatonModel
import Foundation

/// The time a worker lives by: how long it has been up, a way to wait, and the wall clock for what others read.
struct WorkerTime: Sendable {
    /// Since the worker was made. All points in time within the worker are of this kind.
    let now: @Sendable () -> Duration
    /// Throws `CancellationError` when the task is cancelled.
    let sleep: @Sendable (_ until: Duration) async throws -> Void
    let wall: @Sendable () -> Timestamp
    /// Whether the worker watches that it isn't stopped. A clock that jumps in tests looks the same.
    let watchesGaps: Bool

    init<C: Clock>(
        _ clock: C, watchesGaps: Bool, wall: @escaping @Sendable () -> Timestamp = WorkerTime.systemWall
    ) where C.Duration == Duration {
        self.watchesGaps = watchesGaps
        let origin = clock.now
        now = { origin.duration(to: clock.now) }
        sleep = { deadline in try await clock.sleep(until: origin.advanced(by: deadline), tolerance: nil) }
        self.wall = wall
    }

    @Sendable static func systemWall() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded()))
    }
}
