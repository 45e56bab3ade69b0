public import BatonBroker
public import BatonModel
import BatonWire
public import Logging
public import ServiceLifecycle

/// A process that runs tasks: takes them from the broker, most urgent first, and reports what became of them.
///
/// ```swift
/// let worker = try Worker(.fromEnvironment(), queues: ["default"], slots: 8)
/// worker.register(Charge(gateway: .live))
/// try await worker.run()                       // until SIGTERM: drains, then returns
/// ```
public final class Worker: Service {
    /// Unique for each worker that is made.
    public let id: WorkerID
    public let configuration: WorkerConfiguration
    private let registry = HandlerRegistry()
    let core: WorkerCore
    private let logger: Logger

    /// A worker on a broker that the caller made.
    ///
    /// - Throws: `WorkerConfigurationError` that names a setting out of its range.
    public convenience init(
        configuration: WorkerConfiguration, broker: any Broker, logger: Logger = Logger(label: "baton.worker")
    ) throws(WorkerConfigurationError) {
        try self.init(configuration: configuration, broker: broker, logger: logger, time: WorkerTime(ContinuousClock(), watchesGaps: true))
    }

    /// - Parameters:
    ///   - clock: for all waiting within the worker.
    ///   - watchesGaps: whether a jump of the clock counts as having been stopped.
    package convenience init<C: Clock>(
        configuration: WorkerConfiguration, broker: any Broker, logger: Logger = Logger(label: "baton.worker"), clock: C,
        watchesGaps: Bool = false
    ) throws(WorkerConfigurationError) where C.Duration == Duration {
        try self.init(configuration: configuration, broker: broker, logger: logger, time: WorkerTime(clock, watchesGaps: watchesGaps))
    }

    private init(
        configuration: WorkerConfiguration, broker: any Broker, logger: Logger, time: WorkerTime
    ) throws(WorkerConfigurationError) {
        try configuration.validate()
        let host = HostName.current
        var generator = SystemRandomNumberGenerator()
        id = WorkerIdentity.make(host: host, using: &generator)
        self.configuration = configuration
        var logger = logger
        logger[metadataKey: LogKey.worker] = "\(id)"
        self.logger = logger
        core = WorkerCore(
            id: id, configuration: configuration, broker: broker, registry: registry, time: time, host: host, logger: logger)
    }

    /// Offers a handler under its name. A later one of the same name replaces an earlier one. Register before `run`: the
    /// coordinator hears of later ones with the next announcement only.
    public func register(_ handler: some TaskHandler) { registry.add(RegisteredHandler(handler)) }

    /// Offers a closure as a handler without hooks.
    public func register<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ name: HandlerName, _ body: @escaping @Sendable (Input, TaskContext) async throws -> Output
    ) {
        registry.add(RegisteredHandler(name, body))
    }

    /// Runs tasks until the worker is asked to leave; then takes nothing new, gives back what has not started, waits up to
    /// `drainTimeout` for what runs, reports it, and returns. Attempts that still run then are cancelled, get `cancelGrace` to
    /// stop, and are given back.
    ///
    /// It is asked to leave by the coordinator, by the graceful shutdown of the `ServiceGroup` it runs in, or, where it runs in
    /// none, by SIGTERM or SIGINT. Cancelling the task ends it without draining: running attempts are cancelled, and
    /// what isn't reported by then goes back to the broker. Call it once.
    ///
    /// - Throws: `BrokerError` where the broker refuses for good, such as for a wrong password.
    public func run() async throws {
        if Surroundings.hasServiceGroup { return try await serve() }
        let configuration = ServiceGroupConfiguration(
            services: [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// `run` without signal handling: stops for the coordinator, a graceful shutdown, cancellation, or `drain`.
    package func serve() async throws { try await core.serve() }

    /// Asks the worker to leave; `run` returns when it has.
    public func drain() { core.drain() }
}
