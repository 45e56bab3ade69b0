import ArgumentParser
import Foundation

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Runs coordinator, worker and an in-memory broker in one process.",
        discussion: """
            Nothing has to be installed or started beside it.

            Examples:
              baton dev                  stays up; then: baton run order.yaml
              baton dev order.yaml       runs the graph and exits with its code
            """)

    @Argument(help: "A graph document to run; without one, dev stays up.", completion: .document)
    var file: String?

    @Option(help: "The database's file. (default: a temporary one)", completion: .file())
    var database: String?

    @Option(help: "Where the HTTP API listens. (BATON_HTTP; default: 127.0.0.1:7070, or any free port with FILE)")
    var http: String?

    @Option(help: "How many tasks to run at once. (default: the number of processors)")
    var slots: Int?

    @OptionGroup var log: LogOptions

    @OptionGroup var config: ConfigOption

    @Flag(help: "With FILE: write JSON instead of text for people.")
    var json = false

    func validate() throws {
        if let slots, slots < 1 { throw ValidationError("--slots must be at least 1") }
    }

    func run() async throws {
        // Beside a run's own lines, only what is wrong is of interest.
        let level = file == nil || log.logLevel != nil ? log.level : .warning
        LogOptions.bootstrap(level: level)
        let address = http ?? Environment.text("BATON_HTTP") ?? (file == nil ? "127.0.0.1:7070" : "127.0.0.1:0")
        let status = try await startDev(
            DevOptions(file: file, database: database, http: address, slots: slots, json: json, logLevel: level))
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
