import BatonModel
import BatonWorker
import Logging
import Synchronization

/// A worker with handlers of the test's own, which keeps account of what it has been asked to do.
final class CustomWorker: Sendable {
    struct Call: Sendable, Hashable {
        var handler: String
        var task: String
        var attempt: Int
    }

    private let calls = Mutex<[Call]>([])

    /// In the order of their beginnings.
    var made: [Call] { calls.withLock { $0 } }

    func note(_ handler: String, _ context: TaskContext) {
        calls.withLock { $0.append(Call(handler: handler, task: context.taskID.rawValue, attempt: context.attempt)) }
    }
}

extension Cluster {
    /// Runs a worker with the handlers that `offer` registers while the body runs.
    func withWorker(
        slots: Int = 8, queue: QueueName = "custom", offer: @escaping @Sendable (Worker, CustomWorker) -> Void,
        _ body: (CustomWorker) async throws -> Void
    ) async throws {
        note(queues: [queue.rawValue])
        var configuration = WorkerConfiguration(queues: [queue], slots: slots, namespace: namespace, amqpURL: broker.url)
        configuration.drainTimeout = .seconds(5)
        let worker = try Worker(configuration, logger: Logger(label: "custom") { _ in SwiftLogNoOpLogHandler() })
        let record = CustomWorker()
        offer(worker, record)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.serve() }
            try await eventually("the worker of the test") {
                try await api.workers().contains { $0.id == worker.id && $0.state == "running" } ? () : nil
            }
            do {
                try await body(record)
            } catch {
                group.cancelAll()
                throw error
            }
            worker.drain()
            try await group.next()
        }
    }
}
