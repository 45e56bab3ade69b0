import BatonBroker
public import BatonModel
public import Logging

extension Worker {
    /// A worker with connections of its own to RabbitMQ at `configuration.amqpURL`. Nothing is connected before `run`.
    ///
    /// - Parameters:
    ///   - queues: instead of the configuration's.
    ///   - slots: instead of the configuration's: attempts that run at the same time.
    /// - Throws: `WorkerConfigurationError` that names a setting out of its range, `BrokerError` for a wrong address.
    public convenience init(
        _ configuration: WorkerConfiguration, queues: [QueueName]? = nil, slots: Int? = nil,
        logger: Logger = Logger(label: "baton.worker")
    ) throws {
        var configuration = configuration
        if let queues { configuration.queues = queues }
        if let slots { configuration.slots = slots }
        try self.init(
            configuration: configuration, broker: try AMQPBroker(url: configuration.amqpURL, logger: logger), logger: logger)
    }
}
