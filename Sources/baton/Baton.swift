import ArgumentParser
import BatonModel
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
            Options come from flags, then from BATON_… environment variables, then from a file (--config, BATON_CONFIG, or
            baton.yaml in the current directory).
            Completions: baton --generate-completion-script bash|zsh|fish
            """,
        version: BatonVersion.current,
        groupedSubcommands: [
            CommandGroup(name: "Services", subcommands: [CoordinatorCommand.self, WorkerCommand.self, DevCommand.self]),
            CommandGroup(
                name: "Runs",
                subcommands: [
                    RunCommand.self, WatchCommand.self, GetCommand.self, ListCommand.self, TreeCommand.self, WhyCommand.self,
                    GraphCommand.self, TimelineCommand.self, EventsCommand.self, LogsCommand.self, CancelCommand.self, AnswerCommand.self, SignalCommand.self,
                ]),
            CommandGroup(
                name: "Reuse",
                subcommands: [
                    RerunCommand.self, CopyCommand.self, LinkCommand.self, MixedCommand.self, ArchiveCommand.self,
                ]),
            CommandGroup(name: "Schedules", subcommands: [ScheduleCommand.self]),
            CommandGroup(name: "Cluster", subcommands: [WorkersCommand.self, QueuesCommand.self, HandlersCommand.self, ParkingCommand.self, DoctorCommand.self]),
            CommandGroup(name: "Protocol", subcommands: [ConformanceCommand.self]),
            CommandGroup(name: "Access", subcommands: [TokenCommand.self]),
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
