import AMQP
import Foundation
import Synchronization
import Testing

@Suite("Consuming", .timeLimit(.minutes(2)))
struct ConsumingTests {
    @Test("requeued messages keep their place, and the delivery limit drops them")
    func deliveryLimit() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection, arguments: ["x-queue-type": "quorum", "x-delivery-limit": 2]) { queue in
                for letter in ["A", "B", "C"] { try await connection.publish(Publication(routingKey: queue, body: bytes(letter))) }
                let consumer = try await connection.consume(queue: queue, prefetch: 1)
                var order = ""
                for await delivery in consumer {
                    order += text(delivery) ?? ""
                    if text(delivery) == "A" { delivery.reject(requeue: true) } else { delivery.ack() }
                    if text(delivery) == "C" { break }
                }
                #expect(order == "AAABC")
                try await consumer.cancel()
            }
        }
    }

    @Test("rejected without requeue goes to the dead-letter queue")
    func deadLetter() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { parking in
                let arguments: Headers = [
                    "x-queue-type": "quorum", "x-delivery-limit": 2, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(parking),
                ]
                try await withQueue(on: connection, arguments: arguments) { queue in
                    let dead = try await connection.consume(queue: parking, prefetch: 1)
                    try await connection.publish(Publication(routingKey: queue, body: bytes("bad")))
                    let consumer = try await connection.consume(queue: queue, prefetch: 1) { $0.reject(requeue: false) }
                    var iterator = dead.makeAsyncIterator()
                    let delivery = try #require(await iterator.next())
                    #expect(text(delivery) == "bad")
                    #expect(delivery.properties.headers["x-first-death-reason"] == "rejected")
                    delivery.ack()
                    try await consumer.cancel()
                    try await dead.cancel()
                }
            }
        }
    }

    @Test("never more than the prefetch is unacknowledged; all arrive in order", arguments: [UInt16(1), 7])
    func prefetch(limit: UInt16) async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                let held = Mutex((count: 0, most: 0))
                let (stream, continuation) = AsyncStream<Delivery>.makeStream()
                let consumer = try await connection.consume(queue: queue, prefetch: limit) { delivery in
                    held.withLock {
                        $0.count += 1
                        $0.most = max($0.most, $0.count)
                    }
                    continuation.yield(delivery)
                }
                let outcomes = Outcomes()
                connection.publish((0..<200).map { Publication(routingKey: queue, body: bytes("\($0)")) }, outcome: outcomes.record)
                var expected = 0
                for await delivery in stream {
                    #expect(text(delivery) == "\(expected)")
                    expected += 1
                    held.withLock { $0.count -= 1 }
                    delivery.ack()
                    if expected == 200 { break }
                }
                #expect(held.withLock { $0.most } <= Int(limit))
                try await consumer.cancel()
            }
        }
    }

    @Test("a deleted queue is declared and consumed from again")
    func queueDeleted() async throws {
        let broker = try await Broker.common()
        try await withConnection(broker.url) { other, _ in
            try await withConnection(broker.url) { connection, _ in
                try await withQueue(on: connection) { queue in
                    let consumer = try await connection.consume(queue: queue, prefetch: 5)
                    try await other.deleteQueue(queue)
                    // The queue is back when a message can be routed.
                    while true {
                        do {
                            try await other.publish(Publication(routingKey: queue, body: bytes("again")))
                            break
                            // Refused: it was routed to the queue while that was being deleted.
                        } catch let error as AMQPError where [.unroutable, .refused].contains(error.code) { await Task.yield() }
                    }
                    var iterator = consumer.makeAsyncIterator()
                    let delivery = await iterator.next()
                    #expect(text(delivery) == "again")
                    #expect(consumer.state == .subscribed)
                    delivery?.ack()
                    try await consumer.cancel()
                    #expect(connection.state == .connected(epoch: 1))
                }
            }
        }
    }

    @Test("cancelling gives back what was not taken; what was taken can still be acknowledged")
    func cancel() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                for number in 0..<5 { try await connection.publish(Publication(routingKey: queue, body: bytes("\(number)"))) }
                let consumer = try await connection.consume(queue: queue, prefetch: 5)
                var iterator = consumer.makeAsyncIterator()
                let first = try #require(await iterator.next())
                try await consumer.cancel()
                try await consumer.cancel()
                #expect(await iterator.next() == nil)
                #expect(consumer.state == .ended)
                #expect(first.ack())
                let second = try await connection.consume(queue: queue, prefetch: 5)
                var seen: [String] = []
                for await delivery in second {
                    seen.append(text(delivery) ?? "")
                    delivery.ack()
                    if seen.count == 4 { break }
                }
                #expect(seen.sorted() == ["1", "2", "3", "4"])
                try await second.cancel()
            }
        }
    }

    @Test("settling a delivery twice is harmless")
    func twice() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                for _ in 0..<3 {
                    try await connection.publish(Publication(routingKey: queue))
                    let delivery = try #require(try await connection.get(queue: queue))
                    #expect(delivery.ack())
                    #expect(delivery.ack())
                    delivery.reject(requeue: true)
                }
                #expect(try await connection.get(queue: queue) == nil)
            }
        }
    }

    @Test("consuming from, or getting from, a missing queue says so, and nothing else is disturbed")
    func missingQueue() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            let name = "missing-" + UUID().uuidString
            #expect(await error { _ = try await connection.consume(queue: name, prefetch: 1) }?.code == .notFound)
            #expect(await error { _ = try await connection.get(queue: name) }?.code == .notFound)
            #expect(await error { _ = try await connection.messageCount(queue: name) }?.code == .notFound)
            #expect(await error { _ = try await connection.consume(queue: name, prefetch: 0) }?.code == .invalidArgument)
            #expect(connection.state == .connected(epoch: 1))
        }
    }

    @Test("an exclusive consumer keeps others away")
    func exclusive() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection, arguments: ["x-queue-type": "classic"]) { queue in
                let first = try await connection.consume(queue: queue, prefetch: 1, exclusive: true)
                #expect(await error { _ = try await connection.consume(queue: queue, prefetch: 1) }?.code == .accessRefused)
                #expect(first.state == .subscribed)
                try await first.cancel()
            }
        }
    }

    @Test("the sequence ends with the connection")
    func connectionEnds() async throws {
        let kept = Mutex<Consumer?>(nil)
        try await withConnection(Broker.common().url) { connection, _ in
            let queue = try await connection.declare(QueueDeclaration("", durable: false, exclusive: true)).name
            let consumer = try await connection.consume(queue: queue, prefetch: 1)
            kept.withLock { $0 = consumer }
        }
        let consumer = try #require(kept.withLock { $0 })
        for await _ in consumer { Issue.record("nothing was published") }
        #expect(consumer.state == .ended)
        try await consumer.cancel()
    }
}
