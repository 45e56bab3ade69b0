package import BatonCoordinator
package import BatonModel
package import BatonStore
package import BatonWorker

/// Everything about a cluster that a test can set.
package struct TestClusterSettings: Sendable {
    package var workers = 1
    package var slots = 8
    package var queues: [QueueName] = [.default]
    /// `nil` for the real time.
    package var clock: TestClock?
    package var coordinator = CoordinatorConfiguration()
    /// The last word on each worker's configuration.
    package var worker: @Sendable (inout WorkerConfiguration) -> Void = { _ in }
    /// Puts something between the coordinator and its store.
    package var wrapStore: @Sendable (any Store) -> any Store = { $0 }

    package init() {}
}
