import BatonBroker
import BatonWire
import Logging
import Synchronization

/// Finds out whether the broker can serve a queue that is said not to answer, and deletes it where it can't, so that it is made anew.
/// A queue loses its leader for good where RabbitMQ 3.10 is killed soon after the queue's declaration, or with its node.
///
/// What was in a queue of tasks, or of reports, follows from the store. Submissions follow from nothing: their queue is only named.
final class QueueRepair: Sendable {
    private let broker: any Broker
    private let topology: Topology
    private let links: LinkStates
    private let surroundings: Surroundings
    private let logger: Logger
    /// Has the queue looked for once it is deleted.
    private let deleted: @Sendable (String) -> Void
    private let underway = Mutex<Set<String>>([])

    private static let looks = 3
    private static let answer = Duration.seconds(5)
    private static let pause = Duration.seconds(2)
    private static let deletion = Duration.seconds(30)

    init(
        broker: any Broker, topology: Topology, links: LinkStates, surroundings: Surroundings, logger: Logger,
        deleted: @escaping @Sendable (String) -> Void
    ) {
        self.broker = broker
        self.topology = topology
        self.links = links
        self.surroundings = surroundings
        self.logger = logger
        self.deleted = deleted
    }

    /// Somebody got no answer from the queue. Returns at once.
    func suspect(_ queue: String) {
        let isOurs = topology.tasksLevel(ofQueue: queue) != nil || topology.incomingQueues.contains { $0.name == queue }
        guard isOurs, underway.withLock({ $0.insert(queue).inserted }) else { return }
        // Unstructured, since those who notice don't wait for it; it ends with the looks and the deletion, each of which has its time.
        Task(executorPreference: surroundings.executor) {
            // Connections of its own: the broker closes those that ask such a queue.
            let link = self.broker.link("coordinator-repair")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await link.run() }
                await self.repair(queue, over: link)
                group.cancelAll()
            }
            self.underway.withLock { _ = $0.remove(queue) }
        }
    }

    private func repair(_ queue: String, over link: any BrokerLink) async {
        for look in 1...Self.looks {
            if look > 1 { try? await surroundings.sleep(Self.pause) }
            do {
                guard try await answers(queue, over: link) else { continue }
                return links.serves(queue)
            } catch {
                // It isn't there, or can't be asked for another reason: not for this to mend.
                deleted(queue)
                return links.serves(queue)
            }
        }
        links.doesNotServe(queue)
        guard queue != topology.submitQueue.name else {
            return logger.critical(
                """
                the broker can't serve the queue of submissions, so that none of them comes by AMQP: look at its nodes, or delete it with \
                'rabbitmqctl delete_queue' if they will not come back, which loses the submissions in it
                """, metadata: ["queue": "\(queue)"])
        }
        logger.error(
            "the broker can't serve a queue: it is deleted, made anew, and filled from the store", metadata: ["queue": "\(queue)"])
        do {
            if try await within(Self.deletion, { try await link.delete(queue: queue) }) == nil {
                throw BrokerError(.unavailable, "the broker did not answer within \(Self.deletion)")
            }
            deleted(queue)
            links.serves(queue)
        } catch {
            logger.critical(
                "a queue that the broker can't serve can't be deleted either: do it with 'rabbitmqctl delete_queue'",
                metadata: ["queue": "\(queue)", "error": "\(error)"])
        }
    }

    /// - Throws: `BrokerError` where it isn't there.
    private func answers(_ queue: String, over link: any BrokerLink) async throws -> Bool {
        do {
            guard let delivery = try await within(Self.answer, { try await link.get(queue: queue) }) else { return false }
            delivery?.giveBack()
            return true
        } catch let error as BrokerError where error.code == .unavailable {
            return false
        }
    }

    /// - Returns: `nil` where the time is over first.
    private func within<Value: Sendable>(
        _ time: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [surroundings] in
                try await surroundings.sleep(time)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
