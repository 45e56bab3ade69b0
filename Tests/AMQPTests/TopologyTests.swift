import AMQP
import Foundation
import Testing

@Suite("Topology", .timeLimit(.minutes(2)))
struct TopologyTests {
    @Test("a declaration that differs is refused in the broker's words, and disturbs nothing")
    func mismatch() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                let failure = await error {
                    try await connection.declare(QueueDeclaration(queue, arguments: ["x-queue-type": "quorum", "x-delivery-limit": 21]))
                }
                #expect(failure?.code == .preconditionFailed)
                #expect(failure?.message.contains("x-delivery-limit") == true)
                #expect(failure?.message.contains("21") == true)
                #expect(failure?.message.contains("20") == true)
                #expect(failure?.context.contains(queue) == true)
                try await connection.declare(QueueDeclaration(queue, arguments: ["x-queue-type": "quorum", "x-delivery-limit": 20]))
                let exchange = await error { try await connection.declare(ExchangeDeclaration("amq.topic", type: "direct")) }
                #expect(exchange?.code == .preconditionFailed || exchange?.code == .accessRefused)
                #expect(connection.state == .connected(epoch: 1))
            }
        }
    }

    @Test("exchanges, bindings, counts, purge and deletion")
    func operations() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection, arguments: ["x-queue-type": "classic"]) { queue in
                let exchange = "test-" + UUID().uuidString
                try await connection.declare(ExchangeDeclaration(exchange, type: "topic"))
                try await connection.declare(ExchangeDeclaration(exchange + "-2", type: "fanout"))
                let binding = Binding(from: exchange, to: .queue(queue), routingKey: "a.*")
                try await connection.bind(binding)
                try await connection.bind(Binding(from: exchange + "-2", to: .exchange(exchange)))
                try await connection.publish(Publication(exchange: exchange, routingKey: "a.b"))
                try await connection.publish(Publication(exchange: exchange + "-2", routingKey: "a.c"))
                let one = try #require(try await connection.get(queue: queue))
                let two = try #require(try await connection.get(queue: queue))
                #expect([one.routingKey, two.routingKey] == ["a.b", "a.c"])
                one.reject(requeue: true)
                two.reject(requeue: true)
                #expect(try await connection.messageCount(queue: queue).consumers == 0)
                try await connection.unbind(binding)
                #expect(await error { try await connection.publish(Publication(exchange: exchange, routingKey: "a.b")) }?.code == .unroutable)
                #expect(await error { try await connection.deleteQueue(queue, ifEmpty: true) } != nil)
                #expect(try await connection.purge(queue: queue) == 2)
                let missing = await error { try await connection.bind(Binding(from: "missing", to: .queue(queue))) }
                #expect(missing?.code == .notFound)
                try await connection.deleteExchange(exchange)
                try await connection.deleteExchange(exchange + "-2")
            }
        }
    }
}
