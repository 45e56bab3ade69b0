import BatonBroker
import BatonModel
import BatonWire
import Synchronization

@testable import BatonWorker

/// A worker with the other side of the conversation: publishes tasks, reads reports, and answers as a coordinator would.
final class Harness: Sendable {
    let broker = ScriptedBroker()
    let clock = ManualClock()
    let topology = Topology()
    let worker: Worker
    let gate = Gate()
    let reports = Journal<Report>()
    let reportMessages = Journal<Message>()
    let announcements = Journal<WorkerAnnouncement>()
    let seen = Journal<String>()
    private let link: any BrokerLink

    init(_ configuration: WorkerConfiguration, watchesGaps: Bool = false) throws {
        worker = try Worker(configuration: configuration, broker: broker, clock: clock, watchesGaps: watchesGaps)
        link = broker.link("coordinator")
        CoreHandlers.register(on: worker)
        let gate = gate
        worker.register("wait") { (input: JSON, context: TaskContext) in try await gate.pass(input, context) }
        worker.register("stubborn") { (input: JSON, context: TaskContext) in await gate.passStubbornly(input, context) }
    }

    /// - Parameter welcomes: the cancelled attempts to welcome workers with; `nil` to let them wait.
    func listen(welcomes: [String]?) async throws {
        try await link.declare(exchanges: topology.exchanges, queues: [topology.reportsQueue(0), topology.parkingQueue])
        _ = try await link.consume(queue: topology.reportsQueue(0).name, prefetch: 10_000) { [self] delivery in
            receive(delivery.message, welcomes: welcomes)
            delivery.acknowledge()
        }
    }

    private func receive(_ message: Message, welcomes: [String]?) {
        switch try? WorkerMessage.read(message) {
        case .announcement(let announcement):
            announcements.append(announcement)
            if announcement.state == .starting, let welcomes { control(.welcome(cancelled: welcomes)) }
        case .seen(let id, _): seen.append(id)
        case nil:
            reportMessages.append(message)
            if let report = try? Report(message) { reports.append(report) }
        }
    }

    func control(_ control: Control, id: String? = nil, inAnswerTo question: String? = nil) {
        var message = control.message(id: id)
        message.correlationID = question
        let publication = Publication(exchange: "", routingKey: topology.controlQueue(worker.id).name, message: message)
        link.publish([publication]) { _, _ in }
    }

    func publish(_ message: Message, priority: Priority = .normal, queue: QueueName = .default) {
        let publication = Publication(
            exchange: topology.tasks.name, routingKey: topology.tasksKey(queue, priority), message: message)
        link.publish([publication]) { _, _ in }
    }

    /// - Returns: the attempt's id as text.
    @discardableResult
    func submit(
        _ index: Int, _ handler: HandlerName, _ inputs: JSONValue? = nil, priority: Priority = .normal, number: Int = 1,
        _ change: (inout TaskMessage) -> Void = { _ in }
    ) -> String {
        let attempt = AttemptID(run: "run", task: index, number: number)
        var message = TaskMessage(
            attempt: attempt, task: TaskID("t\(index)"), handler: handler, correlationID: "c", priority: priority, replyTo: "0",
            maxAttempts: 3, sentAt: Timestamp(milliseconds: 0), body: TaskMessage.Body(inputs: inputs.map { JSON($0) }))
        change(&message)
        publish(message.message, priority: priority)
        return attempt.description
    }

    func outcome(_ attempt: String) async throws -> Report.Content {
        try await reports.first { $0.attempt.description == attempt && $0.content.isOutcome }.content
    }

    func failure(_ attempt: String) async throws -> TaskError {
        guard case .failed(let error) = try await outcome(attempt) else { throw Unexpected() }
        return error
    }

    func acknowledged(_ attempt: String) async throws {
        try await broker.settled.first { $0 == .init(id: attempt, how: .acknowledge) }
    }

    func report(_ content: Report.Content, _ attempt: String, count: Int = 1) async throws {
        try await reports.wait(for: count) { $0.attempt.description == attempt && $0.content == content }
    }

    struct Unexpected: Error {}
}

extension Report.Content {
    var isOutcome: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        case .started, .progress, .heartbeat, .lease, .claim, .log: false
        }
    }
}

/// Runs a worker for as long as `body` takes.
func withWorker(
    slots: Int = 4, welcomes: [String]? = [], watchesGaps: Bool = false, configure: (inout WorkerConfiguration) -> Void = { _ in },
    prepare: (Harness) async throws -> Void = { _ in }, _ body: (Harness) async throws -> Void
) async throws {
    var configuration = WorkerConfiguration(slots: slots)
    configure(&configuration)
    let harness = try Harness(configuration, watchesGaps: watchesGaps)
    defer { harness.broker.clear() }
    try await harness.listen(welcomes: welcomes)
    try await prepare(harness)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await harness.worker.serve() }
        if welcomes != nil { try await harness.announcements.first { $0.state == .running } }
        do {
            try await body(harness)
        } catch {
            harness.gate.open("*")
            group.cancelAll()
            throw error
        }
        harness.gate.open("*")
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// Waits until the worker is subscribed to all its queues.
extension Harness {
    func subscribed() async throws {
        for priority in Priority.allCases { try await broker.subscriptions.first(topology.tasksQueue(.default, priority).name) }
    }
}
