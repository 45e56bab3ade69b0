import Foundation

/// The environment variables that stand in for options: `BATON_AMQP_URL`, `BATON_NAMESPACE`, `BATON_DATABASE`, `BATON_HTTP`,
/// `BATON_SERVER`, `BATON_LOG_LEVEL`; and `NO_COLOR`.
enum Environment {
    /// An empty variable counts as none.
    static func text(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
