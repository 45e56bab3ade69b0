import AMQP
import Foundation
import Testing

@Suite("Connecting", .timeLimit(.minutes(2)))
struct ConnectingTests {
    @Test("a wrong password, or virtual host, ends run with an error that says so")
    func refused() async throws {
        var configuration = try ConnectionConfiguration(url: await Broker.common().url)
        configuration.password = "wrong"
        let first = Connection(configuration)
        let failure = await error { try await first.run() }
        #expect(failure?.code == .authenticationRefused)
        #expect(failure?.isRetryable == false)
        #expect(first.state == .closed(failure))
        #expect(await error { try await first.publish(Publication(routingKey: "q")) } == failure)

        configuration = try ConnectionConfiguration(url: await Broker.common().url)
        configuration.virtualHost = "nowhere"
        let second = Connection(configuration)
        let refusal = await error { try await second.run() }
        #expect(refusal?.code == .virtualHostRefused)
        #expect(refusal?.message.contains("nowhere") == true)
        #expect(await error { try await second.run() } != nil)
    }

    @Test("a broker that isn't there is tried again until run is cancelled")
    func unreachable() async throws {
        var configuration = ConnectionConfiguration(port: 1)
        configuration.reconnectMinimum = .milliseconds(1)
        let connection = Connection(configuration)
        let states = States(connection)
        try await withThrowingTaskGroup { group in
            group.addTask { try await connection.run() }
            try await states.wait { if case .connecting(4, let error?) = $0 { error.isRetryable } else { false } }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(connection.state == .closed(nil))
        #expect(await error { try await connection.publish(Publication(routingKey: "q")) }?.code == .closed)
    }

    @Test("run that is cancelled before it starts returns")
    func cancelledEarly() async throws {
        let connection = Connection(ConnectionConfiguration(port: 1))
        connection.shutdown()
        try await connection.run()
        #expect(await error { try await connection.run() } != nil)
    }

    @Test("heartbeats keep an idle connection alive")
    func heartbeat() async throws {
        try await withConnection(Broker.common().url, { $0.heartbeat = .seconds(1) }) { connection, _ in
            try await withQueue(on: connection) { queue in
                // Idle time is the subject: several times what the broker tolerates without a heartbeat.
                try await Task.sleep(for: .seconds(5))
                try await connection.publish(Publication(routingKey: queue))
                #expect(connection.state == .connected(epoch: 1))
            }
        }
    }

    @Test("shutdown waits for the confirms of what was handed over")
    func drains() async throws {
        let outcomes = Outcomes()
        try await withConnection(Broker.common().url) { connection, _ in
            let queue = try await connection.declare(QueueDeclaration("", durable: false, exclusive: true)).name
            connection.publish((0..<3_000).map { _ in Publication(routingKey: queue) }, outcome: outcomes.record)
        }
        await outcomes.wait(for: 3_000)
        #expect(outcomes.failures.isEmpty)
    }

    @Test("many connections start and stop")
    func startStop() async throws {
        let url = try await Broker.common().url
        try await withThrowingTaskGroup { group in
            for index in 0..<20 {
                group.addTask {
                    try await withConnection(url) { connection, _ in
                        if index % 3 > 0 { try await connection.waitUntilConnected() }
                        if index % 3 > 1 { _ = try? await connection.messageCount(queue: "not-there") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
