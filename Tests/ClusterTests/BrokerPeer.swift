import AMQP
import BatonModel
import Foundation
import Synchronization

import struct BatonWire.Topology

/// A program of somebody else's that speaks to the cluster over AMQP and knows the contract only.
struct BrokerPeer: Sendable {
    let topology: BatonWire.Topology
    private let connection: Connection

    static func with<Value>(url: String, namespace: String, _ body: (BrokerPeer) async throws -> Value) async throws -> Value {
        let connection = Connection(try ConnectionConfiguration(url: url))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            defer { connection.shutdown() }
            return try await body(BrokerPeer(topology: Topology(namespace: namespace), connection: connection))
        }
    }

    // MARK: Queues

    /// How many messages wait in the queue of a priority.
    func waiting(_ queue: QueueName, _ priority: Priority = .normal) async throws -> Int {
        try await connection.messageCount(queue: topology.tasksQueue(queue, priority).name).messages
    }

    func deleteNamespace(queues: Set<QueueName>) async throws {
        let fixed = [topology.submitQueue, topology.parkingQueue, topology.parkedQueue, topology.reportsQueue(0)]
        let tasks = queues.flatMap { queue in Priority.allCases.map { topology.tasksQueue(queue, $0) } }
        for queue in fixed + tasks { try await connection.deleteQueue(queue.name) }
        for exchange in topology.exchanges { try await connection.deleteExchange(exchange.name) }
    }

    func delete(queue: String) async throws { try await connection.deleteQueue(queue) }

    // MARK: Messages

    struct Message: Sendable {
        var type: String?
        var messageID: String?
        var correlationID: String?
        var replyTo: String?
        var contentType: String? = "application/json"
        var headers: [String: String] = [:]
        var body: [UInt8] = []

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSON(parsing: body))?.value ?? .null }
    }

    func submit(_ message: Message) async throws {
        try await publish(message, to: topology.submit.name, key: "-.test")
    }

    func report(_ message: Message) async throws {
        try await publish(message, to: topology.reports.name, key: topology.reportsKey(0))
    }

    /// Puts a message into the parking, as somebody who doesn't say why.
    func park(_ message: Message) async throws {
        try await publish(message, to: topology.parking.name, key: "")
    }

    /// Makes a queue again, in another way than the cluster's.
    func declareOtherwise(_ queue: String) async throws {
        try await connection.deleteQueue(queue)
        try await connection.declare(QueueDeclaration(queue), recover: false)
    }

    private func publish(_ message: Message, to exchange: String, key: String) async throws {
        let headers = Headers(message.headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: .string($0.value)) })
        try await connection.publish(
            Publication(
                exchange: exchange, routingKey: key,
                properties: Properties(
                    contentType: message.contentType, headers: headers, correlationID: message.correlationID,
                    replyTo: message.replyTo, messageID: message.messageID, type: message.type),
                body: message.body))
    }

    /// As they are, and returns when all are confirmed.
    func publish(_ publications: [Publication]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for publication in publications { group.addTask { [connection] in try await connection.publish(publication) } }
            try await group.waitForAll()
        }
    }

    func depth(_ queue: String) async throws -> Int { try await connection.messageCount(queue: queue).messages }

    /// Takes the next message that was parked.
    func parked() async throws -> Message {
        try await eventually("a parked message") {
            let delivery = try await connection.get(queue: topology.parkingQueue.name)
            delivery?.ack()
            return delivery.map(Self.message)
        }
    }

    /// Takes the next message of a queue and turns it down, so that the broker moves it to the dead letters.
    func reject(from queue: String) async throws {
        let delivery = try await eventually("a message in \(queue)") { try await connection.get(queue: queue) }
        delivery.reject(requeue: false)
        try await eventually("a dead letter") { try await connection.messageCount(queue: topology.parkingQueue.name).messages > 0 ? () : nil }
    }

    /// A queue for answers that goes with the connection.
    func replies() async throws -> Replies {
        let queue = try await connection.declare(QueueDeclaration("", durable: false, exclusive: true)).name
        return Replies(queue: queue, consumer: try await connection.consume(queue: queue, prefetch: 10))
    }

    struct Replies: Sendable {
        let queue: String
        let consumer: Consumer

        func next(within limit: Duration = .seconds(30)) async throws -> Message {
            let consumer = consumer
            return try await within(limit, "an answer") {
                for await delivery in consumer {
                    delivery.ack()
                    return BrokerPeer.message(delivery)
                }
                throw CancellationError()
            }
        }
    }

    /// Listens to all events from now on.
    func events() async throws -> HeardEvents {
        let queue = try await connection.declare(QueueDeclaration("", durable: false, exclusive: true)).name
        try await connection.bind(Binding(from: topology.events.name, to: .queue(queue), routingKey: "#"))
        let ids = HeardEvents.IDs()
        let consumer = try await connection.consume(queue: queue, prefetch: 100) { delivery in
            if let id = delivery.properties.messageID { ids.note(id) }
            delivery.ack()
        }
        return HeardEvents(ids: ids, consumer: consumer)
    }

    /// Which events have been heard of.
    struct HeardEvents: Sendable {
        final class IDs: Sendable {
            private let all = Mutex<Set<String>>([])
            func note(_ id: String) { all.withLock { _ = $0.insert(id) } }
            func contains(_ id: String) -> Bool { all.withLock { $0.contains(id) } }
        }

        fileprivate let ids: IDs
        /// Listens for as long as it is kept.
        fileprivate let consumer: Consumer

        func contains(_ event: EventView) -> Bool { ids.contains("\(event.run).event.\(event.id)") }
    }

    private static func message(_ delivery: Delivery) -> Message {
        let properties = delivery.properties
        var headers: [String: String] = [:]
        for (name, value) in properties.headers { headers[name] = value.string ?? "\(value)" }
        return Message(
            type: properties.type, messageID: properties.messageID, correlationID: properties.correlationID,
            replyTo: properties.replyTo, contentType: properties.contentType, headers: headers, body: delivery.body)
    }
}
