import CRabbitMQ
import Glibc

/// One connection of the library: socket, handshake, and the calls to send. Receiving is in `Transport+Receive`.
///
/// Not `Sendable`: made, used and released by one connection's thread, since the library allows no other. It never waits
/// for an answer after the handshake: answers come as frames, so nothing but a full socket can hold the thread up.
final class Transport {
    let connection: amqp_connection_state_t
    /// A duplicate of the library's descriptor. The library may close its own at any time, after which the number could
    /// belong to somebody else; this one is ours until `deinit`.
    let descriptor: Int32
    let frameMax: Int
    let channelMax: Int
    let heartbeat: Int
    var arena = Arena()
    var strings = StringCache()
    /// Messages whose frames are still arriving, by channel.
    var assembling: [Assembly?] = []
    private var corked = false

    /// Connects and logs in; takes at most twice `connectTimeout` plus the name resolution.
    /// - Parameter opened: told the descriptor as soon as there is one, so that another thread can shut it down.
    init(_ configuration: ConnectionConfiguration, opened: (Int32) -> Void) throws(AMQPError) {
        guard let connection = amqp_new_connection() else {
            throw AMQPError(.connectionFailed, "out of memory")
        }
        var duplicate: Int32 = -1
        do throws(AMQPError) {
            try Self.open(connection, configuration)
            duplicate = fcntl(amqp_get_sockfd(connection), F_DUPFD_CLOEXEC, 0)
            guard duplicate >= 0 else { throw AMQPError(.connectionFailed, "no descriptor left (errno \(errno))") }
            opened(duplicate)
            try Self.login(connection, configuration)
        } catch {
            amqp_destroy_connection(connection)
            if duplicate >= 0 {
                opened(-1)
                Glibc.close(duplicate)
            }
            throw error
        }
        self.connection = connection
        descriptor = duplicate
        frameMax = Int(amqp_get_frame_max(connection))
        channelMax = max(1, Int(amqp_get_channel_max(connection)))
        heartbeat = Int(amqp_get_heartbeat(connection))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        amqp_destroy_connection(connection)
        Glibc.close(descriptor)
    }

