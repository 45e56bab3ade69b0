import BatonBroker
public import BatonModel
import BatonWorker
import Logging

/// A worker of a `TestCluster`.
public final class TestWorker: Sendable {
    let worker: Worker
    private let welcomed: Journal<Void>
    // Unstructured, since it lives as long as the cluster wants it: `stop` or `drain` ends and awaits it.
    private let task: Task<Void, any Error>

    init(_ configuration: WorkerConfiguration, handlers: HandlerTable, broker: any Broker, logger: Logger) throws {
        let welcomed = Journal<Void>()
        let watched = WatchedBroker(broker: broker, delivered: { if $0.message.type == "welcome" { welcomed.append(()) } })
        let worker = try Worker(configuration: configuration, broker: watched, logger: logger)
        handlers.equip(worker)
        self.worker = worker
        self.welcomed = welcomed
        task = Task { try await worker.serve() }
    }

    public var id: WorkerID { worker.id }

    /// Returns once the coordinator knows it and it may start tasks.
    public func ready() async throws { try await welcomed.first() }

    /// Takes it away at once, as a crash does: what it ran is delivered to others. Returns when it is gone.
    public func stop() async {
        task.cancel()
        _ = await task.result
    }

    /// Has it finish what it runs and leave. Returns when it is gone.
    ///
    /// - Throws: what ended the worker otherwise.
    public func drain() async throws {
        worker.drain()
        try await task.value
    }
}
