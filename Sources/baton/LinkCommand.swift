import ArgumentParser
import BatonModel

struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Makes a completed run that shows an earlier one's results.",
        discussion: """
            Nothing runs again; the original must have completed.

            Examples:
              baton link 01JD8Z6T9Q
              baton link 01JD8Z6T9Q --task charge --upstream --name report
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @OptionGroup var reuse: ReuseOptions

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let made = try await client.link(run, reuse.request).submitted
            if options.json { return Terminal.standardOutput(JSONText.pretty(made)) }
            Terminal.standardOutput("run \(made.id) shows the results of \(run): baton tree \(made.id)")
        }
    }
}
