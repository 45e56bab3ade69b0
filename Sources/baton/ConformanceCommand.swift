import ArgumentParser
import BatonConformance
import BatonModel
import Foundation
import Logging

struct ConformanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Holds a worker, in any language, against the wire protocol.",
        discussion: """
            Plays the coordinator in a namespace where none runs, and listens between the worker and the broker. The worker has to
            offer core.echo, core.fail and core.sleep. Levels: 1 executes, 2 shows signs of life, 3 can be cancelled and leases.

            COMMAND gets BATON_AMQP_URL, BATON_NAMESPACE, BATON_QUEUE and BATON_LEASE_AFTER; {url}, {queue} and {namespace} in
            its words stand for the first three. It is started again when it ends. Without COMMAND the address to use is written.

            Examples:
              baton conformance --queue jobs -- python3 worker.py {url} {queue} {namespace}
              baton conformance --queue jobs --level 3 -- baton worker --queues {queue}

            Exit codes: 0 the level was reached, 1 it was not, or there was no worker, 2 usage, 3 can't reach the broker.
            """)

    @OptionGroup var broker: BrokerOptions

    @Option(help: "The queue that the worker takes tasks from.")
    var queue: String

    @Option(help: "The level to be reached: 1, 2 or 3.")
    var level = 1

    @Option(help: "Where the worker is to connect, as HOST:PORT; port 0 takes one that is free.")
    var listen = "127.0.0.1:0"

    @Option(help: "After how long the worker asks for a lease, such as 2s. (default: 2s)")
    var leaseAfter: String?

    @Flag(help: "Write one JSON object.")
    var json = false

    @OptionGroup var log: LogOptions

    @Argument(parsing: .postTerminator, help: "The worker's program and its arguments.")
    var command: [String] = []

    func validate() throws {
        guard (1...Check.highestLevel).contains(level) else { throw ValidationError("--level is 1, 2 or 3") }
    }

    func run() async throws {
        LogOptions.bootstrap(level: broker.quiet(log))
        var configuration = Conformance.Configuration(amqpURL: broker.url, queue: QueueName(queue))
        // Only a namespace that was named: a cluster's own is not the place for this.
        configuration.namespace = broker.namespace
        configuration.listen = try address(listen)
        configuration.command = command
        if let leaseAfter {
            guard let time = Duration(text: leaseAfter), time > .zero else {
                throw UsageError("--lease-after '\(leaseAfter)' is not \(Duration.textExplanation)")
            }
            configuration.leaseAfter = time
        }
        let style = Terminal().style
        let (json, isManual, level) = (json, command.isEmpty, level)
        let report: ConformanceReport
        do {
            report = try await stoppedBySignals { [configuration] in
                try await Conformance.run(configuration, logger: Logger(label: "baton.conformance")) { place in
                    if isManual { Self.invite(to: place) }
                } onResult: { result in
                    if !json { Terminal.standardOutput(Self.line(result, wanted: level, style)) }
                }
            }
        } catch let error as ConformanceError {
            Terminal.standardError("baton: \(Terminal.clean(error.description))")
            throw ExitCode(ExitStatus(of: error.code).rawValue)
        }
        if json {
            Terminal.standardOutput(JSONText.pretty(Findings(report, wanted: level)))
        } else {
            Terminal.standardOutput(
                style("level \(report.level)", report.level >= level ? .green : .red)
                    + (report.level >= level ? " reached" : " reached, \(level) was asked for"))
        }
        if report.level < level { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    private func address(_ text: String) throws -> (host: String, port: Int) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]) else {
            throw UsageError("--listen '\(text)' is not HOST:PORT")
        }
        return (String(parts[0]), Int(port))
    }

    private static func invite(to place: Conformance.Place) {
        Terminal.standardError(
            """
            Start the worker with
              BATON_AMQP_URL=\(place.url)
              BATON_NAMESPACE=\(place.namespace)
              BATON_QUEUE=\(place.queue)
              BATON_LEASE_AFTER=\(place.leaseAfter.text)
            and start it again when it ends.
            """)
    }

    private static func line(_ result: CheckResult, wanted: Int, _ style: Style) -> String {
        let sign = result.isPassed ? style("✓", .green) : style("✗", .red)
        let note = result.check.level > wanted ? "not asked for: " : ""
        return "\(sign) \(result.check.level) \(note)\(style(result.check.rawValue, .bold)): \(Terminal.clean(result.seen))"
    }

    /// What `--json` writes.
    private struct Findings: Encodable {
        struct Finding: Encodable {
            var name: String
            var level: Int
            var passed: Bool
            var seen: String
        }

        var level: Int
        var wanted: Int
        var checks: [Finding]

        init(_ report: ConformanceReport, wanted: Int) {
            level = report.level
            self.wanted = wanted
            checks = report.results.map {
                Finding(name: $0.check.rawValue, level: $0.check.level, passed: $0.isPassed, seen: $0.seen)
            }
        }
    }
}

extension ExitStatus {
    fileprivate init(of code: ConformanceError.Code) {
        switch code {
        case .usage: self = .usage
        case .unreachable: self = .unreachable
        case .noWorker: self = .failed
        }
    }
}

extension BrokerOptions {
    /// The level of logging of a command whose output is its findings.
    fileprivate func quiet(_ log: LogOptions) -> Logger.Level {
        log.logLevel ?? .error
    }
}

/// Runs the body, and cancels it when the process is asked to end, so that it can take its own children along.
private func stoppedBySignals<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = Task { try await body() }
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { task.cancel() }
        source.resume()
        return source
    }
    defer { for source in sources { source.cancel() } }
    return try await task.value
}
