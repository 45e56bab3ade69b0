import ArgumentParser

struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Runs a coordinator: it keeps the graphs and hands out their tasks.",
        discussion: """
            Examples:
              baton coordinator
              baton coordinator --amqp-url amqp://baton:secret@rabbit:5672/prod --database /var/lib/baton/baton.sqlite
            """)

    @OptionGroup var broker: BrokerOptions

    @Option(help: "The database's file. (BATON_DATABASE; default: baton.sqlite)")
    var database: String?

    @Option(help: "Where the HTTP API listens. (BATON_HTTP; default: 127.0.0.1:7070)")
    var http: String?

    @Flag(help: "Let the HTTP API listen where other machines can reach it. It has no access control.")
    var allowRemote = false

    @OptionGroup var log: LogOptions

    func run() async throws {
        LogOptions.bootstrap(level: log.level)
        try await startCoordinator(
            CoordinatorOptions(
                amqpURL: broker.url, namespace: broker.prefix,
                database: database ?? Environment.text("BATON_DATABASE") ?? "baton.sqlite",
                http: http ?? Environment.text("BATON_HTTP") ?? "127.0.0.1:7070", allowRemote: allowRemote, logLevel: log.level))
    }
}
