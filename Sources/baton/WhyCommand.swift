import ArgumentParser
import BatonModel

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Says what a task waits for, or why it ended; without a task, what holds the run up.",
        discussion: """
            Examples:
              baton why 01JD8Z6T9Q
              baton why 01JD8Z6T9Q ship
              baton why 01JD8Z6T9Q ship --json
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Argument(help: "A task of the run.")
    var task: TaskID?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let text = WhyText(style: Terminal().style)
            if let task {
                let view = try await client.why(task, of: run)
                Terminal.standardOutput(options.json ? JSONText.pretty(view) : text.lines(view).joined(separator: "\n"))
            } else {
                let view = try await client.why(run)
                Terminal.standardOutput(options.json ? JSONText.pretty(view) : text.lines(view).joined(separator: "\n"))
            }
        }
    }
}
