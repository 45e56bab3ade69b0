import ArgumentParser
import BatonModel
import Foundation

struct AnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract: "Completes or fails a task that waits for an answer.",
        discussion: """
            The token is in what 'baton get RUN TASK' shows while the task waits. Without a result, the task completes with null.

            Examples:
              baton answer 01jd8z6t9q.3.1 --result '{"approved": true}'
              baton answer 01jd8z6t9q.3.1 --result - < decision.json
              baton answer 01jd8z6t9q.3.1 --fail "turned down by the bank" --type declined --final
              baton answer 01jd8z6t9q.3.1 --heartbeat
            """)

    @Argument(help: "The task's token, such as 01jd8z6t9q.3.1; 'baton get RUN TASK' shows it.")
    var token: AttemptID

    @Option(parsing: .unconditional, help: "The result, as JSON; - for the standard input.")
    var result: String?

    @Option(name: .customLong("fail"), parsing: .unconditional, help: "Fails the task, with this message.")
    var message: String?

    @Option(help: "With --fail: a name that programs decide by. (default: failed)")
    var type: String?

    @Option(parsing: .unconditional, help: "With --fail: more about it, as JSON.")
    var details: String?

    @Flag(name: .customLong("final"), help: "With --fail: don't let the task be tried again.")
    var isFinal = false

    @Flag(help: "Only say that somebody is still at it.")
    var heartbeat = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard [result != nil, message != nil, heartbeat].count(where: { $0 }) <= 1 else {
            throw ValidationError("--result, --fail and --heartbeat can't stand beside each other: give one of them")
        }
        if message == nil, type != nil || details != nil || isFinal {
            throw ValidationError("--type, --details and --final go with --fail")
        }
        if message?.isEmpty == true { throw ValidationError("--fail needs a message that says why") }
    }

    func run() async throws {
        try await options.run { client in
            let view =
                if heartbeat {
                    try await client.heartbeat(token: token)
                } else if let message {
                    try await client.fail(
                        token: token,
                        TaskError(
                            type: type ?? "failed", message: message, retryable: isFinal ? false : nil,
                            details: try details.map { try Self.json($0, "--details") }))
                } else {
                    try await client.complete(token: token, result: try result.map { try Self.json($0, "--result") } ?? .null)
                }
            if options.json { return Terminal.standardOutput(JSONText.pretty(view)) }
            Terminal.standardOutput("task \(view.task) of run \(view.run) is \(view.status.rawValue)")
            if view.cancelRequested == true {
                Terminal.standardOutput("its cancel has been asked for: stop what is being done for it")
            }
        }
    }

    private static func json(_ text: String, _ option: String) throws(UsageError) -> JSON {
        let bytes = text == "-" ? Array(FileHandle.standardInput.readDataToEndOfFile()) : Array(text.utf8)
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw UsageError("\(option) is not JSON: \(error). Put texts in quotes twice, as in '\"yes\"'")
        }
    }
}
