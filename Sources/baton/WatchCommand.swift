import ArgumentParser
import BatonModel

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows a run until it ends, and its results.",
        discussion: """
            Examples:
              baton watch 01JD8Z6T9Q
              baton watch 01JD8Z6T9Q --json     one event a line, and the run at the end
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let status = try await RunSession(client: client, json: options.json).follow(try await client.run(run))
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }
}
