import ArgumentParser
import BatonModel

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Shows a run, or one of its tasks with inputs, result and attempts.",
        discussion: """
            Examples:
              baton get 01JD8Z6T9Q
              baton get 01JD8Z6T9Q charge
              baton get 01JD8Z6T9Q charge --json
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Argument(help: "A task of the run.")
    var task: TaskID?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            if let task {
                let view = try await client.task(task, of: run)
                Terminal.standardOutput(options.json ? JSONText.pretty(view) : Fields(view).text)
            } else {
                let view = try await client.run(run)
                Terminal.standardOutput(options.json ? JSONText.pretty(view) : Fields(view).text)
            }
        }
    }
}
