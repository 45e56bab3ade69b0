import AMQP
import BatonModel
import BatonBroker
import BatonWire

/// Whether exchanges and queues are there, and as Baton declares them.
struct TopologyCheck: Sendable {
    let topology: BatonWire.Topology
    let queues: [QueueName]
    let connection: Connection

    init(_ topology: BatonWire.Topology, _ queues: [QueueName], _ connection: Connection) {
        self.topology = topology
        self.queues = queues
        self.connection = connection
    }

    func examine() async throws -> Finding {
        var missing: [String] = []
        var different: [String] = []
        var found = 0
        for exchange in topology.exchanges {
            guard try await connection.exists(exchange: exchange.name) else {
                missing.append("exchange \(exchange.name)")
                continue
            }
            found += 1
            try await note(&different) {
                try await connection.declare(ExchangeDeclaration(exchange.name, type: exchange.kind.rawValue), recover: false)
            }
        }
        let fixed = [topology.submitQueue, topology.parkingQueue, topology.parkedQueue, topology.reportsQueue(0)]
        let tasks = queues.flatMap { queue in Priority.allCases.map { topology.tasksQueue(queue, $0) } }
        for (index, queue) in (fixed + tasks).enumerated() {
            do {
                _ = try await connection.status(queue: queue.name)
            } catch let error as AMQPError where error.code == .notFound {
                // Those of tasks are made when they are first needed.
                if index < fixed.count { missing.append("queue \(queue.name)") }
                continue
            }
            found += 1
            try await note(&different) { try await connection.declare(queue.declaration, recover: false) }
        }
        return Self.finding(found: found, missing: missing, different: different)
    }

    private func note<Value>(_ differences: inout [String], _ declare: () async throws -> Value) async throws {
        do {
            _ = try await declare()
        } catch let error as AMQPError where error.code == .preconditionFailed {
            differences.append(error.message)
        }
    }

    static func finding(found: Int, missing: [String], different: [String]) -> Finding {
        let check = "broker.topology"
        if !different.isEmpty {
            return Finding(
                check, .problem, "declared otherwise than Baton does it: " + different.joined(separator: "; "),
                remedy:
                    "stop the coordinator, empty what is named (baton parking, or let the workers finish), delete it with 'rabbitmqctl delete_queue NAME', and start the coordinator, which declares it anew")
        }
        if found == 0 {
            return Finding(
                check, .warning, "nothing of Baton's is declared here yet",
                remedy: "start a coordinator, which declares it all; if one runs, see that --namespace and the virtual host are the same")
        }
        if !missing.isEmpty {
            return Finding(
                check, .problem, "missing: " + missing.joined(separator: ", "), remedy: "restart the coordinator, which declares it")
        }
        return Finding(check, .ok, "all \(found) exchanges and queues are as Baton declares them")
    }
}
