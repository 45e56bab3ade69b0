import ArgumentParser
import BatonModel

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists runs, newest first.",
        discussion: """
            Examples:
              baton list
              baton list --name order --status failed --limit 10
              baton list --schedule nightly
              baton list --json
            """)

    @Option(help: "Only graphs of this name.")
    var name: String?

    @Option(help: "Only runs of this status: \(RunStatus.allCases.map(\.rawValue).joined(separator: ", ")).")
    var status: RunStatus?

    @Option(help: "Only runs of this owner.")
    var owner: String?

    @Option(help: "Only runs of this correlation id.")
    var correlationId: String?

    @Option(help: "Only runs of this family: children, copies, links and archives of its first run.")
    var family: RunID?

    @Option(help: "Only runs that were made from this one.")
    var origin: RunID?

    @Option(help: "Only runs that this schedule started.")
    var schedule: String?

    @Option(help: "How many, at most 1000.")
    var limit = 50

    @Option(help: "Where to go on, as the list before said.")
    var cursor: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let filter = RunFilter(
                name: name, status: status, owner: owner, correlationID: correlationId, family: family, origin: origin,
                schedule: schedule)
            let page = try await client.runs(filter, limit: limit, cursor: cursor)
            if options.json { return Terminal.standardOutput(JSONText.pretty(page)) }
            var table = Table(["RUN", "NAME", "STATUS", "PROGRESS", "TASKS", "CREATED", "TOOK"])
            for run in page.items {
                table.add([
                    .init(run.id.rawValue, .bold), .init(run.name), .init(run.status.rawValue, Style.colour(run.status)),
                    .init("\(Int(run.progress * 100)) %"), .init("\(run.total)"), .init(run.createdAt.dateAndTime),
                    .init(((run.finishedAt ?? .now) - run.createdAt).forPeople),
                ])
            }
            Terminal.show(table, orElse: "no runs")
            if let cursor = page.cursor { Terminal.standardError("there are more: add --cursor \(cursor)") }
        }
    }
}

extension Terminal {
    /// The table, or a remark where it has no rows.
    static func show(_ table: Table, orElse remark: String) {
        if table.rows.isEmpty { return standardError(remark) }
        standardOutput(table.lines(Terminal().style).joined(separator: "\n"))
    }
}
