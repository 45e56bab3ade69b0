import ArgumentParser
import BatonModel

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Lists the workers that have been heard of lately.",
        discussion: """
            Examples:
              baton workers
              baton workers --json
            """)

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let workers = try await client.workers()
            if options.json { return Terminal.standardOutput(JSONText.pretty(workers)) }
            var table = Table(["WORKER", "STATE", "HOST", "BUSY", "QUEUES", "TAGS", "LAST SEEN", "HANDLERS"])
            for worker in workers {
                table.add([
                    .init(worker.id.rawValue, .bold), .init(worker.state, worker.state == "running" ? .green : .yellow),
                    .init(worker.host), .init("\(worker.running)/\(worker.slots)"),
                    .init(worker.queues.map(\.rawValue).joined(separator: ",")), .init(worker.tags.joined(separator: ",")),
                    .init("\((Timestamp.now - worker.lastSeenAt).forPeople) ago"),
                    .init(worker.handlers.map(\.rawValue).joined(separator: ",")),
                ])
            }
            Terminal.show(table, orElse: "no workers: start one with 'baton worker'")
        }
    }
}
