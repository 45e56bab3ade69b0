import BatonBroker
import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct InMemoryTests {
    @Test func aWorkerRunsTasksOfTheInMemoryBroker() async throws {
        let broker = InMemoryBroker()
        let topology = Topology()
        let worker = try Worker(configuration: WorkerConfiguration(), broker: broker)
        CoreHandlers.register(on: worker)
        let link = broker.link("coordinator")
        let completed = Journal<String>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await link.run() }
            try await link.declare(
                exchanges: topology.exchanges,
                queues: [topology.reportsQueue(0), topology.tasksQueue(.default, .normal)])
            let reports = try await link.consume(queue: topology.reportsQueue(0).name, prefetch: 100) { delivery in
                delivery.acknowledge()
                if delivery.message.type == "completed" { completed.append(delivery.message.correlationID ?? "") }
                guard case .announcement(let announcement) = try? WorkerMessage.read(delivery.message),
                    announcement.state == .starting
                else { return }
                let welcome = Control.welcome(cancelled: []).message()
                link.publish([Publication(exchange: "", routingKey: announcement.controlQueue, message: welcome)]) { _, _ in }
            }
            group.addTask { try await worker.serve() }
            for index in 0..<100 {
                let message = TaskMessage(
                    attempt: AttemptID(run: "r", task: index, number: 1), task: "t", handler: "core.echo", correlationID: "c",
                    priority: .normal, replyTo: topology.reportsKey(0), maxAttempts: 1, sentAt: Timestamp(milliseconds: 0))
                try await link.publish(
                    Publication(
                        exchange: topology.tasks.name, routingKey: topology.tasksKey(.default, .normal), message: message.message))
            }
            #expect(Set(try await completed.wait(for: 100)).count == 100)
            try await reports.cancel()
            group.cancelAll()
        }
    }
}
