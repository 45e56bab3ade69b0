import ArgumentParser
import BatonModel

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Lists what happened in a run, oldest first.",
        discussion: """
            Examples:
              baton events 01JD8Z6T9Q
              baton events 01JD8Z6T9Q --follow
              baton events 01JD8Z6T9Q --after 120 --json     one event a line
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Flag(help: "Wait for more until the run ends.")
    var follow = false

    @Option(help: "Only events after this one.")
    var after = 0

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            var line = EventLine(style: Terminal().style)
            let show = { (event: EventView) in
                Terminal.standardOutput(options.json ? JSONText.line(event) : line.text(event))
            }
            if follow {
                for try await event in client.events(of: run, after: after) { show(event) }
                return
            }
            var last = after
            while true {
                let events = try await client.history(of: run, after: last)
                for event in events { show(event) }
                guard let id = events.last?.id else { return }
                last = id
            }
        }
    }
}
