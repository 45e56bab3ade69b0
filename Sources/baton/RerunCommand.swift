import ArgumentParser
import BatonClient
import BatonModel

struct RerunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Has an ended run go on, and shows it until it ends.",
        discussion: """
            Without more, those tasks run again that failed, were cancelled or skipped, or were undone.

            Examples:
              baton rerun 01JD8Z6T9Q
              baton rerun 01JD8Z6T9Q --all
              baton rerun 01JD8Z6T9Q --from charge
              baton rerun 01JD8Z6T9Q --graph order.yaml   only if that is its graph
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Flag(help: "Run all tasks again.")
    var all = false

    @Flag(help: "Run again what failed, was cancelled or skipped, or was undone: the default.")
    var failed = false

    @Option(name: .customLong("from"), parsing: .upToNextOption, help: "Run these tasks again, and all that depends on them.")
    var from: [TaskID] = []

    @Option(help: "The document that the run should be of; - for the standard input.", completion: .document)
    var graph: String?

    @Flag(help: "Go on even if the run's graph is another one than --graph.")
    var force = false

    @Flag(help: "Print the run's id and don't wait for its end.")
    var detach = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard [all, failed, !from.isEmpty].count(where: { $0 }) <= 1 else {
            throw ValidationError("--all, --failed and --from can't stand beside each other: give one of them")
        }
        if force, graph == nil { throw ValidationError("--force goes with --graph") }
    }

    func run() async throws {
        try await options.run { client in
            let request = RerunRequest(
                scope: all ? .all : failed ? .failed : nil, from: from.isEmpty ? nil : from,
                graph: try graph.map { try DocumentFile($0).checked() }, force: force ? true : nil)
            let last = detach ? 0 : try await client.lastEvent(of: run)
            let view = try await client.rerun(run, request).submitted
            let status = try await RunSession(client: client, json: options.json).show(view, detach: detach, after: last)
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }
}

extension DocumentFile {
    /// The graph in the form that graphs are compared in.
    ///
    /// - Throws: `UsageError` with each mistake.
    fileprivate func checked() throws(UsageError) -> JSON {
        do throws(InvalidGraph) {
            return try GraphReader.read(document: bytes).document
        } catch {
            throw UsageError("the graph to compare with is wrong:\n" + error.problems.map { "  \($0)" }.joined(separator: "\n"))
        }
    }
}

extension BatonClient {
    /// The id of the last event by now; 0 where there is none.
    fileprivate func lastEvent(of run: RunID) async throws -> Int {
        var last = 0
        while let id = try await history(of: run, after: last).last?.id { last = id }
        return last
    }
}
