import BatonBroker
import BatonEngine
import BatonModel
import BatonStore
import BatonWire
import Crypto
import Foundation
import Logging

/// Reads what comes from the broker, and puts it before the core. What can't be read is parked.
struct Intake: Sendable {
    let mailbox: Mailbox
    let publishing: any BrokerLink
    let topology: Topology
    let registry: WorkerRegistry
    let announcer: Announcer
    let limits: Limits
    let schemas: SchemaChecks
    let owners: SubmissionOwner
    /// Has the queues of workers declared, anew where they may have gone.
    let prepare: @Sendable (_ queues: [QueueName], _ anew: Bool) -> Void
    /// A worker has found the level's queue missing.
    let lost: @Sendable (QueueLevel) -> Void
    /// Has a queue looked at that a worker got no answer from.
    let suspect: @Sendable (String) -> Void
    let logger: Logger
    let now: @Sendable () -> Timestamp

    func report(_ delivery: Delivery) {
        do throws(WireError) {
            if let message = try WorkerMessage.read(delivery.message) { return worker(message, delivery) }
            mailbox.put(.report(try Report(delivery.message), delivery))
        } catch {
            park(delivery, error.description, from: topology.reportsQueue(0).name)
        }
    }

    private func worker(_ message: WorkerMessage, _ delivery: Delivery) {
        switch message {
        case .announcement(let announcement):
            registry.note(announcement, now: now())
            // A worker's account need not be allowed to declare them.
            prepare(announcement.queues, announcement.state == .starting)
            let own = Set(announcement.queues.prefix(Publisher.mostQueuesPrepared))
            let missing = topology.levels(announcement.missing).filter { own.contains($0.queue) }
            for level in missing { lost(level) }
            for level in topology.levels(announcement.unserved) where own.contains(level.queue) {
                suspect(topology.tasksQueue(level.queue, level.priority).name)
            }
            logger.debug(
                "a worker announces itself",
                metadata: ["worker": "\(announcement.worker)", "state": "\(announcement.state.rawValue)"])
            mailbox.put(.worker(message, lost: missing, delivery))
        case .seen(let id, let worker):
            announcer.seen(id, by: worker)
            delivery.acknowledge()
        }
    }

    func submission(_ delivery: Delivery) {
        let message = delivery.message
        do throws(InvalidGraph) {
            var submission = try Submission(message, limits: limits, checks: .standard)
            do throws(OperationError) {
                try owners.apply(to: &submission, of: delivery)
            } catch {
                return refuse(delivery, error, "the submission is refused: \(error)")
            }
            let prepared = try PreparedGraph(checked: submission.graph, schemas: schemas)
            let address = submission.replyTo.map {
                ReplyAddress(
                    replyTo: $0, correlationID: submission.correlationID, isSingleTask: submission.isSingleTask)
            }
            mailbox.put(
                .submission(
                    SubmissionRequest(
                        graph: submission.graph, prepared: prepared, digest: Self.digest(submission.graph), reply: address,
                        wantsResult: submission.wantsResult, answer: { decided($0, on: delivery, to: address) }, delivery: delivery)))
        } catch {
            let problems = error.problems
            let reason = "the submission is refused: \(problems.prefix(5).map(\.description).joined(separator: "; "))"
            refuse(delivery, OperationError(error), reason)
        }
    }

    /// The core has taken the submission, or not. The message has been acknowledged: where it is refused for good, a copy is put aside.
    private func decided(
        _ result: Result<(run: StoredRun, existing: Bool), OperationError>, on delivery: Delivery, to address: ReplyAddress?
    ) {
        answer(result, to: address)
        guard case .failure(let error) = result, error.code != .unavailable else { return }
        park(delivery.message, "the submission is refused: \(error.description)", from: topology.submitQueue.name) { _ in }
    }

    /// Tells the producer, where that is asked for, and puts the message aside.
    private func refuse(_ delivery: Delivery, _ error: OperationError, _ reason: String) {
        // An answer goes nowhere that an accepted submission could not have it sent to.
        if let replyTo = delivery.message.replyTo, !replyTo.isEmpty, owners.allows(replyTo: replyTo, of: delivery) {
            let address = ReplyAddress(replyTo: replyTo, correlationID: delivery.message.correlationID, isSingleTask: false)
            answer(.failure(error), to: address)
        }
        park(delivery, reason, from: topology.submitQueue.name)
    }

