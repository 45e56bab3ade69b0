package import AMQP
import Logging

/// The broker, as an operator's program reaches it: it gives up at once where a service would go on trying.
package struct BrokerAddress: Sendable {
    let configuration: ConnectionConfiguration

    /// - Throws: `OperatorError` for an address that can't be read.
    package init(url: String) throws(OperatorError) {
        do {
            var configuration = try ConnectionConfiguration(url: url)
            configuration.connectTimeout = .seconds(5)
            configuration.operationTimeout = .seconds(15)
            configuration.drainTimeout = .seconds(5)
            self.configuration = configuration
        } catch {
            throw OperatorError(.invalid, "the broker's address is wrong: \(error.message)")
        }
    }

    var place: String { "\(configuration.host):\(configuration.port)" }

    /// Runs a connection while the body runs.
    ///
    /// - Throws: `AMQPError` where no connection is made at the first try; what the body throws.
    package func withConnection<Value: Sendable>(
        _ name: String, _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        var configuration = configuration
        configuration.connectionName = "baton \(name)"
        // Whoever waits for an answer on the terminal gets the error, and needs no log beside it.
        let connection = Connection(configuration, logger: Logger(label: "baton.operator") { _ in SwiftLogNoOpLogHandler() })
        let states = AsyncStream<ConnectionState>.makeStream()
        connection.onStateChange { states.continuation.yield($0) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            // The group waits for the connection's end, and so for what is on its way to the broker.
            defer { connection.shutdown() }
            try await Self.isUp(states.stream)
            return try await body(connection)
        }
    }

    private static func isUp(_ states: AsyncStream<ConnectionState>) async throws {
        for await state in states {
            switch state {
            case .connected, .blocked: return
            case .connecting(_, let error?): throw error
            case .closed(let error): throw error ?? AMQPError(.closed, "the connection has ended")
            case .idle, .connecting: break
            }
        }
        throw CancellationError()
    }

    /// The error in an operator's terms.
    func explained(_ error: AMQPError) -> OperatorError {
        switch error.code {
        case .authenticationRefused:
            OperatorError(
                .denied,
                "the broker at \(place) refuses the user '\(configuration.user)' or the password: correct --amqp-url; 'guest' is let in from the broker's own machine only")
        case .virtualHostRefused:
            OperatorError(
                .denied,
                "the virtual host '\(configuration.virtualHost)' isn't there, or is closed to '\(configuration.user)': correct --amqp-url, or run 'rabbitmqctl add_vhost' and 'rabbitmqctl set_permissions'")
        case .tlsFailed: OperatorError(.unreachable, "TLS with the broker at \(place) failed: \(error.message)")
        case .connectionFailed, .connectionLost, .timeout:
            OperatorError(.unreachable, "can't reach the broker at \(place): \(error.message): start RabbitMQ there, or set --amqp-url")
        case .accessRefused: OperatorError(.denied, "the user '\(configuration.user)' may not do this: \(error.message)")
        default: OperatorError(.other, "\(error)")
        }
    }
}

/// The value of the body, or nil where it doesn't come in time. The body must heed cancellation.
func inTime<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        return try await group.next() ?? nil
    }
}
