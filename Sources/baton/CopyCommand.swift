import ArgumentParser
import BatonModel

struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Makes a new run of an earlier one's tasks, and shows it until it ends.",
        discussion: """
            Examples:
              baton copy 01JD8Z6T9Q
              baton copy 01JD8Z6T9Q --task charge --upstream
              baton copy 01JD8Z6T9Q --task ship --no-children --key order-42-again
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @OptionGroup var reuse: ReuseOptions

    @Flag(help: "Print the new run's id and don't wait for its end.")
    var detach = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let made = try await client.copy(run, reuse.request).submitted
            let status = try await RunSession(client: client, json: options.json).show(made, detach: detach)
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }
}
