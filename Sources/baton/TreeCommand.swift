import ArgumentParser
import BatonModel

struct TreeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Draws the tasks of a run under their parents.",
        discussion: """
            ✓ completed   ✗ failed   ▶ running   … waiting   ⊘ cancelled or skipped

            Examples:
              baton tree 01JD8Z6T9Q
              baton tree 01JD8Z6T9Q --json
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let tasks = try await client.allTasks(of: run)
            if options.json { return Terminal.standardOutput(JSONText.pretty(tasks)) }
            let notUndone = Set(try await client.run(run).notUndone ?? [])
            let drawing = TreeDrawing(style: Terminal().style, notUndone: notUndone)
            Terminal.standardOutput(drawing.lines(TaskTree(tasks)).joined(separator: "\n"))
        }
    }
}
