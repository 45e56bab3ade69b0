import BatonBroker
import BatonModel
import BatonTesting
import BatonWire

/// A worker that does only what a test tells it: takes task messages, and sends the reports it is told to.
final class ScriptedWorker: Sendable {
    let id: WorkerID
    let link: any BrokerLink
    let tasks = Journal<Delivery>()
    let controls = Journal<Message>()
    private let topology = Topology()

    private init(_ id: WorkerID, _ link: any BrokerLink) {
        self.id = id
        self.link = link
    }

    /// - Parameter takes: whether it takes task messages; otherwise they stay in their queues.
    static func with<Value>(
        _ cluster: TestCluster, id: WorkerID = "scripted", takes: Bool = true, announced: Bool = false,
        _ body: (ScriptedWorker) async throws -> Value
    ) async throws -> Value {
        let worker = ScriptedWorker(id, cluster.broker.link(id.rawValue))
        let running = Task { try await worker.link.run() }
        do {
            try await worker.prepare(takes: takes, announced: announced)
            let value = try await body(worker)
            running.cancel()
            _ = await running.result
            return value
        } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
    }

    private func prepare(takes: Bool, announced: Bool) async throws {
        let queues = Priority.allCases.map { topology.tasksQueue(.default, $0) }
        let reports = topology.reportsQueue(0)
        try await link.declare(
            exchanges: topology.exchanges, queues: queues + [topology.controlQueue(id), topology.parkingQueue, reports])
        _ = try await link.consume(queue: topology.controlQueue(id).name, prefetch: 100) { [controls] delivery in
            controls.append(delivery.message)
            delivery.acknowledge()
        }
        if announced {
            try await announce(.starting)
            try await controls.first { $0.type == "welcome" }
        }
        if takes { try await take() }
    }

    func take() async throws {
        for priority in Priority.allCases {
            _ = try await link.consume(queue: topology.tasksQueue(.default, priority).name, prefetch: 1000) { [tasks] in tasks.append($0) }
        }
    }

    func announce(
        _ state: WorkerAnnouncement.State, running: [String] = [], slots: Int = 0, hooks: [String] = [], missing: [String]? = nil,
        by other: WorkerID? = nil
    ) async throws {
        let announcement = WorkerAnnouncement(
            worker: other ?? id, state: state, handlers: [.init(name: "work", hooks: hooks)], queues: [.default], slots: slots, running: running,
            controlQueue: topology.controlQueue(id).name, host: "here", startedAt: Timestamp(milliseconds: 0),
            missing: missing)
        try await report(WorkerMessage.announcement(announcement).message)
    }

    /// Returns when the coordinator has heard all that was announced and reported before: it answers a newcomer after that.
    func heard() async throws {
        let welcomes = controls.all.count { $0.type == "welcome" }
        try await announce(.starting, by: "newcomer")
        try await controls.wait(for: welcomes + 1) { $0.type == "welcome" }
        try await announce(.stopped, by: "newcomer")
    }

    /// The nth message of the task, from 1, once it is there.
    func message(_ task: TaskID, _ number: Int = 1) async throws -> (delivery: Delivery, task: TaskMessage) {
        let found = try await tasks.wait(for: number) { $0.message.headers.string(HeaderName.task) == task.rawValue }
        return (found[number - 1], try TaskMessage(found[number - 1].message))
    }

    /// Takes the task's first message and reports its start. Returns once the coordinator has heard of it.
    @discardableResult
    func start(_ task: TaskID, of run: RunID, in cluster: TestCluster) async throws -> AttemptID {
        let attempt = try await message(task).task.attempt
        try await report(.started, of: attempt)
        try await cluster.waitForEvent(run) { $0.type == .taskStarted }
        return attempt
    }

    func report(_ content: Report.Content, of attempt: AttemptID) async throws {
        try await report(Report(content, of: attempt, by: id).message())
    }

    func report(_ message: Message) async throws {
        try await link.publish(
            Publication(exchange: topology.reports.name, routingKey: topology.reportsKey(0), message: message))
    }

    /// Takes the task's message, reports its result, and acknowledges.
    @discardableResult
    func complete(_ task: TaskID, _ result: JSONValue = .null, number: Int = 1) async throws -> TaskMessage {
        let (delivery, message) = try await message(task, number)
        try await report(.completed(result: JSON(result)), of: message.attempt)
        delivery.acknowledge()
        return message
    }

    /// Sees all task messages beside those who take them.
    func watchTasks() async throws -> Journal<Message> {
        let seen = Journal<Message>()
        let bindings = Priority.allCases.map { Binding(topology.tasks, topology.tasksKey(.default, $0)) }
        let queue = Queue(name: "watch.\(id)", kind: .exclusive, bindings: bindings)
        try await link.declare(exchanges: [], queues: [queue])
        _ = try await link.consume(queue: queue.name, prefetch: 1000) { delivery in
            seen.append(delivery.message)
            delivery.acknowledge()
        }
        return seen
    }

    func depth(_ priority: Priority = .normal) async throws -> Int {
        try await link.depth(queue: topology.tasksQueue(.default, priority).name).messages
    }
}
