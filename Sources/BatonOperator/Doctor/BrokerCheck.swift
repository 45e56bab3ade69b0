import AMQP
import BatonModel
import BatonWire

/// What can be found out over AMQP alone.
struct BrokerCheck: Sendable {
    let options: Doctor.Options
    let topology: BatonWire.Topology
    /// Those that the coordinator knows, where it could be asked.
    let queues: [QueueName]

    init(_ options: Doctor.Options, queues: [QueueName]) {
        self.options = options
        topology = BatonWire.Topology(namespace: options.namespace)
        self.queues = queues
    }

    func examine() async -> [Finding] {
        let address: BrokerAddress
        do throws(OperatorError) {
            address = try BrokerAddress(url: options.amqpURL)
        } catch {
            return [Finding("broker.reachable", .problem, error.description, remedy: "correct --amqp-url")]
        }
        let reachable = Finding(
            "broker.reachable", .ok,
            "the broker at \(address.place) lets '\(address.configuration.user)' into the virtual host '\(address.configuration.virtualHost)'")
        do {
            // Two connections: under an alarm the broker reads nothing more from the one that publishes.
            let looked = try await address.withConnection("doctor") { connection in
                guard let server = connection.server else { return [Finding]() }
                return ServerCheck(server).findings
                    + [try await TopologyCheck(topology, queues, connection).examine()]
                    + (try await DepthCheck(topology, queues, connection).examine())
            }
            let tried = try await address.withConnection("doctor's trial") { connection in
                let check = PermissionCheck(topology, address.configuration.user, address.configuration.virtualHost, connection)
                return try await inTime(.seconds(30)) { await check.examine() }
                    ?? [Finding("broker.permissions", .warning, "the broker is too slow to try anything", remedy: "look at its load and its log")]
            }
            return [reachable] + looked + tried + [Self.consumerTimeout]
        } catch let error as AMQPError {
            let error = address.explained(error)
            return [Finding("broker.reachable", .problem, error.description)]
        } catch {
            return [Finding("broker.reachable", .problem, "\(error)")]
        }
    }

    private static let consumerTimeout = Finding(
        "broker.consumerTimeout", .skipped,
        "the broker's consumer_timeout can't be read over AMQP: the default of 30 minutes is enough",
        remedy: "where rabbitmq.conf sets it, keep it above 15 minutes: workers acknowledge what runs longer than 5 minutes")
}
