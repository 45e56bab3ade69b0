import ArgumentParser

/// Which broker, and which cluster on it.
struct BrokerOptions: ParsableArguments {
    @Option(
        help: """
            RabbitMQ's address; amqps:// for TLS, with ?cacertfile=FILE&certfile=FILE&keyfile=FILE where needed. \
            (BATON_AMQP_URL; default: amqp://guest:guest@127.0.0.1:5672/)
            """)
    var amqpUrl: String?

    @Option(help: "What the names on the broker start with, so that clusters can share one. (BATON_NAMESPACE; default: baton)")
    var namespace: String?

    @OptionGroup var file: ConfigOption

    var url: String { amqpUrl ?? Environment.text("BATON_AMQP_URL") ?? "amqp://guest:guest@127.0.0.1:5672/" }
    var prefix: String { namespace ?? Environment.text("BATON_NAMESPACE") ?? "baton" }
}
