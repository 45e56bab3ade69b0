import AMQP
import BatonClient
import BatonModel
import Foundation

/// Checks what usually goes wrong with a cluster, from outside of it and without changing anything.
package struct Doctor: Sendable {
    package struct Options: Sendable {
        package var amqpURL: String
        package var namespace: String
        /// Of the coordinator.
        package var server: String
        /// Shown to the coordinator.
        package var token: String?
        /// Of RabbitMQ's management plugin.
        package var managementURL: String?
        /// The coordinator's file; only looked at where it is on this machine.
        package var database: String?

        package init(
            amqpURL: String, namespace: String, server: String, token: String? = nil, managementURL: String? = nil, database: String? = nil
        ) {
            self.amqpURL = amqpURL
            self.namespace = namespace
            self.server = server
            self.token = token
            self.managementURL = managementURL
            self.database = database
        }
    }

    let options: Options

    package init(_ options: Options) { self.options = options }

    /// All that was found, in the order of the checks. Never throws: what can't be checked is a finding too.
    package func examine() async -> [Finding] {
        let coordinator = await CoordinatorCheck(server: options.server, token: options.token).examine()
        var findings = await BrokerCheck(options, queues: coordinator.queues).examine()
        findings += await ManagementCheck(options).examine()
        findings += coordinator.findings
        findings += MachineCheck(database: options.database).examine()
        return findings
    }
}
