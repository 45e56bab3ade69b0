import AMQP
public import Logging

/// RabbitMQ, over AMQP 0-9-1.
public final class AMQPBroker: Broker {
    private let configuration: ConnectionConfiguration
    private let logger: Logger

    /// - Parameter url: `amqp://user:password@host:port/vhost`, or `amqps://` for TLS.
    /// - Throws: `BrokerError` that says what is wrong with the address.
    public init(url: String, caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, logger: Logger) throws {
        do {
            var configuration = try ConnectionConfiguration(url: url)
            if let caFile { configuration.tls?.caFile = caFile }
            if let certificateFile { configuration.tls?.certificateFile = certificateFile }
            if let keyFile { configuration.tls?.keyFile = keyFile }
            self.configuration = configuration
        } catch {
            throw BrokerError(.other, "the broker's address is wrong: \(error)")
        }
        self.logger = logger
    }

    public func link(_ name: String) -> any BrokerLink {
        var configuration = configuration
        configuration.connectionName = "baton \(name)"
        // A broker beside its cluster: work should go on soon after it is back, and a try every few seconds costs nothing.
        configuration.reconnectMaximum = .seconds(5)
        // A broker that is just starting may never answer what it was asked too early.
        configuration.operationTimeout = .seconds(10)
        return AMQPLink(Connection(configuration, logger: logger))
    }
}
