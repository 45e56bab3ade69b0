import ArgumentParser
import BatonModel

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Has graphs run again and again.",
        discussion: """
            Examples:
              baton schedule create nightly.yaml
              baton schedule list
              baton schedule pause nightly
            """,
        subcommands: [
            ScheduleCreateCommand.self, ScheduleListCommand.self, ScheduleShowCommand.self, SchedulePauseCommand.self,
            ScheduleResumeCommand.self, ScheduleDeleteCommand.self,
        ])
}

struct ScheduleCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Creates a schedule from a document.",
        discussion: """
            The document has a name, one of every, cron, daily, weekly, monthly, yearly, and the graph to run.

            Examples:
              baton schedule create nightly.yaml
              cat nightly.json | baton schedule create -
            """)

    @Argument(help: "A schedule document, JSON or YAML; - for the standard input.", completion: .document)
    var file: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let document = try DocumentFile(file)
            let view = try await client.createSchedule(document: document.bytes, contentType: document.contentType)
            if options.json { return Terminal.standardOutput(JSONText.pretty(view)) }
            let next = view.next.map { "its first run starts \($0.dateAndTime)" } ?? "it is \(view.status.rawValue)"
            Terminal.standardOutput("schedule \(view.name) is created: \(next)")
        }
    }
}

struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the schedules by name.",
        discussion: """
            Examples:
              baton schedule list
              baton schedule list --limit 10 --json
            """)

    @Option(help: "How many, at most 1000.")
    var limit = 50

    @Option(help: "Where to go on, as the list before said.")
    var cursor: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let page = try await client.schedules(limit: limit, cursor: cursor)
            if options.json { return Terminal.standardOutput(JSONText.pretty(page)) }
            var table = Table(["SCHEDULE", "STATUS", "NEXT", "LAST", "RUNS", "MISSED", "OVERLAPPED"])
            for schedule in page.items {
                table.add([
                    .init(schedule.name, .bold), .init(schedule.status.rawValue, Style.colour(schedule.status)),
                    .init(schedule.next?.dateAndTime ?? "-"), .init(schedule.lastScheduled?.dateAndTime ?? "-"),
                    .init("\(schedule.started)"), .init("\(schedule.missed)"), .init("\(schedule.overlapped)"),
                ])
            }
            Terminal.show(table, orElse: "no schedules: create one with 'baton schedule create FILE'")
            if let cursor = page.cursor { Terminal.standardError("there are more: add --cursor \(cursor)") }
        }
    }
}

struct ScheduleShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows a schedule with its document.",
        discussion: """
            Examples:
              baton schedule show nightly
              baton schedule show nightly --json
            """)

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let view = try await client.schedule(name)
            Terminal.standardOutput(options.json ? JSONText.pretty(view) : Fields(view).text)
        }
    }
}
