import ArgumentParser
import BatonModel

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Shows what the attempts of a task have logged.",
        discussion: """
            At most 1,000 lines of an attempt are kept; a last line says so where there were more.

            Examples:
              baton logs 01JD8Z6T9Q charge
              baton logs 01JD8Z6T9Q charge --attempt 2
              baton logs 01JD8Z6T9Q charge --json     one line of the log a line
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Argument(help: "The task's id.")
    var task: TaskID

    @Option(help: "Only of this attempt.")
    var attempt: Int?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let style = Terminal().style
            var cursor: String?
            var shown: Int?
            var isEmpty = true
            repeat {
                let page = try await client.logs(of: task, in: run, attempt: attempt, limit: 1000, cursor: cursor)
                for line in page.items {
                    isEmpty = false
                    if options.json {
                        Terminal.standardOutput(JSONText.line(line))
                        continue
                    }
                    if line.attempt != shown, attempt == nil {
                        shown = line.attempt
                        Terminal.standardOutput(style("attempt \(line.attempt ?? 0)", .bold))
                    }
                    Terminal.standardOutput(Self.text(line, style))
                }
                cursor = page.cursor
            } while cursor != nil
            if isEmpty, !options.json { Terminal.standardError("no lines: the handler logs them with context.log(…)") }
        }
    }

    private static func text(_ line: LogLine, _ style: Style) -> String {
        let level = line.level.rawValue.uppercased()
        let padded = level + String(repeating: " ", count: max(0, 8 - level.count))
        let data = line.data.map { " \($0)" } ?? ""
        return "\(line.at)  \(style(padded, line.level.colour))  \(Terminal.clean(line.message + data))"
    }
}

extension LogLine.Level {
    fileprivate var colour: Style.Colour? {
        switch self {
        case .trace, .debug, .info, .notice: nil
        case .warning: .yellow
        case .error, .critical: .red
        }
    }
}
