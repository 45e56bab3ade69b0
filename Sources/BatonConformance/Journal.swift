import Synchronization

/// All that was observed, in order. Those who wait for something are woken by each entry.
final class Journal: Sendable {
    private struct State {
        var entries: [Observation] = []
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Those that need not wait any more.
        var released: Set<Int> = []
        var nextWaiter = 0
    }

    private let state = Mutex(State())
    private let clock = ContinuousClock()

    var entries: [Observation] { state.withLock { $0.entries } }
    /// Where the next entry will be.
    var end: Int { state.withLock { $0.entries.count } }

    func note(_ event: Observation.Event) {
        let waiters = state.withLock { state in
            state.entries.append(Observation(at: clock.now, event: event))
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the body finds what it looks for in the entries from a position on.
    ///
    /// - Returns: `nil` where time runs out, or the task is cancelled.
    func wait<Value: Sendable>(
        from start: Int = 0, within limit: Duration, _ find: @Sendable (ArraySlice<Observation>) -> Value?
    ) async -> Value? {
        let deadline = clock.now + limit
        while true {
            let (value, count) = state.withLock { (find($0.entries[min(start, $0.entries.count)...]), $0.entries.count) }
            if let value { return value }
            guard clock.now < deadline, !Task.isCancelled else { return nil }
            await change(from: count, until: deadline)
        }
    }

    /// Returns when there are more entries than that, at the latest at the deadline.
    private func change(from count: Int, until deadline: ContinuousClock.Instant) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskGroup { group in
            group.addTask {
                await withCheckedContinuation { continuation in
                    let isLate = self.state.withLock { state in
                        if state.entries.count != count || state.released.contains(number) { return true }
                        state.waiters[number] = continuation
                        return false
                    }
                    if isLate { continuation.resume() }
                }
            }
            group.addTask {
                try? await self.clock.sleep(until: deadline, tolerance: nil)
                self.release(number)
            }
            await group.next()
            group.cancelAll()
        }
        state.withLock { _ = $0.released.remove(number) }
    }

    private func release(_ number: Int) {
        let waiter = state.withLock { state in
            state.released.insert(number)
            return state.waiters.removeValue(forKey: number)
        }
        waiter?.resume()
    }
}
