/// When a broken stream is taken up again: exponential waits with full jitter, up to a total patience.
struct Reconnection {
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(5)

    let patience: Duration
    private var attempt = 0
    private var hasConnected = false
    private var brokenSince: ContinuousClock.Instant?

    init(patience: Duration) { self.patience = patience }

    mutating func connected() { hasConnected = true }

    /// Something was received, so the next break begins anew.
    mutating func succeeded() {
        attempt = 0
        brokenSince = nil
    }

    /// - Throws: the error itself where waiting can't mend it, or has been tried for long enough.
    mutating func wait(after error: any Error) async throws {
        guard hasConnected, let failure = error as? ClientError, failure.isRetryable else { throw error }
        let now = ContinuousClock.now
        let since = brokenSince ?? now
        brokenSince = since
        guard now - since < patience else { throw error }
        let bound = min(Self.longest, Self.first * (1 << min(attempt, 10)))
        attempt += 1
        try await ContinuousClock().sleep(for: bound * Double.random(in: 0...1))
    }
}
