import BatonModel
public import Foundation

extension WorkerConfiguration {
    /// The environment variables that are read. Durations are written as in graph documents: `250ms`, `30s`, `5m`.
    public enum Key: String, CaseIterable, Sendable {
        case amqpURL = "BATON_AMQP_URL"
        case namespace = "BATON_NAMESPACE"
        /// Comma separated.
        case queues = "BATON_QUEUES"
        case slots = "BATON_SLOTS"
        /// Comma separated.
        case tags = "BATON_TAGS"
        case heartbeatInterval = "BATON_HEARTBEAT_INTERVAL"
        case leaseAfter = "BATON_LEASE_AFTER"
        case drainTimeout = "BATON_DRAIN_TIMEOUT"
        case cancelGrace = "BATON_CANCEL_GRACE"
        /// `true` or `false`.
        case allowShell = "BATON_ALLOW_SHELL"
        case lookahead = "BATON_LOOKAHEAD"
    }

    /// The defaults, with what the environment sets.
    ///
    /// - Parameter environment: the process's own by default.
    /// - Throws: `WorkerConfigurationError` that names the variable whose value can't be read.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(WorkerConfigurationError) -> WorkerConfiguration {
        func read<Value>(_ key: Key, _ expected: String, _ parse: (String) -> Value?) throws(WorkerConfigurationError) -> Value? {
            guard let text = environment[key.rawValue], !text.isEmpty else { return nil }
            guard let value = parse(text) else { throw WorkerConfigurationError("\(key.rawValue)='\(text)' is not \(expected)") }
            return value
        }
        func list(_ text: String) -> [String] {
            text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
        func duration(_ key: Key) throws(WorkerConfigurationError) -> Duration? {
            try read(key, Duration.textExplanation) { Duration(text: $0) }
        }
        var result = WorkerConfiguration()
        if let value = try read(.amqpURL, "text", { $0 }) { result.amqpURL = value }
        if let value = try read(.namespace, "text", { $0 }) { result.namespace = value }
        if let value = try read(.queues, "a list", list) { result.queues = value.map(QueueName.init(rawValue:)) }
        if let value = try read(.slots, "a whole number", { Int($0) }) { result.slots = value }
        if let value = try read(.tags, "a list", list) { result.tags = value }
        if let value = try duration(.heartbeatInterval) { result.heartbeatInterval = value }
        if let value = try duration(.leaseAfter) { result.leaseAfter = value }
        if let value = try duration(.drainTimeout) { result.drainTimeout = value }
        if let value = try duration(.cancelGrace) { result.cancelGrace = value }
        if let value = try read(.allowShell, "true or false", { Bool($0) }) { result.allowShell = value }
        if let value = try read(.lookahead, "a whole number", { Int($0) }) { result.lookahead = value }
        try result.validate()
        return result
    }
}
