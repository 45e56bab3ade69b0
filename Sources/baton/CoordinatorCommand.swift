import ArgumentParser
import BatonCoordinator
import BatonModel

struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Runs a coordinator: it keeps the graphs and hands out their tasks.",
        discussion: """
            Examples:
              baton coordinator
              baton coordinator --config /etc/baton.yaml
              baton coordinator --amqp-url amqp://baton:secret@rabbit:5672/prod --database /var/lib/baton/baton.sqlite
              baton coordinator --http 0.0.0.0:7070 --tokens /etc/baton/tokens
              baton coordinator --celery-queue celery --celery-queue reports=slow
            """)

    @OptionGroup var broker: BrokerOptions

    @Option(help: "The database's file. (BATON_DATABASE; default: baton.sqlite)", completion: .file())
    var database: String?

    @Option(help: "Where the HTTP API listens. (BATON_HTTP; default: 127.0.0.1:7070)")
    var http: String?

    @Flag(help: "Without access control, let the HTTP API listen where other machines can reach it. (BATON_ALLOW_REMOTE)")
    var allowRemote = false

    @OptionGroup var access: AccessOptions

    @OptionGroup var retention: RetentionOptions

    @Option(
        name: .customLong("celery-queue"),
        help: ArgumentHelp(
            """
            Take the tasks that Celery applications send to this queue of the broker, for Baton's queue QUEUE (default: default); \
            can be given several times. (BATON_CELERY_QUEUES, with commas between; default: none)
            """, valueName: "name[=queue]"))
    var celeryQueues: [String] = []

    @OptionGroup var log: LogOptions

    /// Of the options, else of the environment.
    private func celery() throws -> [CeleryQueue] {
        let named = (Environment.text("BATON_CELERY_QUEUES") ?? "").split(separator: ",")
            .map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
        return try (celeryQueues.isEmpty ? named : celeryQueues).map { text in
            guard let queue = CeleryQueue(text: text) else {
                throw UsageError("'\(text)' is not a queue as NAME or NAME=QUEUE, with \(NameRule.explanation) for QUEUE")
            }
            return queue
        }
    }

    func run() async throws {
        LogOptions.bootstrap(level: log.level)
        try await startCoordinator(
            CoordinatorOptions(
                amqpURL: broker.url, namespace: broker.prefix,
                database: database ?? Environment.text("BATON_DATABASE") ?? "baton.sqlite",
                http: http ?? Environment.text("BATON_HTTP") ?? "127.0.0.1:7070",
                allowRemote: allowRemote || Environment.isOn("BATON_ALLOW_REMOTE"), access: access.configuration,
                requireOwner: access.requiresOwner, retention: try retention.retention(),
                celeryQueues: try celery(), logLevel: log.level))
    }
}