    /// What the broker gave up: where it is an attempt's message, its task has to hear of it.
    func parked(_ delivery: Delivery) {
        let headers = delivery.message.headers
        guard delivery.message.type == TaskMessage.type, headers[HeaderName.parkedReason] == nil,
            let id = delivery.message.messageID, let attempt = AttemptID(id)
        else { return delivery.acknowledge() }
        let why = headers.string("x-first-death-reason") ?? "given up"
        let isRejected = why == "rejected"
        let cause = isRejected ? "a worker rejected it" : "it was given back too often, or its workers died too often"
        let reason = "the broker gave its message up (\(why)): \(cause)"
        mailbox.put(.givenUp(attempt, reason: reason, isRejected: isRejected, delivery))
    }

    static func digest(_ graph: Graph) -> [UInt8] { Array(SHA256.hash(data: graph.document.bytes)) }

    private func answer(_ result: Result<(run: StoredRun, existing: Bool), OperationError>, to address: ReplyAddress?) {
        guard let address else { return }
        var writer = JSONWriter()
        var type = "accepted"
        writer.object { writer in
            switch result {
            case .success(let accepted):
                writer.field("run", accepted.run.header.id.rawValue)
                writer.field("status", accepted.run.progress.status.rawValue)
                if accepted.existing {
                    writer.name("existing")
                    writer.write(JSONValue.bool(true))
                }
            case .failure(let error):
                type = "rejected"
                writer.field("code", error.code.rawValue)
                writer.field("message", error.description)
                writer.name("problems")
                writer.array { writer in
                    for problem in error.problems {
                        writer.object {
                            $0.field("path", problem.path)
                            $0.field("message", problem.message)
                        }
                    }
                }
            }
        }
        let message = Message(
            type: type, correlationID: address.correlationID, contentType: ContentType.json, appID: "baton", body: writer.bytes)
        let publication = Publication(exchange: "", routingKey: address.replyTo, message: message)
        publishing.publish([publication]) { _, error in
            if let error { logger.debug("a producer is not there for its answer", metadata: ["error": "\(error)"]) }
        }
    }

    /// Puts a message aside, with the reason, and only then takes it off its queue.
    func park(_ delivery: Delivery, _ reason: String, from queue: String) {
        park(delivery.message, reason, from: queue) { error in
            if error == nil { delivery.acknowledge() } else { delivery.giveBack() }
        }
    }

    private func park(_ message: Message, _ reason: String, from queue: String, _ outcome: @escaping @Sendable (BrokerError?) -> Void) {
        logger.warning(
            "a message is refused and parked",
            metadata: ["queue": "\(queue)", "message": "\(message.messageID ?? "-")", "reason": "\(reason)"])
        var message = message
        message.headers[HeaderName.parkedReason] = .string(String(reason.prefix(1000)))
        message.headers[HeaderName.parkedFrom] = .string(queue)
        message.headers[HeaderName.parkedAt] = .string(now().description)
        message.isPersistent = true
        publishing.publish([Publication(exchange: topology.parking.name, routingKey: "", message: message)]) { _, error in outcome(error) }
    }
}

extension Topology {
    /// Those of the broker's names that are of queues of tasks.
    func levels(_ names: [String]?) -> [QueueLevel] {
        (names ?? []).compactMap { name in tasksLevel(ofQueue: name).map { QueueLevel($0.queue, $0.priority) } }
    }
}

extension PreparedGraph {
    /// - Throws: `InvalidGraph` where the graph's input doesn't fit its schema.
    init(checked graph: Graph, schemas: SchemaChecks) throws(InvalidGraph) {
        if let schema = graph.inputSchema, let problem = schemas.problem(graph.input ?? .null, schema) {
            throw InvalidGraph(problem, at: "input")
        }
        for (index, task) in graph.tasks.enumerated() where task.hasRules {
            guard let schema = task.rules.schemas.result, let result = task.rules.answer?.defaultResult,
                let problem = schemas.problem(result, schema)
            else { continue }
            throw InvalidGraph("doesn't fit schemas.result: \(problem)", at: "tasks[\(index)].answer.default")
        }
        do {
            try self.init(graph)
        } catch {
            throw InvalidGraph("\(error)", at: "tasks")
        }
    }
}
