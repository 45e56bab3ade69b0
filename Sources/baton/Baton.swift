import ArgumentParser
import Foundation

/// Runs graphs of tasks on workers over RabbitMQ.
@main
struct Baton: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baton",
        abstract: "Runs graphs of tasks on workers over RabbitMQ.",
        discussion: """
            Try it without installing anything else:
              baton dev order.yaml

            Exit codes: 0 done, 1 the run failed or was cancelled, 2 usage or a bad document, 3 can't reach the service.
            Options come from flags, then from BATON_… environment variables.
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(name: "Services", subcommands: [CoordinatorCommand.self, WorkerCommand.self, DevCommand.self]),
            CommandGroup(
                name: "Runs",
                subcommands: [
                    RunCommand.self, WatchCommand.self, GetCommand.self, ListCommand.self, TreeCommand.self, EventsCommand.self,
                    CancelCommand.self, AnswerCommand.self,
                ]),
            CommandGroup(
                name: "Reuse",
                subcommands: [
                    RerunCommand.self, CopyCommand.self, LinkCommand.self, MixedCommand.self, ArchiveCommand.self,
                ]),
            CommandGroup(name: "Schedules", subcommands: [ScheduleCommand.self]),
            CommandGroup(name: "Cluster", subcommands: [WorkersCommand.self, QueuesCommand.self]),
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus(of: error).exit(reporting: error)
        }
    }
}

enum Version {
    static let current = "0.1.0"
}
