import AMQP
import Foundation
import Testing

@Suite("Publishing", .timeLimit(.minutes(2)))
struct PublishingTests {
    /// A quorum queue adds a header of its own, the delivery count.
    private let classic: Headers = ["x-queue-type": "classic"]

    @Test("publish returns when the broker has confirmed")
    func confirm() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                try await connection.publish(Publication(routingKey: queue, body: bytes("one")))
                let delivery = try #require(try await connection.get(queue: queue))
                #expect(text(delivery) == "one")
                #expect(delivery.properties.persistent)
                #expect(!delivery.redelivered)
                #expect(delivery.ack())
                #expect(try await connection.get(queue: queue) == nil)
            }
        }
    }

    @Test("a mandatory message that reaches no queue is unroutable, though it is confirmed")
    func unroutable() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                let missing = "missing-" + UUID().uuidString
                let failure = await error { try await connection.publish(Publication(routingKey: missing)) }
                #expect(failure?.code == .unroutable)
                #expect(failure?.replyCode == 312)
                try await connection.publish(Publication(routingKey: missing, mandatory: false))

                let outcomes = Outcomes()
                let batch = (0..<300).map { Publication(routingKey: $0 % 3 == 0 ? missing : queue, properties: Properties(messageID: "\($0)")) }
                connection.publish(batch, outcome: outcomes.record)
                await outcomes.wait(for: 300)
                for index in 0..<300 { #expect(outcomes.failure(index)?.code == (index % 3 == 0 ? .unroutable : nil)) }
            }
        }
    }

    @Test("only the publication to a missing exchange fails")
    func missingExchange() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                let outcomes = Outcomes()
                let batch = (0..<60).map {
                    Publication(exchange: $0 % 20 == 7 ? "missing-exchange" : "", routingKey: queue, body: bytes("\($0)"))
                }
                connection.publish(batch, outcome: outcomes.record)
                await outcomes.wait(for: 60)
                for index in 0..<60 { #expect(outcomes.failure(index)?.code == (index % 20 == 7 ? .notFound : nil)) }
                #expect(outcomes.failure(7)?.message.contains("missing-exchange") == true)
                #expect(connection.state == .connected(epoch: 1))
            }
        }
    }

    @Test("what AMQP can't carry is refused, and nothing else is disturbed")
    func invalid() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection, arguments: classic) { queue in
                let large = Properties(headers: ["large": .string(String(repeating: "x", count: 200_000))])
                #expect(await error { try await connection.publish(Publication(routingKey: queue, properties: large)) }?.code == .invalidArgument)
                let long = String(repeating: "k", count: 256)
                #expect(await error { try await connection.publish(Publication(routingKey: long)) }?.code == .invalidArgument)
                let type = Properties(type: long)
                #expect(await error { try await connection.publish(Publication(routingKey: queue, properties: type)) }?.code == .invalidArgument)
                let number = Properties(headers: ["n": .array([.double(.nan)])])
                #expect(await error { try await connection.publish(Publication(routingKey: queue, properties: number)) }?.code == .invalidArgument)
                // Close to the limit it fits.
                let fitting = Properties(headers: ["large": .string(String(repeating: "x", count: 130_900))])
                try await connection.publish(Publication(routingKey: queue, properties: fitting))
                let delivery = try #require(try await connection.get(queue: queue))
                #expect(delivery.properties == fitting)
                delivery.ack()
                #expect(connection.state == .connected(epoch: 1))
            }
        }
    }

    @Test("bodies of many frames, and empty ones, come back whole", arguments: [0, 1, 131_064, 131_065, 5 << 20])
    func bodies(size: Int) async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection) { queue in
                let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
                try await connection.publish(Publication(routingKey: queue, body: body))
                let delivery = try #require(try await connection.get(queue: queue))
                #expect(delivery.body == body)
                delivery.ack()
            }
        }
    }

    @Test("properties and headers of every kind come back as they were")
    func properties() async throws {
        try await withConnection(Broker.common().url) { connection, _ in
            try await withQueue(on: connection, arguments: classic) { queue in
                let sent = Properties(
                    contentType: "application/json", contentEncoding: "identity",
                    headers: [
                        "string": "Grüße ✓", "": "no name", "empty": "", "integer": .int(.min), "true": true, "double": -0.25,
                        "bytes": .bytes([0, 255, 10, 13]), "time": .timestamp(1_800_000_000), "null": .null,
                        "list": .array(["a", 2, .array([]), .table(["deep": .bytes([])])]), "table": .table(["x": 1, "y": .table([:])]),
                        "twice": 1, "twice": 2, "a name that is longer than fifteen bytes": "a value that is longer too",
                    ],
                    persistent: false, priority: 3, correlationID: "correlation", replyTo: "reply", expiration: "60000",
                    messageID: "id", timestamp: 1_700_000_000, type: "type", userID: "guest", appID: "app")
                for _ in 0..<3 {
                    try await connection.publish(Publication(routingKey: queue, properties: sent))
                    let delivery = try #require(try await connection.get(queue: queue))
                    #expect(delivery.properties == sent)
                    delivery.ack()
                }
            }
        }
    }

    @Test("a publication whose task is cancelled while the broker is away throws CancellationError")
    func cancelled() async throws {
        let connection = Connection(ConnectionConfiguration())
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await connection.publish(Publication(routingKey: "q")) }
            }
            group.cancelAll()
        }
    }
}
