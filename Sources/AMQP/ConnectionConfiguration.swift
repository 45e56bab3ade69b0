/// Where and how to connect.
public struct ConnectionConfiguration: Sendable {
    public var host: String
    public var port: Int
    public var virtualHost: String
    public var user: String
    public var password: String
    /// Nil for plain TCP.
    public var tls: TLS?
    /// After two of these without a sign of life the connection counts as lost. Whole seconds, 1 s to 65,535 s.
    public var heartbeat: Duration = .seconds(10)
    /// The bound for opening the socket, and again for the AMQP handshake.
    public var connectTimeout: Duration = .seconds(10)
    /// The bound for the answer to a declaration, consume or get; then it fails with `timeout`.
    public var operationTimeout: Duration = .seconds(30)
    /// When the broker takes no byte of what is being sent for this long, the connection is cut and made again.
    public var sendTimeout: Duration = .seconds(30)
    /// How long a stopping connection waits for outstanding confirms.
    public var drainTimeout: Duration = .seconds(5)
    /// The largest frame, in bytes; headers and properties of a message must fit into one. At least 8,192.
    public var frameMax: Int = 131_072
    /// Reconnect delays are random between zero and a bound that starts here, doubles, and ends at `reconnectMaximum`.
    public var reconnectMinimum: Duration = .milliseconds(100)
    public var reconnectMaximum: Duration = .seconds(30)
    /// Publications on the wire without a confirm; the rest waits in order.
    public var maxUnconfirmed: Int = 1_000
    /// Shown in the broker's list of connections.
    public var connectionName: String?

    /// Certificates and checks of a TLS connection (1.2 or newer).
    public struct TLS: Sendable {
        /// PEM file of the certificate authorities to trust.
        public var caFile: String
        /// PEM file of the client's own certificate, together with `keyFile`; nil for none.
        public var certificateFile: String?
        /// PEM file of the private key, without a password.
        public var keyFile: String?
        /// Whether the broker's certificate must be signed by a trusted authority. Only tests should turn it off.
        public var verifyPeer: Bool
        /// Whether the certificate must name the host. Only DNS names are compared, so an IP address never matches.
        public var verifyHost: Bool

        public init(
            caFile: String = "/etc/ssl/certs/ca-certificates.crt", certificateFile: String? = nil,
            keyFile: String? = nil, verifyPeer: Bool = true, verifyHost: Bool = true
        ) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.verifyPeer = verifyPeer
            self.verifyHost = verifyHost
        }
    }

    public init(
        host: String = "127.0.0.1", port: Int = 5672, virtualHost: String = "/", user: String = "guest",
        password: String = "guest", tls: TLS? = nil
    ) {
        self.host = host
        self.port = port
        self.virtualHost = virtualHost
        self.user = user
        self.password = password
        self.tls = tls
    }

    func validate() throws(AMQPError) {
        func check(_ holds: Bool, _ text: String) throws(AMQPError) {
            if !holds { throw AMQPError(.invalidArgument, text, context: "connection configuration") }
        }
        try check(!host.isEmpty, "the host is empty")
        try check((1...65_535).contains(port), "port \(port) is not between 1 and 65535")
        try check(virtualHost.utf8.count <= 255, "the virtual host is longer than 255 bytes")
        try check((8_192...2_097_152).contains(frameMax), "frameMax \(frameMax) is not between 8192 and 2097152")
        try check((1...65_535).contains(heartbeat.components.seconds), "the heartbeat must be 1 to 65535 seconds")
        try check(maxUnconfirmed > 0, "maxUnconfirmed must be positive")
        try check(connectTimeout > .zero && operationTimeout > .zero && sendTimeout > .zero, "timeouts must be positive")
        try check(
            reconnectMinimum > .zero && reconnectMaximum >= reconnectMinimum,
            "reconnectMinimum must be positive and not above reconnectMaximum")
        for text in [host, virtualHost, user, password] {
            try check(!text.utf8.contains(0), "host, virtual host, user and password can't hold a zero byte")
        }
        if let tls {
            try check(
                (tls.certificateFile == nil) == (tls.keyFile == nil), "certificateFile and keyFile go together")
        }
    }
}
