import AMQP
import Benchmark
import Foundation
import Logging
import Synchronization

/// What a publication needs until the broker confirms it: alone, and with a thousand on the way. Into a quorum queue, as Baton's are.
///
/// Against the broker that `BATON_TEST_AMQP_URL` names. Without one there are none of these, which `Benchmarks/micro` says once;
/// here it would be said again by the process of each benchmark.
func registerAMQP() {
    guard let url = ProcessInfo.processInfo.environment["BATON_TEST_AMQP_URL"], !url.isEmpty else { return }
    let alone = PublishedQueue(url)
    Benchmark("AMQP: one message, published and confirmed", configuration: .timed()) { benchmark in
        benchmark.startMeasurement()
        try await alone.publish()
        benchmark.stopMeasurement()
    } setup: {
        try await alone.open()
    } teardown: {
        await alone.close()
    }
    let together = PublishedQueue(url)
    Benchmark("AMQP: one of 1,000 messages on the way", configuration: .timed(.kilo)) { benchmark in
        benchmark.startMeasurement()
        try await together.publish(benchmark.scaledIterations.count)
        benchmark.stopMeasurement()
        try await together.empty()
    } setup: {
        try await together.open()
    } teardown: {
        await together.close()
    }
}

/// A queue of our own, and a connection that publishes to it the messages of a small task.
private final class PublishedQueue {
    private let url: String
    private let name = "baton-micro-\(UUID().uuidString)"
    private var opened: (connection: Connection, running: Task<Void, any Error>)?

    init(_ url: String) { self.url = url }

    func open() async throws {
        let connection = Connection(
            try ConnectionConfiguration(url: url), logger: Logger(label: "micro", factory: { _ in SwiftLogNoOpLogHandler() }))
        // Lives from one hook to another, which no group of tasks can; `close` awaits it.
        opened = (connection, Task { try await connection.run() })
        try await connection.waitUntilConnected()
        try await connection.declare(QueueDeclaration(name, arguments: ["x-queue-type": "quorum"]))
    }

    func publish() async throws { try await opened?.connection.publish(message) }

    /// Returns when the broker has confirmed all of them.
    func publish(_ count: Int) async throws {
        guard let connection = opened?.connection else { return }
        let batch = Array(repeating: message, count: count)
        let open = Mutex(Outcomes(left: count))
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            connection.publish(batch) { _, result in
                let outcomes = open.withLock { outcomes in
                    outcomes.left -= 1
                    if case .failure(let error) = result { outcomes.error = error }
                    return outcomes
                }
                if outcomes.left > 0 { return }
                if let error = outcomes.error { continuation.resume(throwing: error) } else { continuation.resume() }
            }
        }
    }

    func empty() async throws { try await opened?.connection.purge(queue: name) }

    func close() async {
        guard let (connection, running) = opened else { return }
        _ = try? await connection.deleteQueue(name)
        connection.shutdown()
        _ = try? await running.value
        opened = nil
    }

    private struct Outcomes {
        var left: Int
        var error: AMQPError?
    }

    private var message: Publication {
        let properties = Properties(
            contentType: "application/json",
            headers: [
                "baton-protocol": 1, "baton-run": "01K9Z0EXAMPLERUN0000000000", "baton-task": "charge",
                "baton-handler": "orders.charge", "baton-attempt": 1, "baton-max-attempts": 1,
            ],
            priority: 2, correlationID: "order-4711", replyTo: "0", messageID: "01K9Z0EXAMPLERUN0000000000.17.1",
            timestamp: 1_764_000_000, type: "task", appID: "baton")
        return Publication(routingKey: name, properties: properties, body: Array(#"{"inputs":{"orderId":4711}}"#.utf8))
    }
}
