package import AMQP

/// What the broker says of itself at the start of a connection.
package struct ServerCheck: Sendable {
    let server: ServerProperties

    package init(_ server: ServerProperties) { self.server = server }

    package var findings: [Finding] {
        let product = server.product ?? "an unnamed broker"
        let version = server.version ?? ""
        return [Self.version(product, version), Self.capabilities { server.has(capability: $0) }, connection]
    }

    /// Quorum queues with dead letters that are not lost, and messages' times in them: since 3.10.
    package static func version(_ product: String, _ version: String) -> Finding {
        let check = "broker.version"
        guard product == "RabbitMQ" else {
            return Finding(
                check, .warning, "the broker is \(product) \(version), which Baton has not been tested with",
                remedy: "use RabbitMQ 3.10 or later")
        }
        let parts = version.split(whereSeparator: { $0 == "." || $0 == "-" || $0 == "+" }).prefix(2).map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else {
            return Finding(check, .warning, "RabbitMQ doesn't say its version ('\(version)')", remedy: "see that it is 3.10 or later")
        }
        guard (major, minor) >= (3, 10) else {
            return Finding(
                check, .problem, "RabbitMQ \(version) is too old: it has no quorum queues that keep their dead letters",
                remedy: "upgrade to RabbitMQ 3.10 or later")
        }
        return Finding(check, .ok, "RabbitMQ \(version), which has quorum queues")
    }

    /// Without these a client doesn't hear of a deleted queue, a full broker or a message that was not taken.
    package static func capabilities(_ has: (String) -> Bool) -> Finding {
        let missing = ["publisher_confirms", "consumer_cancel_notify", "connection.blocked", "basic.nack"].filter { !has($0) }
        guard missing.isEmpty else {
            return Finding(
                "broker.capabilities", .problem, "the broker can't do: \(missing.joined(separator: ", "))",
                remedy: "connect to RabbitMQ 3.10 or later itself, not through a proxy that speaks AMQP")
        }
        return Finding("broker.capabilities", .ok, "confirms, notices of cancelled consumers and of alarms are available")
    }

    private var connection: Finding {
        let agreed = "agreed on: heartbeat \(server.heartbeat) s, frames of \(server.frameMax) bytes, \(server.channelMax) channels"
        if server.heartbeat == 0 || server.heartbeat > 60 {
            return Finding(
                "broker.connection", .warning, "\(agreed): a dead peer is noticed late, if at all",
                remedy: "set a heartbeat of 10 in rabbitmq.conf, or leave it at its default")
        }
        if server.frameMax < 8192 {
            return Finding(
                "broker.connection", .problem, "\(agreed): messages' headers may not fit into a frame",
                remedy: "leave frame_max in rabbitmq.conf at its default of 131072")
        }
        return Finding("broker.connection", .ok, agreed)
    }
}
