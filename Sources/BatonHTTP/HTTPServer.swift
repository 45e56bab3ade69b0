public import BatonCoordinator
import BatonModel
package import Hummingbird
public import Logging
public import ServiceLifecycle

/// The HTTP API of a coordinator, version 1.
///
/// It has no state of its own: every request becomes a call of `Operations`, every refusal a problem document (RFC 9457).
/// Without access control it is open on loopback only, unless told otherwise.
public struct HTTPServer: Service {
    private let operations: any Operations
    private let access: AccessControl?
    private let address: ListenAddress
    private let logger: Logger
    private let keepAlive: Duration
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - address: where to listen, as `host:port`; port 0 takes a free one.
    ///   - access: who may ask for what; `nil` for no access control, where whoever reaches the address may do everything.
    ///   - allowRemote: without access control, allows addresses other machines can reach. Who can reach them can run work.
    ///   - keepAlive: after so long without an event, an event stream sends a comment.
    ///   - onListening: is called with the port once requests are answered.
    /// - Throws: `ListenAddressError` for an address that can't be read or isn't allowed.
    public init(
        operations: any Operations, access: AccessControl? = nil, address: String = "127.0.0.1:7070", allowRemote: Bool = false,
        keepAlive: Duration = .seconds(15), logger: Logger = Logger(label: "baton.http"),
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws(ListenAddressError) {
        try Self.check(address: address, allowRemote: allowRemote || access != nil)
        self.address = try ListenAddress(address)
        self.operations = operations
        self.access = access
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
        do {
            try await application.run()
        } catch where "\(error)".contains("Address already in use") {
            throw ListenAddressError(
                "\(address.host):\(address.port) is in use: stop what listens there, or listen elsewhere (--http HOST:PORT; port 0 takes a "
                    + "free one)")
        }
    }

    /// The whole server as a value, so that tests can ask it without a socket.
    package var application: some ApplicationProtocol {
        Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "baton/\(BatonVersion.current)", backlog: 1024),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }

    /// The routes, by what they belong together for. Each is made anew for the operations of whoever asks.
    private var groups: [RouteGroup] {
        [
            { RunRoutes(operations: $0).routes }, { BatchRoutes(operations: $0).routes }, { CancelRoutes(operations: $0).routes },
            { ReuseRoutes(operations: $0).routes }, { TaskRoutes(operations: $0).routes }, { AttemptRoutes(operations: $0).routes },
            { ScheduleRoutes(operations: $0).routes }, { [keepAlive] in EventRoutes(operations: $0, keepAlive: keepAlive).routes },
            { HandlerRoutes(operations: $0).routes }, { SignalRoutes(operations: $0).routes },
            { PictureRoutes(operations: $0).routes }, { WhyRoutes(operations: $0).routes },
            { ClusterRoutes(operations: $0).routes }, { MetricsRoutes(operations: $0).routes },
        ]
    }

    /// All that it answers.
    var signatures: [Route.Signature] { groups.flatMap { $0(operations).map(\.signature) } }

    private var router: Router<APIContext> {
        let groups = groups
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(known: signatures))
        if let access { router.add(middleware: AccessMiddleware(access: access)) }
        for group in groups {
            for (index, route) in group(operations).enumerated() {
                router.on(RouterPath(route.signature.path), method: route.signature.method) { [operations] request, context in
                    guard let identity = context.identity else { return try await route.handle(request, context) }
                    let own = OwnedOperations(operations, as: identity)
                    return try await group(own)[index].handle(request, context)
                }
            }
        }
        return router
    }
}

private typealias RouteGroup = @Sendable (any Operations) -> [Route]
