import BatonBroker
import BatonClient
import BatonCoordinator
import BatonHTTP
import BatonModel
import BatonStore
import BatonWorker
import Foundation
import Logging
import ServiceLifecycle

/// What `baton coordinator` was asked for.
struct CoordinatorOptions: Sendable {
    var amqpURL: String
    var namespace: String
    /// A file's path.
    var database: String
    /// `host:port`
    var http: String
    var allowRemote: Bool
    var access: AccessConfiguration
    /// Whether a submission by message gets its owner from its routing key alone.
    var requireOwner: Bool
    var retention: Retention
    var celeryQueues: [CeleryQueue]
    var logLevel: Logger.Level
}

/// What `baton worker` was asked for.
struct WorkerOptions: Sendable {
    var amqpURL: String
    var namespace: String
    /// At least one; `nil` for the configuration's.
    var queues: [String]?
    /// At least 1; `nil` for the number of processors.
    var slots: Int?
    /// `nil` for the configuration's.
    var tags: [String]?
    /// Besides where the configuration does.
    var allowShell: Bool
    var logLevel: Logger.Level
}

/// What `baton dev` was asked for.
struct DevOptions: Sendable {
    /// A document to run before exiting; see `RunSession.run(file:)`.
    var file: String?
    /// A file's path; `nil` for a temporary one.
    var database: String?
    /// `host:port`
    var http: String
    /// At least 1; `nil` for the number of processors.
    var slots: Int?
    /// Whether the run is written as JSON.
    var json: Bool
    var logLevel: Logger.Level
}

/// Runs a coordinator until it is told to stop. Logging is set up already.
func startCoordinator(_ options: CoordinatorOptions) async throws {
    let logger = Logger(label: "baton.coordinator")
    // Before the database, so that a wrong address leaves nothing behind.
    let access = try AccessControl(options.access, logger: logger)
    try HTTPServer.check(address: options.http, allowRemote: options.allowRemote || access != nil)
    let broker = try AMQPBroker(url: options.amqpURL, logger: logger)
    let store = try SQLiteStore(path: options.database)
    defer { store.close() }
    var configuration = CoordinatorConfiguration()
    configuration.namespace = options.namespace
    configuration.retention = options.retention
    configuration.requiresOwnerInKey = options.requireOwner || access != nil
    configuration.celeryQueues = options.celeryQueues
    let coordinator = Coordinator(configuration, store: store, broker: broker, logger: logger)
    let server = try HTTPServer(
        operations: coordinator, access: access, address: options.http, allowRemote: options.allowRemote, logger: logger,
        onListening: { logger.info("the HTTP API listens", metadata: ["port": "\($0)"]) })
    try await run([CoordinatorService(coordinator: coordinator), server], logger: logger)
}

/// Runs a worker until it is told to stop. Logging is set up already.
func startWorker(_ options: WorkerOptions) async throws {
    let logger = Logger(label: "baton.worker")
    var configuration = try WorkerConfiguration.fromEnvironment(Environment.all)
    configuration.namespace = options.namespace
    if let queues = options.queues { configuration.queues = queues.map(QueueName.init(rawValue:)) }
    if let slots = options.slots { configuration.slots = slots }
    if let tags = options.tags { configuration.tags = tags }
    if options.allowShell { configuration.allowShell = true }
    let worker = try Worker(
        configuration: configuration, broker: AMQPBroker(url: options.amqpURL, logger: logger), logger: logger)
    CoreHandlers.register(on: worker)
    try await worker.run()
}

/// Runs everything in one process: until the file's run has ended, or, without a file, until it is told to stop.
///
/// - Returns: how the process ends: the run's status, or `done`.
func startDev(_ options: DevOptions) async throws -> ExitStatus {
    let logger = Logger(label: "baton.dev")
    let folder = FileManager.default.temporaryDirectory.appending(path: "baton-dev-\(UUID().uuidString)")
    if options.database == nil { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
    defer { if options.database == nil { try? FileManager.default.removeItem(at: folder) } }
    let store = try SQLiteStore(path: options.database ?? folder.appending(path: "baton.sqlite").path)
    defer { store.close() }
    let broker = InMemoryBroker()
    let coordinator = Coordinator(store: store, broker: broker, logger: logger)
    var configuration = WorkerConfiguration()
    if let slots = options.slots { configuration.slots = slots }
    let worker = try Worker(configuration: configuration, broker: broker, logger: logger)
    CoreHandlers.register(on: worker)
    let listening = AsyncStream<Int>.makeStream()
    let server = try HTTPServer(
        operations: coordinator, address: options.http, logger: logger,
        onListening: { port in
            listening.continuation.yield(port)
            listening.continuation.finish()
        })
    let services: [any Service] = [CoordinatorService(coordinator: coordinator), worker, server]
    guard let file = options.file else {
        Terminal.standardError("baton dev: http://\(options.http), the core.* handlers, stop with Ctrl-C")
        try await run(services, logger: logger)
        return .done
    }
    let group = ServiceGroup(configuration: groupConfiguration(services, logger))
    return try await withThrowingTaskGroup(of: Result<ExitStatus, any Error>?.self) { tasks in
        tasks.addTask {
            try await group.run()
            return nil
        }
        tasks.addTask {
            for await port in listening.stream {
                let client = BatonClient(server: "http://127.0.0.1:\(port)")
                // Kept, so that the services end in order whatever became of the run.
                do { return .success(try await RunSession(client: client, json: options.json).run(file: file)) } catch { return .failure(error) }
            }
            return nil
        }
        var outcome: Result<ExitStatus, any Error>?
        while outcome == nil, let next = try await tasks.next() { outcome = next }
        await group.triggerGracefulShutdown()
        while try await tasks.next() != nil {}
        return try outcome?.get() ?? .failed
    }
}

/// The coordinator has nothing to finish that a restart would not: it ends at once.
private struct CoordinatorService: Service {
    let coordinator: Coordinator

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await coordinator.run() }
    }
}

private func groupConfiguration(_ services: [any Service], _ logger: Logger) -> ServiceGroupConfiguration {
    var configuration = ServiceGroupConfiguration(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(60)
    return configuration
}

private func run(_ services: [any Service], logger: Logger) async throws {
    try await ServiceGroup(configuration: groupConfiguration(services, logger)).run()
}
