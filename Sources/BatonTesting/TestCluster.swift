package import BatonBroker
package import BatonCoordinator
public import BatonModel
import BatonStore
public import BatonWorker
import Foundation
import Logging
import Synchronization

/// A whole cluster within a test's process. Made by `withCluster`.
public final class TestCluster: Sendable {
    /// The coordinator with what it holds.
    private struct Service: Sendable {
        let coordinator: Coordinator
        let store: any Store
        // Unstructured, since its life isn't that of a call: `stopCoordinator` ends and awaits it.
        let task: Task<Void, any Error>
    }

    private struct State {
        var service: Service?
        var workers: [TestWorker] = []
        var hasStartedWorkers = false
    }

    package let broker = InMemoryBroker()
    private let settings: TestClusterSettings
    private let folder: URL
    private let handlers = HandlerTable()
    private let logger: Logger
    private let state = Mutex(State())

    init(_ settings: TestClusterSettings) throws {
        self.settings = settings
        folder = FileManager.default.temporaryDirectory.appending(path: "baton-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var logger = Logger(label: "baton.test")
        logger.logLevel = .critical
        self.logger = logger
    }

    /// For the cluster's own tests: the service itself, and what is between it and the world.
    package var coordinator: Coordinator {
        get throws {
            guard let service = state.withLock({ $0.service }) else {
                throw OperationError(.unavailable, "the test has stopped the coordinator")
            }
            return service.coordinator
        }
    }

    package var storePath: String { folder.appending(path: "baton.sqlite").path }

    // MARK: - Handlers

    /// Gives a handler's name something to do on all workers. A later one of the same name replaces it. Calls are counted.
    public func register(_ name: HandlerName, _ mock: MockHandler) {
        handlers.add { [handlers] worker in
            worker.register(name) { (_: JSON, context: TaskContext) in
                let (number, call) = handlers.count(name, context)
                return try await mock.body(number, call, context)
            }
        }
    }

    /// Runs the closure for the name on all workers. Calls are counted.
    public func register<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ name: HandlerName, _ body: @escaping @Sendable (Input, TaskContext) async throws -> Output
    ) {
        handlers.add { [handlers] worker in
            worker.register(name) { (input: Input, context: TaskContext) in
                _ = handlers.count(name, context)
                return try await body(input, context)
            }
        }
    }

    /// Runs the closure for the name on all workers. Calls are counted.
    public func register<Output: Encodable & Sendable>(
        _ name: HandlerName, _ body: @escaping @Sendable () async throws -> Output
    ) {
        register(name) { (_: JSON, _) in try await body() }
    }

    /// Offers the handler that is to be tested, with its hooks, on all workers. Its calls are not counted. Register it before
    /// the first submission, so that the coordinator knows of its hooks.
    public func register(_ handler: some TaskHandler) { handlers.add { $0.register(handler) } }

    /// The calls of a handler so far, in the order in which they began.
    public func calls(of handler: HandlerName) -> [HandlerCall] { handlers.calls.all.filter { $0.handler == handler } }

    /// Returns as soon as the handler has been called so often.
    ///
    /// - Throws: `CancellationError`.
    @discardableResult
    public func waitForCalls(of handler: HandlerName, count: Int = 1) async throws -> [HandlerCall] {
        try await handlers.calls.wait(for: count) { $0.handler == handler }
    }

    // MARK: - Workers

    /// Adds a worker, and returns when it may start tasks.
    ///
    /// - Throws: `WorkerConfigurationError`, `CancellationError`.
    @discardableResult
    public func startWorker(slots: Int? = nil, queues: [QueueName]? = nil) async throws -> TestWorker {
        var configuration = WorkerConfiguration(queues: queues ?? settings.queues, slots: slots ?? settings.slots)
        settings.worker(&configuration)
        let worker = try TestWorker(configuration, handlers: handlers, broker: broker, logger: logger)
        state.withLock { $0.workers.append(worker) }
        try await worker.ready()
        return worker
    }

    /// Starts the workers that `withCluster` was asked for, unless they have been: the first submission does.
    public func startWorkers() async throws {
        let isFirst = state.withLock { state in
            defer { state.hasStartedWorkers = true }
            return !state.hasStartedWorkers
        }
        guard isFirst else { return }
        for _ in 0..<settings.workers { try await startWorker() }
    }

    /// All that have been started, in that order.
    public var workers: [TestWorker] { state.withLock { $0.workers } }

    // MARK: - Time and faults

    /// Moves the coordinator's clock, and returns when all that is due by then has been decided on. Needs a `clock`.
    ///
    /// To the coordinator, a running attempt that sends heartbeats is silent for the time that is skipped.
    public func advance(by duration: Duration) async throws {
        guard let clock = settings.clock else { preconditionFailure("withCluster(clock:) gives the clock that can be moved") }
        clock.advance(by: duration)
        try await coordinator.tick()
    }

    /// Takes the coordinator away, as a crash does; what it has stored stays. Does nothing where it is away.
    public func stopCoordinator() async {
        let service = state.withLock { state in
            defer { state.service = nil }
            return state.service
        }
        guard let service else { return }
        service.task.cancel()
        _ = await service.task.result
        service.store.close()
    }

    /// Brings a new coordinator up, on the store and the broker that the last one left.
    ///
    /// - Throws: `StoreError`.
    public func startCoordinator() throws {
        let store = settings.wrapStore(try SQLiteStore(path: storePath))
        let clock = settings.clock
        let coordinator = Coordinator(
            settings.coordinator, store: store, broker: broker, logger: logger, now: { clock?.now ?? Timestamp.now })
        let task = Task { try await coordinator.run() }
        state.withLock { $0.service = Service(coordinator: coordinator, store: store, task: task) }
    }

    /// Cuts everybody off from the broker for a moment, as its restart does.
    public func disconnectAll() {
        for link in ["coordinator-publish", "coordinator-consume", "worker-reports", "worker"] { broker.disconnect(link: link) }
    }

    func stop() async {
        for worker in workers { await worker.stop() }
        await stopCoordinator()
        // What a test registers may hold the cluster, or what it has got from it.
        handlers.clear()
        state.withLock { $0.workers = [] }
        try? FileManager.default.removeItem(at: folder)
    }
}
