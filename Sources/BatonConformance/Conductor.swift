import BatonBroker
import BatonModel
import BatonWire
import Synchronization

/// Plays the coordinator's part on the broker: publishes tasks, takes reports, and answers what workers ask.
final class Conductor: Sendable {
    private struct State {
        var cancelled: [String] = []
        var refused: Set<String> = []
        var greeted: Set<WorkerID> = []
    }

    /// What probes carry as `reply_to`: other than a coordinator's, so that a worker has to look.
    static let replyTo = "conformance"
    /// What one probe carries, to which nothing is bound until `bindLater`.
    static let laterReplyTo = "conformance-later"
    /// A worker that asks for the first time waits this long, so that it can be seen to wait.
    static let welcomeDelay: Duration = .milliseconds(700)
    /// Between a request for a lease and its answer, so that the worker can be seen to wait.
    static let leaseDelay: Duration = .milliseconds(300)

    let topology: Topology
    let queue: QueueName
    private let link: any BrokerLink
    private let journal: Journal
    private let state = Mutex(State())
    private let questions: AsyncStream<Message>
    private let asked: AsyncStream<Message>.Continuation

    init(topology: Topology, queue: QueueName, link: any BrokerLink, journal: Journal) {
        self.topology = topology
        self.queue = queue
        self.link = link
        self.journal = journal
        (questions, asked) = AsyncStream.makeStream()
    }

    private var taskQueues: [Queue] { Priority.allCases.map { topology.tasksQueue(queue, $0) } }

    var queueNames: [String] {
        (taskQueues + [topology.reportsQueue(0), topology.parkingQueue, topology.submitQueue, topology.parkedQueue]).map(\.name)
    }

    // MARK: - The broker

    /// Declares what a coordinator declares, and takes reports from then on.
    ///
    /// - Throws: `ConformanceError` where somebody else is at work in the namespace.
    func prepare() async throws {
        if let reports = try await depth(topology.reportsQueue(0).name), reports.consumers > 0 {
            throw ConformanceError(
                "a coordinator is at work in namespace '\(topology.namespace)': it would take the reports. "
                    + "Stop it, or give another --namespace", code: .usage)
        }
        for queue in taskQueues {
            guard let depth = try await depth(queue.name) else { continue }
            if depth.messages > 0 {
                throw ConformanceError(
                    "queue \(queue.name) holds \(depth.messages) messages of somebody else's: give another --namespace or --queue", code: .usage)
            }
            if depth.consumers > 0 { throw Self.notThroughProxy(queue.name) }
        }
        let reports = reportsQueue(Self.replyTo)
        // As in a cluster, the queues of other priorities come with the first task for them, or with a worker that announces itself.
        try await link.declare(
            exchanges: topology.exchanges, queues: [topology.parkingQueue, reports, topology.tasksQueue(queue, .normal)])
        _ = try await link.consume(queue: reports.name, prefetch: 1000) { delivery in
            self.journal.note(.arrived(delivery.message))
            self.asked.yield(delivery.message)
            delivery.acknowledge()
        }
        _ = try await link.consume(queue: topology.parkingQueue.name, prefetch: 100) { delivery in
            self.journal.note(.parked(delivery.message))
            delivery.acknowledge()
        }
    }

    private func reportsQueue(_ key: String) -> Queue {
        let reports = topology.reportsQueue(0)
        return Queue(name: reports.name, kind: reports.kind, bindings: reports.bindings + [Binding(topology.reports, key)])
    }

    /// From now on reports to `laterReplyTo` arrive too.
    func bindLater() async throws { try await link.declare(exchanges: [], queues: [reportsQueue(Self.laterReplyTo)]) }

    func declareTaskQueues() async throws { try await link.declare(exchanges: [], queues: taskQueues) }

    static func reportsBesideProxy(_ exchange: String) -> ConformanceError {
        ConformanceError(
            "a worker publishes to \(exchange) by a connection of its own to the broker: it must connect to the address given here, or "
                + "nobody can see what it says")
    }

    static func notThroughProxy(_ queue: String) -> ConformanceError {
        ConformanceError(
            "a worker consumes \(queue) by a connection of its own to the broker: it must connect to the address given here, or "
                + "nobody can see when it acknowledges")
    }

    /// How many consumers the tasks' queues have, by whatever way.
    func consumers() async throws -> Int {
        var count = 0
        for queue in taskQueues { count += try await depth(queue.name)?.consumers ?? 0 }
        return count
    }

    private func depth(_ queue: String) async throws -> QueueDepth? {
        do {
            return try await link.depth(queue: queue)
        } catch let error as BrokerError where error.code == .missing {
            return nil
        }
    }

    // MARK: - Telling

    func publish(_ message: Message, _ priority: Priority) async throws {
        try await link.publish(
            Publication(exchange: topology.tasks.name, routingKey: topology.tasksKey(queue, priority), message: message))
    }

    /// - Parameter worker: whose own queue it goes to; `nil` for all workers.
    func tell(_ control: Control, to controlQueue: String? = nil, id: String? = nil) async {
        // Before it goes: the worker may act on it at once.
        journal.note(.told(control))
        let publication = Publication(
            exchange: controlQueue == nil ? topology.control.name : "", routingKey: controlQueue ?? "", message: control.message(id: id),
            isMandatory: false)
        try? await link.publish(publication)
    }

    /// Attempts that the next welcomes tell as cancelled.
    func welcome(with cancelled: [String]) { state.withLock { $0.cancelled = cancelled } }

    /// A claim of this attempt will be refused.
    func refuse(_ attempt: String) { state.withLock { _ = $0.refused.insert(attempt) } }

    // MARK: - Answering

    /// Answers what workers ask, until the task is cancelled.
    func run() async {
        for await message in questions {
            guard let worker = message.headers.string(HeaderName.worker).map(WorkerID.init(rawValue:)) else { continue }
            await answer(message, of: worker)
        }
    }

    private func answer(_ message: Message, of worker: WorkerID) async {
        if case .announcement(let announcement)? = try? WorkerMessage.read(message) {
            if announcement.queues.contains(queue) { try? await declareTaskQueues() }
            guard announcement.state == .starting else { return }
            let isNew = state.withLock { $0.greeted.insert(worker).inserted }
            if isNew { try? await Task.sleep(for: Self.welcomeDelay) }
            return await tell(.welcome(cancelled: state.withLock { $0.cancelled }), to: announcement.controlQueue)
        }
        guard let report = try? Report(message) else { return }
        let attempt = report.attempt.description
        let own = topology.controlQueue(worker).name
        switch report.content {
        case .claim:
            let isRefused = state.withLock { $0.refused.contains(attempt) }
            await tell(.claimed(granted: isRefused ? [] : [attempt], refused: isRefused ? [attempt] : []), to: own)
        case .lease:
            try? await Task.sleep(for: Self.leaseDelay)
            await tell(.leased(attempts: [attempt]), to: own)
        default: break
        }
    }
}
