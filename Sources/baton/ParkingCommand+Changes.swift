import ArgumentParser
import BatonClient
import BatonModel
import BatonOperator
import Foundation

struct ParkingReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Sends parked messages back to where they came from.",
        discussion: """
            A message leaves the parking only once the broker has it where it goes. What made it unreadable should be mended
            first, or it is parked again.

            An attempt that was given up has failed since, so its old message is of no use: replaying it has the coordinator
            run the task again, as 'baton rerun RUN --from TASK' does. That needs the coordinator, and the run to have ended.

            Examples:
              baton parking replay sha-1c9e0a77d2b4f310
              baton parking replay --all --from baton.submit
              baton parking replay --all --reason protocol --json     one outcome a line
            """)

    @OptionGroup var selection: ParkingSelectionOptions

    @Option(help: "The coordinator's address, to run tasks again. (BATON_SERVER; default: http://127.0.0.1:7070)")
    var server: String?

    @Option(help: "Who is asking, where the coordinator wants to know. (BATON_TOKEN)")
    var token: String?

    @OptionGroup var options: ParkingOptions

    func run() async throws {
        let client = BatonClient(
            server: server ?? Environment.text("BATON_SERVER") ?? "http://127.0.0.1:7070", token: token ?? Environment.text("BATON_TOKEN"),
            patience: .zero)
        let outcomes = OutcomeReport(json: options.json)
        try await options.withLot { lot in
            try await lot.replay(selection.selection, rerun: { try await client.rerunFailed($1, of: $0) }, outcomes.add)
        }
        try outcomes.finish(orElse: "nothing to replay")
    }
}

struct ParkingDropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Removes parked messages for good.",
        discussion: """
            Examples:
              baton parking drop sha-1c9e0a77d2b4f310
              baton parking drop --all --reason "not JSON" --yes
            """)

    @OptionGroup var selection: ParkingSelectionOptions

    @Flag(help: "Don't ask.")
    var yes = false

    @OptionGroup var options: ParkingOptions

    func run() async throws {
        if !yes { try Self.confirm(selection.all ? "all parked messages that fit" : "\(selection.ids.count) parked messages") }
        let outcomes = OutcomeReport(json: options.json)
        try await options.withLot { try await $0.drop(selection.selection, outcomes.add) }
        try outcomes.finish(orElse: "nothing to drop")
    }

    private static func confirm(_ what: String) throws {
        guard isatty(STDIN_FILENO) == 1 else { throw UsageError("nobody can be asked here: add --yes to drop \(what) for good") }
        Terminal.write("drop \(what) for good? [y/N] ", to: STDERR_FILENO)
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            Terminal.standardError("nothing was dropped")
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}

/// Says what became of each message as it happens.
private struct OutcomeReport: Sendable {
    let json: Bool
    private let counts = OutcomeCounts()

    init(json: Bool) { self.json = json }

    var add: @Sendable (ParkingOutcome) -> Void {
        { outcome in
            counts.add(outcome.result)
            if json { return Terminal.standardOutput(JSONText.line(outcome)) }
            let detail = outcome.detail.map { Terminal.clean($0) }
            switch outcome.result {
            case .replayed: Terminal.standardOutput("\(outcome.id) is back in \(detail ?? "its queue")")
            case .rerun: Terminal.standardOutput("\(outcome.id): \(detail ?? "its task") runs again")
            case .dropped: Terminal.standardOutput("\(outcome.id) is dropped")
            case .kept: Terminal.standardError("\(outcome.id) stays parked: \(detail ?? "")")
            case .notFound: Terminal.standardError("\(outcome.id) is not parked: see 'baton parking list'")
            }
        }
    }

    /// - Throws: an exit code where something is left undone.
    func finish(orElse remark: String) throws {
        if counts.total == 0 { Terminal.standardError(remark) }
        if counts.undone > 0 { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}

extension BatonClient {
    /// Has the run go on with those of the tasks that have failed.
    ///
    /// - Returns: the tasks that don't run again, with the reasons.
    fileprivate func rerunFailed(_ tasks: [TaskID], of run: RunID) async throws -> [TaskID: String] {
        var reasons: [TaskID: String] = [:]
        do {
            for task in Set(tasks) {
                let status = try await self.task(task, of: run).status
                if status != .failed { reasons[task] = "task \(task) of run \(run) is \(status.rawValue) by now: drop the message" }
            }
            let failed = Set(tasks).filter { reasons[$0] == nil }.sorted { $0.rawValue < $1.rawValue }
            if !failed.isEmpty { _ = try await rerun(run, RerunRequest(from: failed)) }
            return reasons
        } catch let error as ClientError {
            switch error.refusal {
            case .notFound: throw OperatorError(.notFound, "\(error.message): drop the message")
            case .conflict: throw OperatorError(.busy, "\(error.message): replay it once the run has ended")
            default: throw OperatorError(.other, "its task has to be run again by the coordinator: \(error.message)")
            }
        }
    }
}
