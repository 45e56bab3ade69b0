public import BatonModel

/// Runs a test against a cluster of its own, in this process: a coordinator, workers, a broker in memory and a store in a
/// temporary folder. All of it is stopped and removed when the body ends, however it ends.
///
/// ```swift
/// try await withCluster(workers: 1, slots: 8) { cluster in
///     cluster.register("orders.validate", .succeeding(["valid": true]))
///     let run = try await cluster.submit(graph)
///     let ended = try await cluster.wait(run.id)
///     #expect(ended.status == .completed)
/// }
/// ```
///
/// - Parameters:
///   - workers: started with the first submission, so that handlers can be registered before; `startWorker` adds more.
///   - slots: tasks that each worker runs at the same time.
///   - queues: those that the workers take from.
///   - clock: the coordinator's time where the test wants to move it; the real time by default.
/// - Throws: what the body throws, or why the cluster could not be started.
public func withCluster<Value>(
    workers: Int = 1, slots: Int = 8, queues: [QueueName] = [.default], clock: TestClock? = nil,
    _ body: (TestCluster) async throws -> Value
) async throws -> Value {
    var settings = TestClusterSettings()
    settings.workers = workers
    settings.slots = slots
    settings.queues = queues
    settings.clock = clock
    return try await withCluster(settings, body)
}

package func withCluster<Value>(
    _ settings: TestClusterSettings, _ body: (TestCluster) async throws -> Value
) async throws -> Value {
    let cluster = try TestCluster(settings)
    do {
        try cluster.startCoordinator()
        // To a coordinator that hears nothing yet, no time runs out.
        try await cluster.coordinator.whenServing()
        let value = try await body(cluster)
        await cluster.stop()
        return value
    } catch {
        await cluster.stop()
        throw error
    }
}
