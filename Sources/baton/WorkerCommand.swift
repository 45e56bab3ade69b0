import ArgumentParser
import BatonModel
import Foundation

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs a worker with the built-in handlers.",
        discussion: """
            Examples:
              baton worker
              baton worker --queues default,reports --slots 8
              baton worker --config /etc/baton.yaml
              baton worker --tags gpu --allow-shell
            """)

    @OptionGroup var broker: BrokerOptions

    @Option(help: "The queues to take work from, with commas between. (BATON_QUEUES; default: default)")
    var queues: String?

    @Option(help: "How many tasks to run at once. (BATON_SLOTS; default: the number of processors)")
    var slots: Int?

    @Option(help: "Words that describe the worker, with commas between. (BATON_TAGS)")
    var tags: String?

    @Flag(help: "Offer core.shell: whoever can submit graphs can then run any program here. (BATON_ALLOW_SHELL)")
    var allowShell = false

    @OptionGroup var log: LogOptions

    func validate() throws {
        if let slots, slots < 1 { throw ValidationError("--slots must be at least 1") }
        if let wrong = queues?.listed.first(where: { !NameRule.allows($0) }) {
            throw ValidationError("--queues: '\(wrong)' is not a name, which has \(NameRule.explanation)")
        }
        if queues?.listed.isEmpty == true { throw ValidationError("--queues must name at least one queue") }
    }

    func run() async throws {
        LogOptions.bootstrap(level: log.level)
        try await startWorker(
            WorkerOptions(
                amqpURL: broker.url, namespace: broker.prefix, queues: queues?.listed, slots: slots, tags: tags?.listed,
                allowShell: allowShell, logLevel: log.level))
    }
}

extension String {
    /// The parts between commas.
    fileprivate var listed: [String] {
        split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
