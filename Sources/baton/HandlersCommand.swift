import ArgumentParser
import BatonModel

struct HandlersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handlers",
        abstract: "Lists the handlers: how often they ran, with what success, how long, and the slowest executions.",
        discussion: """
            Counts are of attempts, since the database was made. QUEUED is the time from ready to started.

            Examples:
              baton handlers
              baton handlers --slowest 20
              baton handlers --json
            """)

    @Option(help: "How many of the slowest executions to show.")
    var slowest = 5

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            let view = try await client.handlers(slowest: slowest)
            if options.json { return Terminal.standardOutput(JSONText.pretty(view)) }
            Terminal.show(Self.table(view.items), orElse: "no handlers")
            guard !view.slowest.isEmpty else { return }
            var table = Table(["SLOWEST", "HANDLER", "RUN", "TASK", "ATTEMPT", "ENDED"])
            for execution in view.slowest {
                table.add([
                    .init(Self.time(execution.milliseconds), .bold), .init(execution.handler?.rawValue ?? "-"),
                    .init(execution.run.rawValue), .init(execution.task.rawValue), .init("\(execution.attempt)"),
                    .init(execution.finishedAt.description),
                ])
            }
            Terminal.standardOutput("")
            Terminal.show(table, orElse: "")
        }
    }

    private static func table(_ handlers: [HandlerView]) -> Table {
        var table = Table([
            "HANDLER", "WORKERS", "RAN", "SUCCESS", "FAILED", "LOST", "CANCELLED", "RETRIES", "CACHED", "RUN p50", "p95", "p99",
            "QUEUED p50", "p95", "p99",
        ])
        for handler in handlers {
            let rate = handler.successRate.map { "\(Int(($0 * 1000).rounded(.down)) / 10).\(Int(($0 * 1000).rounded(.down)) % 10) %" }
            table.add([
                .init(handler.name.rawValue, .bold), .init("\(handler.workers)", handler.workers == 0 ? .yellow : nil),
                .init("\(handler.executions)"), .init(rate ?? "-", (handler.successRate ?? 1) < 0.9 ? .red : nil),
                .init("\(handler.failed)"), .init("\(handler.lost)"), .init("\(handler.cancelled)"), .init("\(handler.retries)"),
                .init("\(handler.cached)"),
            ] + times(handler.runTime) + times(handler.queueTime))
        }
        return table
    }

    private static func times(_ times: HandlerView.Times?) -> [Table.Cell] {
        guard let times else { return ["-", "-", "-"] }
        return [times.p50, times.p95, times.p99].map { .init(time($0)) }
    }

    private static func time(_ milliseconds: Double) -> String {
        switch milliseconds {
        case ..<1: "<1ms"
        case ..<1000: "\(Int(milliseconds))ms"
        case ..<60_000: "\((milliseconds / 100).rounded() / 10)s"
        default: "\(Int(milliseconds) / 60_000)m\(Int(milliseconds) / 1000 % 60)s"
        }
    }
}
