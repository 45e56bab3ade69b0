import ArgumentParser
import BatonCoordinator
import BatonModel

/// How long ended runs are kept.
struct RetentionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long completed runs are kept after their end, such as 12h or 30d, or forever. (BATON_KEEP_COMPLETED; default: 30d)",
            valueName: "duration"))
    var keepCompleted: KeepTime?

    @Option(
        help: ArgumentHelp(
            "How long failed and cancelled runs are kept after their end. (BATON_KEEP_FAILED; default: 90d)", valueName: "duration"))
    var keepFailed: KeepTime?

    /// - Throws: `UsageError` for an environment variable that can't be read.
    func retention() throws -> Retention {
        var retention = Retention()
        if let time = try keepCompleted ?? Self.time("BATON_KEEP_COMPLETED") { retention.completed = time.duration }
        if let time = try keepFailed ?? Self.time("BATON_KEEP_FAILED") { retention.failed = time.duration }
        return retention
    }

    private static func time(_ variable: String) throws -> KeepTime? {
        guard let text = Environment.text(variable) else { return nil }
        guard let time = KeepTime(argument: text) else {
            throw UsageError("\(variable) is '\(text)', but must be a duration such as 12h or 30d, or forever")
        }
        return time
    }
}

/// A duration, or for ever.
struct KeepTime: ExpressibleByArgument {
    /// `nil` for ever.
    var duration: Duration?

    init?(argument: String) {
        if argument == "forever" { return }
        guard let duration = Duration(text: argument), duration > .zero else { return nil }
        self.duration = duration
    }
}
