import ArgumentParser
import BatonDrawing
import BatonModel

struct TimelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Shows when each attempt of a run waited and ran.",
        discussion: """
            ·· waited   ██ ran   ▒▒ failed   ░░ cancelled

            Examples:
              baton timeline 01JD8Z6T9Q
              baton timeline 01JD8Z6T9Q -o order.svg
              baton timeline 01JD8Z6T9Q --json
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Option(name: .shortAndLong, help: "The file to write an SVG to, or JSON where its name ends so.")
    var output: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            if let output {
                let format: PictureFormat = options.json || PictureFile.format(of: output) == .json ? .json : .svg
                return try PictureFile.write(try await client.timeline(of: run, as: format), to: output)
            }
            let timeline = try await client.timeline(of: run)
            if options.json { return Terminal.standardOutput(JSONText.pretty(timeline)) }
            let terminal = Terminal()
            Terminal.standardOutput(TimelineText(style: terminal.style).lines(timeline, width: terminal.size.width).joined(separator: "\n"))
        }
    }
}
