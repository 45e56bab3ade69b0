public import BatonCoordinator
import BatonModel
package import Hummingbird
public import Logging
public import ServiceLifecycle

/// The HTTP API of a coordinator, version 1.
///
/// It has no state of its own: every request becomes a call of `Operations`, every refusal a problem document (RFC 9457).
/// There is no access control, so it is open on loopback only, unless told otherwise.
public struct HTTPServer: Service {
    private let operations: any Operations
    private let address: ListenAddress
    private let logger: Logger
    private let keepAlive: Duration
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - address: where to listen, as `host:port`; port 0 takes a free one.
    ///   - allowRemote: allows addresses other machines can reach. Who can reach them can run work.
    ///   - keepAlive: after so long without an event, an event stream sends a comment.
    ///   - onListening: is called with the port once requests are answered.
    /// - Throws: `ListenAddressError` for an address that can't be read or isn't allowed.
    public init(
        operations: any Operations, address: String = "127.0.0.1:7070", allowRemote: Bool = false,
        keepAlive: Duration = .seconds(15), logger: Logger = Logger(label: "baton.http"),
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws(ListenAddressError) {
        try Self.check(address: address, allowRemote: allowRemote)
        self.address = try ListenAddress(address)
        self.operations = operations
        self.keepAlive = keepAlive
        self.logger = logger
        self.onListening = onListening
    }

    /// Checks an address before anything is started for it.
    ///
    /// - Throws: `ListenAddressError`, as `init` does.
    public static func check(address: String, allowRemote: Bool = false) throws(ListenAddressError) {
        let address = try ListenAddress(address)
        if !allowRemote { try address.requireLoopback() }
    }

    /// Answers requests until graceful shutdown or cancellation. On graceful shutdown requests under way are finished and
    /// event streams end; their clients go on with the next coordinator.
    ///
    /// - Throws: where the address can't be bound.
    public func run() async throws {
        try await application.run()
    }

    /// The whole server as a value, so that tests can ask it without a socket.
    package var application: some ApplicationProtocol {
        Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "baton", backlog: 1024),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }

    private var router: Router<BasicRequestContext> {
        let routes =
            RunRoutes(operations: operations).routes + BatchRoutes(operations: operations).routes
            + CancelRoutes(operations: operations).routes + ReuseRoutes(operations: operations).routes
            + TaskRoutes(operations: operations).routes + AttemptRoutes(operations: operations).routes
            + ScheduleRoutes(operations: operations).routes + EventRoutes(operations: operations, keepAlive: keepAlive).routes
            + ClusterRoutes(operations: operations).routes
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(known: routes.map(\.signature)))
        for route in routes {
            router.on(RouterPath(route.signature.path), method: route.signature.method) { request, context in
                try await route.handle(request, context)
            }
        }
        return router
    }
}
