import ArgumentParser
import BatonModel

struct SignalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Sends a signal to a run.",
        discussion: """
            In a graph, the task of the signal's name that waits for an answer is completed with the payload.

            Examples:
              baton signal 01JD8Z6T9Q approve
              baton signal 01JD8Z6T9Q approve --payload '{"by": "kim"}'
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Argument(help: "The signal's name.")
    var name: String

    @Option(help: "What it carries, as JSON.")
    var payload: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let payload: JSON
        do {
            payload = try self.payload.map { try JSON(parsing: $0) } ?? .null
        } catch {
            throw ValidationError("--payload is not JSON: \(error). A text needs its quotes: --payload '\"yes\"'")
        }
        try await options.run { client in
            let view = try await client.signal(name, run: run, payload: payload)
            if options.json { return Terminal.standardOutput(JSONText.pretty(view)) }
            Terminal.standardOutput("\(view.task) of \(view.run): \(view.status.rawValue)")
        }
    }
}
