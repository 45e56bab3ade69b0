import AMQP
import ArgumentParser

/// Takes each task, publishes its report, and acknowledges the task when the report is confirmed, until it is stopped.
struct Echo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer the messages of round-trip, as a worker would.")

    @Option(help: "The broker's address.")
    var url: String

    @Option(help: "How many tasks are held unacknowledged.")
    var prefetch: UInt16 = 72

    func run() async throws {
        let consuming = Connection(try ConnectionConfiguration(url: url))
        let publishing = Connection(try ConnectionConfiguration(url: url))
        try await withThrowingTaskGroup { group in
            group.addTask { try await consuming.run() }
            group.addTask { try await publishing.run() }
            let consumer = try await consuming.consume(queue: LimitMessages.tasksQueue, prefetch: prefetch) { task in
                publishing.publish([LimitMessages.report(of: task)]) { _, result in
                    if case .success = result { task.ack() } else { task.reject(requeue: true) }
                }
            }
            print("ready on \(consumer.queue)", to: &standardOutput)
            try await group.waitForAll()
            withExtendedLifetime(consumer) {}
        }
    }
}
