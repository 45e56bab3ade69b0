import ArgumentParser
import BatonOperator

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks broker, coordinator, workers and this machine, and says what to do.",
        discussion: """
            Changes nothing: what has to be tried is tried on queues that only this program sees. Exits with 0, or with 1 where
            there is a problem; warnings leave it at 0.

            Examples:
              baton doctor
              baton doctor --amqp-url amqp://baton:secret@rabbit:5672/prod --server http://baton:7070
              baton doctor --management-url http://rabbit:15672 --database /var/lib/baton/baton.sqlite
              baton doctor --json
            """)

    @OptionGroup var broker: BrokerOptions

    @Option(help: "The coordinator's address. (BATON_SERVER; default: http://127.0.0.1:7070)")
    var server: String?

    @Option(help: "Who is asking, where the coordinator wants to know. (BATON_TOKEN)")
    var token: String?

    @Option(
        help: """
            The address of RabbitMQ's management plugin, to look at policies and at every node's alarms. \
            (BATON_MANAGEMENT_URL; default: not looked at)
            """)
    var managementUrl: String?

    @Option(
        help: "The coordinator's database, where it is on this machine. (BATON_DATABASE; default: baton.sqlite)", completion: .file())
    var database: String?

    @Flag(help: "Write JSON instead of text for people.")
    var json = false

    func run() async throws {
        let doctor = Doctor(
            .init(
                amqpURL: broker.url, namespace: broker.prefix,
                server: server ?? Environment.text("BATON_SERVER") ?? "http://127.0.0.1:7070",
                token: token ?? Environment.text("BATON_TOKEN"),
                managementURL: managementUrl ?? Environment.text("BATON_MANAGEMENT_URL"),
                database: database ?? Environment.text("BATON_DATABASE") ?? "baton.sqlite"))
        let findings = await doctor.examine()
        if json {
            Terminal.standardOutput(JSONText.pretty(findings))
        } else {
            show(findings)
        }
        if findings.contains(where: { $0.status == .problem }) { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    private func show(_ findings: [Finding]) {
        let style = Terminal().style
        let width = findings.map(\.status.rawValue.count).max() ?? 0
        for finding in findings {
            let padding = String(repeating: " ", count: width - finding.status.rawValue.count)
            let colour: Style.Colour =
                switch finding.status {
                case .ok: .green
                case .warning: .yellow
                case .problem: .red
                case .skipped: .dim
                }
            Terminal.standardOutput(style(finding.status.rawValue, colour) + padding + "  " + Terminal.clean(finding.summary))
            if let remedy = finding.remedy {
                Terminal.standardOutput(String(repeating: " ", count: width + 2) + style("→ " + Terminal.clean(remedy), .dim))
            }
        }
        let problems = findings.count { $0.status == .problem }
        let warnings = findings.count { $0.status == .warning }
        Terminal.standardOutput("")
        Terminal.standardOutput("problems: \(problems), warnings: \(warnings)")
    }
}
