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
    /// Stores that what was in the queue is sent again.
    private let lost: @Sendable (LostQueue) async -> Bool
    /// Has the queue looked for once it is deleted.
    private let deleted: @Sendable (String) -> Void
    private let underway = Mutex<Set<String>>([])

    /// So many queues at a time; of others somebody tells again.
    private static let mostUnderway = 4
    /// How often a queue is asked before it is deleted: one of reports longer, since what waits there is done again.
    private static let looks = (tasks: 3, incoming: 8)
    private static let answer = Duration.seconds(5)
    private static let pause = Duration.seconds(2)
    /// Between the times that all of that is done again.
    private static let longPause = Duration.seconds(30)

    private enum Finding { case serves, silent, unknown }

    init(
        broker: any Broker, topology: Topology, links: LinkStates, surroundings: Surroundings, logger: Logger,
        lost: @escaping @Sendable (LostQueue) async -> Bool, deleted: @escaping @Sendable (String) -> Void
    ) {
        self.broker = broker
        self.topology = topology
        self.links = links
        self.surroundings = surroundings
        self.logger = logger
        self.lost = lost
        self.deleted = deleted
    }

    /// Somebody got no answer from the queue. Returns at once.
    func suspect(_ queue: String) {
        let isOurs = topology.tasksLevel(ofQueue: queue) != nil || topology.incomingQueues.contains { $0.name == queue }
        guard isOurs, underway.withLock({ $0.count < Self.mostUnderway && $0.insert(queue).inserted }) else { return }
        // Unstructured, since those who notice don't wait for it; it ends with the coordinator, or once the queue answers.
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
        let looks = topology.tasksLevel(ofQueue: queue) == nil ? Self.looks.incoming : Self.looks.tasks
        while !links.isOver {
            var finding = Finding.silent
            for look in 1...looks where finding == .silent {
                if look > 1 { try? await surroundings.sleep(Self.pause) }
                finding = await ask(queue, over: link)
            }
            switch finding {
            case .serves: return links.serves(queue)
            // The broker isn't there, or doesn't let us ask. Whoever gets no answer from the queue tells again.
            case .unknown: return
            case .silent:
                links.doesNotServe(queue)
                if await mend(queue, over: link) { return links.serves(queue) }
            }
            try? await surroundings.sleep(Self.longPause)
        }
    }

    /// - Returns: whether it is deleted.
    private func mend(_ queue: String, over link: any BrokerLink) async -> Bool {
        guard queue != topology.submitQueue.name else {
            logger.critical(
                """
                the broker can't serve the queue of submissions, so that none of them comes by AMQP: look at its nodes, or delete it with \
                'rabbitmqctl delete_queue' if they will not come back, which loses the submissions in it
                """, metadata: ["queue": "\(queue)"])
            return false
        }
        logger.error(
            "the broker can't serve a queue: it is deleted, made anew, and filled from the store", metadata: ["queue": "\(queue)"])
        // First: whoever makes it anew once it is deleted may not know what was in it.
        let level = topology.levels([queue]).first
        guard await lost(level.map { .tasks($0) } ?? .incoming) else { return false }
        do {
            try await link.delete(queue: queue)
            deleted(queue)
            return true
        } catch {
            logger.critical(
                "a queue that the broker can't serve can't be deleted either: do it with 'rabbitmqctl delete_queue'",
                metadata: ["queue": "\(queue)", "error": "\(error)"])
            return false
        }
    }

    /// The broker says whether a queue is there without asking it. So it is silent where the broker is not.
    private func ask(_ queue: String, over link: any BrokerLink) async -> Finding {
        do {
            guard let isThere = try await within(Self.answer, { try await link.has(queue: queue) }) else { return .unknown }
            guard isThere else {
                deleted(queue)
                return .serves
            }
            guard let delivery = try await within(Self.answer, { try await link.get(queue: queue) }) else { return .silent }
            delivery?.giveBack()
            return .serves
        } catch let error as BrokerError where error.code == .unavailable {
            return .silent
        } catch {
            logger.debug("a queue can't be asked", metadata: ["queue": "\(queue)", "error": "\(error)"])
            return .unknown
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
