import BatonModel

/// The time of a simulation. It passes when it is told to; what sleeps wakes when its time has come.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
final class VirtualClock: @unchecked Sendable {
    /// Since the simulation began.
    private(set) var uptime = Duration.zero
    /// By how much the coordinator's calendar is wrong.
    var error = Duration.zero { didSet { hasJumped = true } }
    private(set) var hasJumped = false
    private var sleepers: [Sleeper] = []
    private var abandoned: Set<Int> = []

    private struct Sleeper {
        var due: Duration
        var owner: Int
        var continuation: UnsafeContinuation<Void, any Error>
    }

    private static let start = Timestamp(milliseconds: 1_800_000_000_000)

    /// As workers, and the world, see it.
    var now: Timestamp { Self.start + uptime }
    /// As the coordinator sees it.
    var calendar: Timestamp { now + error }

    /// - Parameter owner: the coordinator that sleeps.
    func sleep(_ duration: Duration, owner: Int) async throws {
        if abandoned.contains(owner) { throw CancellationError() }
        try await withUnsafeThrowingContinuation { continuation in
            sleepers.append(Sleeper(due: uptime + duration, owner: owner, continuation: continuation))
        }
    }

    var nextDue: Duration? { sleepers.lazy.map(\.due).min() }

    func advance(to time: Duration) {
        uptime = max(uptime, time)
        let woken = sleepers.filter { $0.due <= uptime }
        sleepers.removeAll { $0.due <= uptime }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// The owner is no more.
    func abandon(_ owner: Int) {
        abandoned.insert(owner)
        let woken = sleepers.filter { $0.owner == owner }
        sleepers.removeAll { $0.owner == owner }
        for sleeper in woken { sleeper.continuation.resume(throwing: CancellationError()) }
    }
}
