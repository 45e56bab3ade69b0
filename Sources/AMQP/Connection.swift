public import Logging

/// A connection to a broker that is kept up: made, watched, and made again when it breaks.
///
/// Everything may be called from any task or thread at any time, also before `run()` and while the broker is away: calls
/// wait until they can be carried out. A connection owns one thread, on which it talks to the broker and calls handlers.
///
/// Make two: one to publish and one to consume. A broker under a memory or disk alarm stops reading from connections that
/// publish, and acknowledgements must not be stuck behind that.
///
/// ```swift
/// let connection = Connection(try ConnectionConfiguration(url: "amqp://127.0.0.1/"))
/// try await withThrowingTaskGroup { group in
///     group.addTask { try await connection.run() }
///     try await connection.declare(QueueDeclaration("jobs"))
///     try await connection.publish(Publication(routingKey: "jobs", body: Array("hello".utf8)))
///     group.cancelAll()
/// }
/// ```
public final class Connection: Sendable {
    public let configuration: ConnectionConfiguration
    let shared = ConnectionShared()
    private let logger: Logger

    /// Keeps the configuration; nothing is opened before `run()`.
    public init(_ configuration: ConnectionConfiguration, logger: Logger = Logger(label: "amqp")) {
        self.configuration = configuration
        var logger = logger
        logger[metadataKey: LogKey.broker] = "\(configuration.host):\(configuration.port)"
        if let name = configuration.connectionName { logger[metadataKey: LogKey.connection] = "\(name)" }
        self.logger = logger
    }

    /// Connects, and stays connected until the task is cancelled or `shutdown()` is called; then waits up to
    /// `drainTimeout` for outstanding confirms, closes, and returns. To be called once.
    ///
    /// A broken connection is made again after a random delay of at most `reconnectMinimum`, doubled each time up to
    /// `reconnectMaximum`. Then topology is declared again, consumers subscribe again, and publications without a
    /// confirm are published again; so a message can arrive twice, but none is lost.
    ///
    /// When stopped in the middle of connecting it returns after that has succeeded or failed: at most twice
    /// `connectTimeout`, and the time to look up the name. When it returns, whatever still waits fails with `closed`.
    /// - Throws: ``AMQPError``: `authenticationRefused` or `virtualHostRefused`, when the first connection is refused so,
    ///   `tlsFailed` when files can't be loaded or the broker can't be verified, `invalidArgument` for a configuration
    ///   that can't work, `alreadyRunning`. Anything else is retried, also the first time.
    public func run() async throws {
        try configuration.validate()
        try shared.begin()
        guard shared.signal.isUsable else {
            throw AMQPError(.connectionFailed, "no descriptor left for an eventfd")
        }
        let ended = Waiter<Void>()
        try SystemThread.start(name: "amqp") { [configuration, shared, logger] in
            ConnectionLoop(configuration, shared, logger).run(ended)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { [configuration, shared, logger] in
                let limit = configuration.sendTimeout
                while !Task.isCancelled {
                    // Ends by throwing when the group is cancelled.
                    try? await Task.sleep(for: min(limit / 4, .seconds(1)))
                    if shared.cutIfStuck(longerThan: limit.nanoseconds) {
                        logger.warning("the broker takes no data; the connection is cut")
                    }
                }
            }
            defer { group.cancelAll() }
            try await withTaskCancellationHandler {
                try await ended.wait()
            } onCancel: {
                shared.stop()
            }
        }
    }

    /// Makes `run()` drain, close and return, as cancelling its task does. Safe to call at any time.
    public func shutdown() { shared.stop() }

    /// What the connection is doing now.
    public var state: ConnectionState { shared.state }

    /// Adds a handler for every later change of state. It is called on the connection's thread and must not block.
    public func onStateChange(_ handler: @escaping @Sendable (ConnectionState) -> Void) { shared.addHandler(handler) }

    /// Adds a handler for what is found out about queues from now on. It is called on the connection's thread and must not block.
    public func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) { shared.addQueueHandler(handler) }

    /// Returns when the connection is up.
    /// - Throws: the error `run()` ended with, `closed`, or `CancellationError`.
    public func waitUntilConnected() async throws {
        let waiter = Waiter<Void>()
        shared.addConnectedWaiter(waiter)
        try await waiter.value()
    }
}

enum LogKey {
    static let broker = "amqp.broker"
    static let connection = "amqp.connection"
    static let queue = "amqp.queue"
    static let error = "error"
    static let attempt = "attempt"
    static let delay = "delay"
}
