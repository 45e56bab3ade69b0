import ArgumentParser
import Logging

/// How much the services say, on the standard error.
struct LogOptions: ParsableArguments {
    @Option(help: "trace, debug, info, notice, warning, error or critical. (BATON_LOG_LEVEL; default: info)")
    var logLevel: Logger.Level?

    var level: Logger.Level {
        logLevel ?? Environment.text("BATON_LOG_LEVEL").flatMap { Logger.Level(rawValue: $0.lowercased()) } ?? .info
    }

    /// Sets logging up for the whole process: to be called once, before any logger is made.
    static func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
