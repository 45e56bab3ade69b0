import AMQP
import Foundation
import Synchronization
import Testing

/// These kill the node or change it for everyone on it, so it is theirs and they run one by one.
@Suite("Recovery", .serialized, .timeLimit(.minutes(3)))
struct RecoveryTests {
    @Test("connections closed by the broker are made again, with topology, exclusive queues and consumers")
    func connectionsClosed() async throws {
        let broker = try await Broker.disturbed()
        try await withConnection(broker.url) { connection, states in
            try await withQueue(on: connection) { queue in
                let own = try await connection.declare(QueueDeclaration("", durable: false, exclusive: true)).name
                try await connection.bind(Binding(from: "amq.fanout", to: .queue(own)))
                let consumer = try await connection.consume(queue: own, prefetch: 10)
                try await connection.publish(Publication(routingKey: queue, body: bytes("held")))
                let stale = try #require(try await connection.get(queue: queue))

                try await broker.control("close_all_connections", "by the test")
                let lost = try await states.wait { if case .connecting(_, .some) = $0 { true } else { false } }
                if case .connecting(_, let error) = lost { #expect(error?.message.contains("by the test") == true) }
                try await states.waitConnected(epoch: 2)

                #expect(!stale.ack())
                #expect(!stale.reject(requeue: false))
                let again = try #require(try await connection.get(queue: queue))
                #expect(text(again) == "held")
                #expect(again.redelivered)
                again.ack()

                try await connection.publish(Publication(exchange: "amq.fanout", routingKey: "", body: bytes("news")))
                var iterator = consumer.makeAsyncIterator()
                let news = await iterator.next()
                #expect(text(news) == "news")
                news?.ack()
            }
        }
    }

    @Test("nothing confirmed or waiting is lost when the broker is killed and comes back")
    func killed() async throws {
        let broker = try await Broker.disturbed()
        let total = 2_000
        try await withConnection(broker.url) { consuming, consumingStates in
            try await withConnection(broker.url) { publishing, states in
                try await withQueue(on: consuming) { queue in
                    // RabbitMQ 3.10 loses the leader of a quorum queue that is killed in its first seconds: the age of the
                    // queue is what is waited for here.
                    try await Task.sleep(for: .seconds(7))
                    let own = try await consuming.declare(QueueDeclaration("", durable: false, exclusive: true)).name
                    let outcomes = Outcomes()
                    let batch = (0..<total).map { Publication(routingKey: queue, properties: Properties(messageID: "\($0)"), body: bytes("\($0)")) }
                    let consumer = try await consuming.consume(queue: queue, prefetch: 100)
                    publishing.publish(Array(batch[..<500]), outcome: outcomes.record)
                    await outcomes.wait(for: 100)
                    publishing.publish(Array(batch[500...])) { index, result in outcomes.record(index + 500, result) }
                    try await broker.kill()
                    try await states.wait { if case .connecting = $0 { true } else { false } }
                    try await broker.restart()
                    try await states.waitConnected(epoch: 2)
                    try await consumingStates.waitConnected(epoch: 2)
                    await outcomes.wait(for: total)
                    #expect(outcomes.failures.isEmpty)
                    var seen: Set<String> = []
                    for await delivery in consumer {
                        seen.insert(text(delivery) ?? "")
                        delivery.ack()
                        if seen.count == total { break }
                    }
                    #expect(seen.count == total)
                    #expect(try await consuming.messageCount(queue: own).messages == 0)
                    try await consumer.cancel()
                }
            }
        }
    }

    @Test("a memory alarm shows, holds publications back, and lets them go")
    func blocked() async throws {
        let broker = try await Broker.disturbed()
        try await withConnection(broker.url) { connection, states in
            try await withQueue(on: connection) { queue in
                try await broker.control("set_vm_memory_high_watermark", "0.0000001")
                let outcomes = Outcomes()
                // The broker tells only connections that publish.
                connection.publish([Publication(routingKey: queue)], outcome: outcomes.record)
                let state = try await states.wait { if case .blocked = $0 { true } else { false } }
                #expect(state.isConnected)
                connection.publish([Publication(routingKey: queue)]) { _, result in outcomes.record(1, result) }
                try await broker.control("set_vm_memory_high_watermark", "0.4")
                try await states.waitConnected(epoch: 1)
                await outcomes.wait(for: 2)
                #expect(outcomes.failures.isEmpty)
            }
        }
    }

    @Test("a user who may not configure uses what exists, and is told what is missing")
    func passiveFirst() async throws {
        let broker = try await Broker.disturbed()
        try await withConnection(broker.url) { connection, _ in
            try await withQueue(on: connection) { queue in
                try await broker.control("add_user", "reader", "secret")
                try await broker.control("set_permissions", "reader", "^$", ".*", ".*")
                try await withConnection(broker.url, {
                    $0.user = "reader"
                    $0.password = "secret"
                }) { reader, _ in
                    try await reader.declare(QueueDeclaration(queue, arguments: ["x-queue-type": "quorum", "x-delivery-limit": 20]))
                    try await reader.publish(Publication(routingKey: queue))
                    #expect(await error { try await reader.declare(QueueDeclaration("not-there")) }?.code == .accessRefused)
                }
                try await broker.control("delete_user", "reader")
            }
        }
    }

    @Test("a broker that stops reading in the middle of a message doesn't hold the connection for ever")
    func stuck() async throws {
        let broker = try await Broker.disturbed()
        try await withConnection(broker.url, {
            // So that only the bound on sending can end it.
            $0.heartbeat = .seconds(60)
            $0.sendTimeout = .seconds(1)
            $0.connectTimeout = .seconds(2)
        }) { connection, states in
            let queue = try await connection.declare(QueueDeclaration("", durable: false, exclusive: true)).name
            let outcomes = Outcomes()
            try await broker.signal("STOP")
            connection.publish([Publication(routingKey: queue, body: [UInt8](repeating: 1, count: 48 << 20))], outcome: outcomes.record)
            do {
                try await states.wait { if case .connecting(_, .some) = $0 { true } else { false } }
            } catch {
                try await broker.signal("CONT")
                throw error
            }
            try await broker.signal("CONT")
            try await states.wait { if case .connected(let epoch) = $0 { epoch > 1 } else { false } }
            await outcomes.wait(for: 1)
            #expect(outcomes.failures.isEmpty)
        }
    }
}