    private static func open(_ connection: amqp_connection_state_t, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        var timeout = configuration.connectTimeout.timeval
        amqp_set_handshake_timeout(connection, &timeout)
        var closeTimeout = timeval(tv_sec: 2, tv_usec: 0)
        amqp_set_rpc_timeout(connection, &closeTimeout)
        let place = "connect to \(configuration.host):\(configuration.port)"
        let socket: OpaquePointer?
        if let tls = configuration.tls {
            // OpenSSL initialises itself since 1.1; the library's own way is made for older ones.
            amqp_set_initialize_ssl_library(0)
            socket = amqp_ssl_socket_new(connection)
            guard let socket else { throw AMQPError(.tlsFailed, "no TLS context could be made", context: place) }
            amqp_ssl_socket_set_verify_peer(socket, tls.verifyPeer ? 1 : 0)
            amqp_ssl_socket_set_verify_hostname(socket, tls.verifyHost && tls.verifyPeer ? 1 : 0)
            guard amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) == 0 else {
                throw AMQPError(.tlsFailed, "TLS 1.2 is not available", context: place)
            }
            if tls.verifyPeer {
                guard amqp_ssl_socket_set_cacert(socket, tls.caFile) == 0 else {
                    throw AMQPError(.tlsFailed, "no certificate authorities could be read from '\(tls.caFile)'", context: place)
                }
            }
            if let certificate = tls.certificateFile, let key = tls.keyFile {
                guard amqp_ssl_socket_set_key(socket, certificate, key) == 0 else {
                    throw AMQPError(
                        .tlsFailed, "the client certificate '\(certificate)' and its key '\(key)' could not be loaded",
                        context: place)
                }
            }
        } else {
            socket = amqp_tcp_socket_new(connection)
        }
        guard let socket else { throw AMQPError(.connectionFailed, "out of memory", context: place) }
        errno = 0
        let status = amqp_socket_open_noblock(socket, configuration.host, Int32(configuration.port), &timeout)
        guard status == 0 else {
            let failure = errno
            // The library connects without blocking, and looks at the socket's own error without telling it.
            let refusal = "the connection was refused, or nothing answers there"
            let detail = failure == EINPROGRESS ? refusal : String(cString: strerror(failure))
            throw libraryError(status, context: place, detail: failure == 0 ? nil : detail)
        }
    }

    private static func login(_ connection: amqp_connection_state_t, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        var arena = Arena()
        var properties: Headers = [
            "product": "swift-amqp", "platform": "Swift", "information": "AMQP 0-9-1 for Swift concurrency",
            "capabilities": .table([
                "consumer_cancel_notify": true, "connection.blocked": true, "basic.nack": true,
                "publisher_confirms": true, "exchange_exchange_bindings": true, "authentication_failure_close": true,
            ]),
        ]
        if let name = configuration.connectionName { properties["connection_name"] = .string(String(name.prefix(255))) }
        var table = arena.table(properties)
        let place = "log in to \(configuration.host):\(configuration.port), virtual host '\(configuration.virtualHost)'"
        let reply = crabbitmq_login_plain(
            connection, configuration.virtualHost, 0, Int32(configuration.frameMax),
            Int32(configuration.heartbeat.components.seconds), &table, configuration.user, configuration.password)
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD, let decoded = reply.reply.decoded else {
                throw AMQPError(.connectionFailed, "unexpected answer to the login", context: place)
            }
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            let text = String(close.reply_text)
            switch close.reply_code {
            case 403: throw AMQPError(.authenticationRefused, text, replyCode: 403, context: place)
            case 530 where text.contains("not found") || text.contains("refused"):
                throw AMQPError(.virtualHostRefused, text, replyCode: 530, context: place)
            default: throw AMQPError(.connectionFailed, text, replyCode: close.reply_code, context: place)
            }
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw libraryError(reply.library_error, context: place)
        default: throw AMQPError(.connectionFailed, "the broker closed the connection during the handshake", context: place)
        }
    }

    static func libraryError(_ status: Int32, context: String, detail: String? = nil) -> AMQPError {
        var text = String(cString: amqp_error_string2(status))
        if let detail { text += ": \(detail)" }
        let code: AMQPError.Code
        switch amqp_status_enum(status) {
        case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
            AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_SET_ENGINE_FAILED:
            code = .tlsFailed
        case AMQP_STATUS_TIMEOUT: code = .timeout
        case AMQP_STATUS_HEARTBEAT_TIMEOUT:
            text = "no sign of life from the broker for two heartbeats"
            code = .connectionLost
        case AMQP_STATUS_TABLE_TOO_BIG, AMQP_STATUS_INVALID_PARAMETER: code = .invalidArgument
        case AMQP_STATUS_CONNECTION_CLOSED, AMQP_STATUS_SOCKET_ERROR, AMQP_STATUS_SOCKET_CLOSED: code = .connectionLost
        default: code = .connectionFailed
        }
        return AMQPError(code, text, context: context)
    }

    /// The library keeps what the broker announced for as long as the connection lasts.
    var server: ServerProperties {
        let announced = amqp_get_server_properties(connection).map { Headers($0.pointee, cache: &strings) } ?? Headers()
        return ServerProperties(announced: announced, frameMax: frameMax, channelMax: channelMax, heartbeat: heartbeat)
    }

    /// Whether the socket takes more bytes now; when it doesn't, sending would hold the thread up.
    var isWritable: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    /// Between the two, the kernel collects what is sent into full segments instead of sending each frame by itself.
    func cork() {
        guard !corked else { return }
        corked = true
        setCork(1)
    }

    func uncork() {
        guard corked else { return }
        corked = false
        setCork(0)
    }

    private func setCork(_ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Says goodbye and waits up to two seconds for the answer.
    func close() {
        uncork()
        _ = amqp_connection_close(connection, 200)
    }
}
