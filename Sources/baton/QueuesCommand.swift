import ArgumentParser
import BatonClient
import BatonModel

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "Lists the queues with their ready work and workers; pauses and resumes them.",
        discussion: """
            For each priority: how many tasks wait for room with the broker + how many the broker and the workers have.

            Examples:
              baton queues
              baton queues --json
              baton queues pause reports
              baton queues resume reports
            """,
        subcommands: [List.self, Pause.self, Resume.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the queues.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.run { client in
                let queues = try await client.queues()
                if options.json { return Terminal.standardOutput(JSONText.pretty(queues)) }
                Terminal.show(QueuesCommand.table(queues), orElse: "no queues")
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts nothing more of a queue, but for what workers have taken already.",
            discussion: """
                What runs goes on. Submissions are accepted, and wait. It holds until the queue is resumed, over restarts too.

                Examples:
                  baton queues pause reports
                """)

        @Argument(help: "The queue's name.")
        var queue: QueueName

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.run { client in QueuesCommand.show(try await client.pause(queue: queue), options) }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a paused queue go on.",
            discussion: """
                Examples:
                  baton queues resume reports
                """)

        @Argument(help: "The queue's name.")
        var queue: QueueName

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.run { client in QueuesCommand.show(try await client.resume(queue: queue), options) }
        }
    }

    private static func show(_ queue: QueueView, _ options: ClientOptions) {
        if options.json { return Terminal.standardOutput(JSONText.pretty(queue)) }
        Terminal.show(table([queue]), orElse: "")
    }

    private static func table(_ queues: [QueueView]) -> Table {
        let priorities = Priority.allCases
        var table = Table(["QUEUE"] + priorities.map { "\($0)".uppercased() } + ["WORKERS", "SLOTS", "STATE"])
        for queue in queues {
            let levels = priorities.map { priority in
                queue.levels.first { $0.priority == priority }.map { Table.Cell("\($0.waiting)+\($0.published)") } ?? "-"
            }
            table.add(
                [.init(queue.name.rawValue, .bold)] + levels
                    + [
                        .init("\(queue.workers)", queue.workers == 0 ? .yellow : nil), .init("\(queue.slots)"),
                        queue.paused ? .init("paused", .yellow) : "open",
                    ])
        }
        return table
    }
}
