import ArgumentParser
import BatonModel

struct MixedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mixed",
        abstract: "Makes a new run in which some tasks show an earlier run's results and the others run again.",
        discussion: """
            Examples:
              baton mixed 01JD8Z6T9Q --link validate quote
              baton mixed 01JD8Z6T9Q --link validate --key order-42-again --detach
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Option(name: .customLong("link"), parsing: .upToNextOption, help: "The tasks whose results are taken over; they must have completed.")
    var link: [TaskID]

    @OptionGroup var reuse: ReuseOptions

    @Flag(help: "Print the new run's id and don't wait for its end.")
    var detach = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        if link.isEmpty { throw ValidationError("--link must name the tasks to be linked; to link none, use 'baton copy'") }
    }

    func run() async throws {
        try await options.run { client in
            let made = try await client.mixed(run, link: link, reuse.request).submitted
            let status = try await RunSession(client: client, json: options.json).show(made, detach: detach)
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }
}
