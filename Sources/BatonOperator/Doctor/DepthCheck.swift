import AMQP
package import BatonModel
import BatonWire

/// What waits in the queues, and whether somebody takes it.
package struct DepthCheck: Sendable {
    let topology: BatonWire.Topology
    let queues: [QueueName]
    let connection: Connection

    init(_ topology: BatonWire.Topology, _ queues: [QueueName], _ connection: Connection) {
        self.topology = topology
        self.queues = queues
        self.connection = connection
    }

    func examine() async throws -> [Finding] {
        var findings: [Finding] = []
        if let parked = try await status(topology.parkingQueue.name) { findings.append(Self.parking(parked.messages)) }
        for name in [topology.submitQueue.name, topology.reportsQueue(0).name] {
            guard let status = try await status(name) else { continue }
            findings.append(Self.coordinators(name, messages: status.messages, consumers: status.consumers))
        }
        for queue in queues {
            var (messages, consumers) = (0, 0)
            for priority in Priority.allCases {
                guard let status = try await status(topology.tasksQueue(queue, priority).name) else { continue }
                messages += status.messages
                consumers += status.consumers
            }
            findings.append(Self.workers(queue, messages: messages, consumers: consumers))
        }
        return findings
    }

    private func status(_ name: String) async throws -> QueueStatus? {
        do {
            return try await connection.status(queue: name)
        } catch let error as AMQPError where error.code == .notFound {
            return nil
        }
    }

    package static func parking(_ messages: Int) -> Finding {
        guard messages > 0 else { return Finding("broker.parking", .ok, "nothing is parked") }
        return Finding(
            "broker.parking", .warning, messages == 1 ? "1 message is parked" : "\(messages) messages are parked",
            remedy: "look at them with 'baton parking list', then replay or drop them")
    }

    package static func coordinators(_ name: String, messages: Int, consumers: Int) -> Finding {
        let check = "broker.queue.\(name)"
        if consumers == 0 {
            return Finding(
                check, .problem, "\(messages) messages wait in \(name), and nobody takes from it",
                remedy: "start the coordinator with this broker and namespace, or see in its log why it isn't connected")
        }
        if messages > 10_000 {
            return Finding(
                check, .warning, "\(messages) messages wait in \(name): the coordinator can't keep up",
                remedy: "see that its disk is fast and its machine has a processor to spare")
        }
        return Finding(check, .ok, "\(messages) messages wait in \(name), which is being read")
    }

    package static func workers(_ queue: QueueName, messages: Int, consumers: Int) -> Finding {
        let check = "broker.tasks.\(queue)"
        guard messages > 0, consumers == 0 else {
            return Finding(check, .ok, "\(messages) tasks wait in queue '\(queue)', with \(consumers) consumers")
        }
        return Finding(
            check, .warning, "\(messages) tasks wait in queue '\(queue)', and no worker takes from it",
            remedy: "start one: baton worker --queues \(queue)")
    }
}
