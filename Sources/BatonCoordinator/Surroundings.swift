import BatonModel

/// What a coordinator takes from outside besides its store and its broker: how time passes, what chance says, and who runs what
/// nobody waits for. The system's, unless a simulation has its own.
package struct Surroundings: Sendable {
    /// Time that has passed since some point; clocks that are set make no difference to it.
    package var uptime: @Sendable () -> Duration
    /// - Throws: `CancellationError`.
    package var sleep: @Sendable (Duration) async throws -> Void
    package var generator: @Sendable () -> any RandomNumberGenerator
    /// Runs unstructured tasks; `nil` for the threads that all tasks share.
    package var executor: (any TaskExecutor)?

    package init() {
        let start = ContinuousClock.now
        uptime = { ContinuousClock.now - start }
        sleep = { try await Task.sleep(for: $0) }
        generator = { SystemRandomNumberGenerator() }
    }

    /// Has something done after a while, whoever asks for it still being there or not.
    func later(_ wait: Duration, _ body: @escaping @Sendable () -> Void) {
        // Unstructured, since nobody waits for it.
        Task(executorPreference: executor) {
            try? await sleep(wait)
            body()
        }
    }
}
