import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Submits a graph and shows it until it ends; or several graphs at once.",
        discussion: """
            Examples:
              baton run order.yaml
              baton run order.yaml --key order-42     the same graph under the same key runs once
              cat order.json | baton run - --detach   prints the run's id and returns
              baton run orders/*.yaml                 submits them together, and says how each ended
            """)

    @Argument(help: "Graph documents, JSON or YAML; - for the standard input.", completion: .document)
    var file: [String]

    @Option(help: "The idempotency key, of a single graph.")
    var key: String?

    @Flag(help: "Print the run's id and don't wait for its end.")
    var detach = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard file.count > 1 else { return }
        if key != nil { throw ValidationError("--key is for a single graph: write 'key: …' into each document instead") }
        if file.filter({ $0 == "-" }).count > 1 { throw ValidationError("the standard input can be read once only: give '-' once") }
    }

    func run() async throws {
        try await options.run { client in
            let session = RunSession(client: client, json: options.json)
            let status =
                if file.count == 1 {
                    try await session.run(file: file[0], key: key, detach: detach)
                } else {
                    try await session.run(files: file, detach: detach)
                }
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }
}
