public import BatonModel

extension RetryPolicy {
    /// Whether an error of this kind is worth another attempt at all.
    public func retries(_ error: TaskError) -> Bool {
        if error.retryable == false || never.contains(error.type) { return false }
        return only.isEmpty || only.contains(error.type)
    }

    /// The wait after the given attempt, from 1, has failed: grown by the backoff, capped, and spread by the jitter.
    public func delay(afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let base = Double(delay.milliseconds)
        var wait: Double
        switch backoff {
        case .fixed: wait = base
        case .linear: wait = base * Double(attempt)
        case .exponential:
            // Powers grow past any cap soon; the multiplication stops there instead of going to infinity.
            wait = base
            for _ in 1..<max(1, min(attempt, 64)) where wait < Double(maxDelay.milliseconds) { wait *= factor }
        case .explicit(let delays):
            wait = delays.isEmpty ? base : Double(delays[min(attempt, delays.count) - 1].milliseconds)
        }
        if case .explicit = backoff {} else { wait = min(wait, Double(maxDelay.milliseconds)) }
        if jitter > 0 { wait *= Double.random(in: (1 - jitter)...(1 + jitter), using: &generator) }
        return .milliseconds(Int64(min(wait, 1e15).rounded()))
    }
}
