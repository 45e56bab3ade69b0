import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Submits a graph and shows it until it ends.",
        discussion: """
            Examples:
              baton run order.yaml
              baton run order.yaml --key order-42     the same graph under the same key runs once
              cat order.json | baton run - --detach   prints the run's id and returns
            """)

    @Argument(help: "A graph document, JSON or YAML; - for the standard input.")
    var file: String

    @Option(help: "The idempotency key.")
    var key: String?

    @Flag(help: "Print the run's id and don't wait for its end.")
    var detach = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let status = try await RunSession(client: client, json: options.json).run(file: file, key: key, detach: detach)
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }
}
