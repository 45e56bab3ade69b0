import AMQP
import BatonModel
import BatonWire
import Foundation

/// Whether the user may declare, publish and take: tried on names of the namespace that only this connection can see, and
/// that go with it. What these trials need anyway shows alarms, and the broker's clock.
struct PermissionCheck: Sendable {
    let topology: BatonWire.Topology
    let user: String
    let virtualHost: String
    let connection: Connection
    private let name: String

    init(_ topology: BatonWire.Topology, _ user: String, _ virtualHost: String, _ connection: Connection) {
        self.topology = topology
        self.user = user
        self.virtualHost = virtualHost
        self.connection = connection
        name = "\(topology.namespace).doctor.\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }

    /// The name of the exchange through which everything goes, of the queue that loses its messages, and of the one that gets them.
    private var lossy: String { name + ".lossy" }

    func examine() async -> [Finding] {
        do {
            do {
                try await connection.declare(QueueDeclaration(name, durable: false, exclusive: true), recover: false)
                try await connection.declare(ExchangeDeclaration(name, type: "direct", durable: false, autoDelete: true), recover: false)
            } catch let error as AMQPError where error.code == .accessRefused {
                return [refused("configure")] + (try await withoutOwnNames())
            }
            let findings = [Finding("broker.permission.configure", .ok, "'\(user)' may declare")] + (try await withOwnNames())
            // The exchange goes with its last binding, and that with the queue, which goes with the connection.
            return findings
        } catch {
            return [Finding("broker.permissions", .warning, "could not be tried: \(error)", remedy: "run baton doctor again")]
        }
    }

    private func withOwnNames() async throws -> [Finding] {
        var findings: [Finding] = []
        do {
            try await connection.bind(AMQP.Binding(from: name, to: .queue(name), routingKey: "kept"), recover: false)
        } catch let error as AMQPError where error.code == .accessRefused {
            // Writes to the queue, and reads from the exchange: which of the two is missing shows below.
            _ = try? await connection.deleteExchange(name)
            return try await withoutOwnNames()
        }
        switch try await publish(AMQP.Publication(exchange: name, routingKey: "kept", properties: Properties(persistent: false))) {
        case .done: findings.append(Finding("broker.permission.write", .ok, "'\(user)' may publish"))
        case .refused: findings.append(refused("write"))
        case .stuck: return [alarm]
        }
        // Under an alarm the broker may take a first message, and reads nothing more from then on: not even the question for one.
        if case .stuck = try await publish(AMQP.Publication(exchange: name, routingKey: "none")) { return findings + [alarm] }
        do {
            _ = try await connection.get(queue: name)
            findings.append(Finding("broker.permission.read", .ok, "'\(user)' may take messages"))
        } catch let error as AMQPError where error.code == .accessRefused {
            findings.append(refused("read"))
        }
        findings.append(Finding("broker.alarm", .ok, "no alarm of memory or disk: the broker takes messages"))
        findings.append(await clock())
        return findings
    }

    /// With messages that reach nobody, and a look that takes nothing away.
    private func withoutOwnNames() async throws -> [Finding] {
        var findings: [Finding] = []
        if try await connection.exists(exchange: topology.tasks.name) {
            switch try await publish(AMQP.Publication(exchange: topology.tasks.name, routingKey: "-doctor-")) {
            case .done: findings.append(Finding("broker.permission.write", .ok, "'\(user)' may publish to \(topology.tasks.name)"))
            case .refused: findings.append(refused("write"))
            case .stuck: return [alarm]
            }
        }
        do {
            _ = try await connection.get(queue: topology.parkingQueue.name)
            findings.append(Finding("broker.permission.read", .ok, "'\(user)' may take messages"))
        } catch let error as AMQPError where error.code == .accessRefused {
            findings.append(refused("read"))
        } catch let error as AMQPError where error.code == .notFound {
            findings.append(Finding("broker.permission.read", .skipped, "no queue to try it on"))
        }
        return findings
    }

    private enum Outcome { case done, refused, stuck }

    private func publish(_ publication: AMQP.Publication) async throws -> Outcome {
        do {
            let connection = connection
            let isDone: Bool? = try await inTime(.seconds(3)) {
                try await connection.publish(publication)
                return true
            }
            return isDone == nil ? .stuck : .done
        } catch let error as AMQPError {
            switch error.code {
            // It was let in, and reached no queue.
            case .unroutable: return .done
            case .accessRefused: return .refused
            default: throw error
            }
        }
    }

    private func refused(_ kind: String) -> Finding {
        let what = ["configure": "declare", "write": "publish to", "read": "take from"][kind] ?? kind
        return Finding(
            "broker.permission.\(kind)", .problem, "'\(user)' may not \(what) '\(name)' in virtual host '\(virtualHost)'",
            remedy:
                "for a coordinator: rabbitmqctl set_permissions -p '\(virtualHost)' '\(user)' '^\(topology.namespace)\\..*' '^(\(topology.namespace)\\..*|amq\\.default)$' '^\(topology.namespace)\\..*'; what workers and producers need less is in docs/operating.md")
    }

    private var alarm: Finding {
        if case .blocked(let reason) = connection.state {
            return Finding(
                "broker.alarm", .problem, "the broker takes no messages: \(reason)",
                remedy: "give it memory or disk, or empty its largest queues: 'rabbitmqctl list_queues name messages memory', 'rabbitmq-diagnostics alarms'")
        }
        return Finding(
            "broker.alarm", .problem, "the broker does not confirm a message within 3 seconds",
            remedy: "look at its log, its disk, and 'rabbitmq-diagnostics alarms'; in a cluster, see that most of its nodes run")
    }

    /// RabbitMQ tells its time only where it notes a message's death.
    private func clock() async -> Finding {
        let check = "clock.broker"
        do {
            let kept = QueueDeclaration(
                lossy, durable: false, exclusive: true,
                arguments: ["x-message-ttl": 0, "x-dead-letter-exchange": .string(name), "x-dead-letter-routing-key": "kept"])
            try await connection.declare(kept, recover: false)
            try await connection.bind(AMQP.Binding(from: name, to: .queue(lossy), routingKey: "lost"), recover: false)
            let before = Timestamp.now
            let publication = AMQP.Publication(exchange: name, routingKey: "lost", properties: Properties(persistent: false))
            guard case .done = try await publish(publication) else {
                return Finding(check, .skipped, "the broker's clock can't be read")
            }
            let connection = connection
            let name = name
            let delivery: Delivery? = try await inTime(.seconds(3)) {
                while true {
                    if let delivery = try await connection.get(queue: name) {
                        delivery.ack()
                        if delivery.properties.headers["x-death"] != nil { return delivery }
                    }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            guard let delivery, let time = ParkedMessage(delivery).parkedAt else {
                return Finding(check, .skipped, "the broker's clock can't be read")
            }
            return ClockCheck(check, "the broker", seconds: time, between: before, .now).finding
        } catch {
            return Finding(check, .skipped, "the broker's clock can't be read: \(error)")
        }
    }
}
