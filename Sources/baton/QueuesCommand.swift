import ArgumentParser
import BatonModel

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "Lists the queues with their ready work and workers.",
        discussion: """
            For each priority: how many tasks wait for room with the broker + how many the broker and the workers have.

            Examples:
              baton queues
              baton queues --json
            """)

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let queues = try await client.queues()
            if options.json { return Terminal.standardOutput(JSONText.pretty(queues)) }
            let priorities = Priority.allCases
            var table = Table(["QUEUE"] + priorities.map { "\($0)".uppercased() } + ["WORKERS", "SLOTS"])
            for queue in queues {
                let levels = priorities.map { priority in
                    queue.levels.first { $0.priority == priority }.map { Table.Cell("\($0.waiting)+\($0.published)") } ?? "-"
                }
                table.add(
                    [.init(queue.name.rawValue, .bold)] + levels
                        + [.init("\(queue.workers)", queue.workers == 0 ? .yellow : nil), .init("\(queue.slots)")])
            }
            Terminal.show(table, orElse: "no queues")
        }
    }
}
