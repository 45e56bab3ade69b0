import BatonBroker
import Foundation
import Logging
import Testing

/// The implementations that are held against the same suite.
enum BrokerKind: String, CaseIterable, CustomTestStringConvertible {
    case inMemory
    case rabbitMQ

    var testDescription: String { rawValue }

    struct NoBroker: Error, CustomStringConvertible {
        var description: String { "set BATON_TEST_AMQP_URL to a RabbitMQ's address, or run deploy/test, which starts one" }
    }

    func make() throws -> any Broker {
        switch self {
        case .inMemory: return InMemoryBroker()
        case .rabbitMQ:
            guard let url = ProcessInfo.processInfo.environment["BATON_TEST_AMQP_URL"], !url.isEmpty else { throw NoBroker() }
            return try AMQPBroker(url: url, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
    }
}
