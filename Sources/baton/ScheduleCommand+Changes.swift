import ArgumentParser
import BatonModel

struct SchedulePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Starts no more runs of a schedule until it is resumed.",
        discussion: """
            Runs under way go on. What would have started meanwhile is left out.

            Examples:
              baton schedule pause nightly
            """)

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let view = try await client.pauseSchedule(name)
            if options.json { return Terminal.standardOutput(JSONText.pretty(view)) }
            Terminal.standardOutput("schedule \(view.name) is \(view.status.rawValue): baton schedule resume \(view.name)")
        }
    }
}

struct ScheduleResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets a paused schedule go on with its next time.",
        discussion: """
            Examples:
              baton schedule resume nightly
            """)

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let view = try await client.resumeSchedule(name)
            if options.json { return Terminal.standardOutput(JSONText.pretty(view)) }
            let next = view.next.map { ": its next run starts \($0.dateAndTime)" } ?? ""
            Terminal.standardOutput("schedule \(view.name) is \(view.status.rawValue)\(next)")
        }
    }
}

struct ScheduleDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Removes a schedule; its runs stay.",
        discussion: """
            Examples:
              baton schedule delete nightly
            """)

    @Argument(help: "The schedule's name.")
    var name: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            try await client.removeSchedule(name)
            if options.json { return Terminal.standardOutput(JSONText.line(["deleted": name])) }
            Terminal.standardOutput("schedule \(name) is deleted; its runs stay: baton list --schedule \(name)")
        }
    }
}
