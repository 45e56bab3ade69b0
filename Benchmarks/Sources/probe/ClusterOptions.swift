import ArgumentParser

/// Which cluster, on which broker.
struct ClusterOptions: ParsableArguments {
    @Option(help: "The broker's address.")
    var amqpUrl: String

    @Option(help: "What the cluster's names on the broker start with.")
    var namespace = "baton"
}
