import ArgumentParser
import BatonModel

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancels a run, or one of its tasks.",
        discussion: """
            What has ended already stays as it is.

            Examples:
              baton cancel 01JD8Z6T9Q --reason "wrong customer"
              baton cancel 01JD8Z6T9Q charge
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Argument(help: "A task of the run.")
    var task: TaskID?

    @Option(help: "Why, for those who look at the run later.")
    var reason: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let view =
                if let task {
                    try await client.cancel(task: task, of: run, reason: reason)
                } else {
                    try await client.cancel(run: run, reason: reason)
                }
            if options.json { return Terminal.standardOutput(JSONText.pretty(view)) }
            let subject = task.map { "task \($0)" } ?? "run \(run)"
            switch view.outcome {
            case .cancelled: Terminal.standardOutput("\(subject) is cancelled")
            case .cancelling: Terminal.standardOutput("\(subject) is being cancelled: running work is told to stop")
            case .alreadyEnded: Terminal.standardOutput("\(subject) has ended already: \(view.status)")
            }
        }
    }
}
