import ArgumentParser
import BatonClient
import BatonModel

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancels runs, or tasks of a run.",
        discussion: """
            What has ended already stays as it is. Runs are given by their ids, or by what they have in common: then those are
            cancelled that all of the options fit.

            Examples:
              baton cancel 01jd8z6t9qk3m5n7p9r1s3t5v7 --reason "wrong customer"
              baton cancel 01jd8z6t9qk3m5n7p9r1s3t5v7 --task charge ship
              baton cancel 01jd8z6t9qk3m5n7p9r1s3t5v7 01jd8z6t9rwxyz0123456789ab
              baton cancel --name import --status running
              baton cancel --correlation-id cart-7
            """)

    @Argument(help: "The runs' ids; after a single run, also the name of one of its tasks.")
    var runs: [String] = []

    @Option(name: .customLong("task"), parsing: .upToNextOption, help: "Only these tasks of the run.")
    var tasks: [TaskID] = []

    @Option(help: "All runs of this correlation id.")
    var correlationId: String?

    @Option(help: "All runs of graphs of this name.")
    var name: String?

    @Option(help: "All runs of this owner.")
    var owner: String?

    @Option(help: "All runs of this status: running or compensating.")
    var status: RunStatus?

    @Option(help: "All runs of this family: children, copies and links of its first run.")
    var family: RunID?

    @Option(help: "Why, for those who look at the runs later.")
    var reason: String?

    @OptionGroup var options: ClientOptions

    private var hasFilter: Bool { correlationId != nil || name != nil || owner != nil || status != nil || family != nil }

    func validate() throws {
        guard !runs.isEmpty || hasFilter else {
            throw ValidationError(
                "name the runs to cancel, or what they have in common: --correlation-id, --name, --owner, --status, --family")
        }
        if !tasks.isEmpty, runs.count != 1 || hasFilter { throw ValidationError("--task goes with exactly one run") }
    }

    func run() async throws {
        try await options.run { client in
            var ids = runs.map { RunID($0) }
            var tasks = tasks
            if !hasFilter, ids.count == 2, !ids[1].looksGenerated { tasks = [TaskID(ids.removeLast().rawValue)] }
            guard !hasFilter, ids.count == 1, tasks.count < 2 else { return try await cancelMany(ids, tasks, client) }
            let view =
                if let task = tasks.first {
                    try await client.cancel(task: task, of: ids[0], reason: reason)
                } else {
                    try await client.cancel(run: ids[0], reason: reason)
                }
            Terminal.standardOutput(options.json ? JSONText.pretty(view) : Self.text(view))
        }
    }

    private func cancelMany(_ runs: [RunID], _ tasks: [TaskID], _ client: BatonClient) async throws {
        let references = tasks.map { TaskReference(run: runs[0], task: $0) }
        let view = try await client.cancel(
            CancelManyRequest(
                runs: runs.isEmpty || !tasks.isEmpty ? nil : runs, tasks: tasks.isEmpty ? nil : references, correlationId: correlationId,
                name: name, owner: owner, status: status, family: family, reason: reason))
        if options.json {
            Terminal.standardOutput(JSONText.pretty(view))
        } else {
            for outcome in view.outcomes { Terminal.standardOutput(Self.text(outcome)) }
            let counts = [
                (view.cancelled, "cancelled"), (view.cancelling, "being cancelled"), (view.alreadyEnded, "had ended already"),
            ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
            Terminal.standardOutput(counts.isEmpty ? "nothing to cancel" : counts.joined(separator: ", "))
        }
        guard view.notFound > 0 else { return }
        Terminal.standardError("baton: \(view.notFound) of those named are not there: look for them with 'baton list'")
        throw ExitCode(ExitStatus.failed.rawValue)
    }

    private static func text(_ view: CancelView) -> String {
        let subject = Terminal.clean(view.task.map { "task \($0)" } ?? "run \(view.run)")
        return switch view.outcome {
        case .cancelled: "\(subject) is cancelled"
        case .cancelling: "\(subject) is being cancelled: running work is told to stop"
        case .alreadyEnded: "\(subject) has ended already: \(view.status)"
        }
    }
}

extension RunID {
    /// Whether it is of the form that coordinators give: 26 letters and digits.
    fileprivate var looksGenerated: Bool {
        rawValue.utf8.count == 26 && rawValue.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}
