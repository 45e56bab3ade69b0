import ArgumentParser
import BatonModel

struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Makes a copy of an ended run that is never changed.",
        discussion: """
            Examples:
              baton archive 01JD8Z6T9Q
              baton archive 01JD8Z6T9Q --name order-2026 --key order-42-archive
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @OptionGroup var reuse: ReuseOptions

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let made = try await client.archive(run, reuse.request).submitted
            if options.json { return Terminal.standardOutput(JSONText.pretty(made)) }
            Terminal.standardOutput("run \(made.id) is an archive of \(run), and stays as it is: baton get \(made.id)")
        }
    }
}
