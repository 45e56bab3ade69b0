import BatonBroker
import BatonEngine
import BatonModel
import BatonStore
import BatonWire
import Crypto
import Foundation

/// Tasks that Celery applications send. Their results go where Celery's `rpc://` backend looks for them.
extension Intake {
    func celery(_ delivery: Delivery, from source: CeleryQueue) {
        do throws(CeleryRefusal) {
            let task = try CeleryTask(delivery.message, limits: limits)
            if let replyTo = task.replyTo, isOurs(replyTo: replyTo) {
                let reason = "the Celery task is refused: reply_to is '\(replyTo)', which is a name of the cluster's own"
                return park(delivery, reason, from: source.name)
            }
            submit(task, delivery, source)
        } catch {
            let reason = "the Celery task is refused: \(error.reason)"
            for reply in error.replies { answer(.failure(.invalid(reason)), of: reply.task, to: reply.replyTo) }
            park(delivery, reason, from: source.name)
        }
    }

    private func submit(_ task: CeleryTask, _ delivery: Delivery, _ source: CeleryQueue) {
        let now = now()
        let graph = task.graph(queue: source.queue, now: now)
        let prepared: PreparedGraph
        do throws(InvalidGraph) {
            prepared = try PreparedGraph(checked: graph, schemas: schemas)
        } catch {
            return park(delivery, "the Celery task is refused: \(error)", from: source.name)
        }
        let address = task.replyTo.map { ReplyAddress(replyTo: $0, correlationID: task.id, isSingleTask: true, format: .celery) }
        var request = SubmissionRequest(
            graph: graph, prepared: prepared, digest: Array(SHA256.hash(data: task.content)), reply: address, wantsResult: true,
            answer: { accepted($0, task, source) }, delivery: delivery)
        // A message that comes again may have been accepted while there was time.
        if task.isExpired(now) { request.refusal = OperationError(.badRequest, Self.expired) }
        mailbox.put(.submission(request))
    }

    private static let expired = "expired"

    private func accepted(
        _ result: Result<(run: StoredRun, existing: Bool), OperationError>, _ task: CeleryTask, _ source: CeleryQueue
    ) {
        guard case .failure(let error) = result else { return }
        logger.notice(
            "a Celery task is not accepted",
            metadata: ["queue": "\(source.name)", "task": "\(task.id)", "handler": "\(task.handler)", "reason": "\(error)"])
        guard let replyTo = task.replyTo else { return }
        let isExpired = error.code == .badRequest
        answer(isExpired ? .revoked(.revoked(Self.expired)) : .failure(.invalid(error.description)), of: task.id, to: replyTo)
    }

    /// The coordinator's account may publish where a producer's may not: to the cluster's own queues, where an answer could pass
    /// for a report, and to the queues that owners get theirs in. Celery's have names of their own.
    private func isOurs(replyTo: String) -> Bool {
        replyTo.hasPrefix("\(topology.namespace).") || replyTo.hasPrefix(topology.replyPrefix)
    }

    private func answer(_ outcome: CeleryResult.Outcome, of task: String, to replyTo: String) {
        guard !isOurs(replyTo: replyTo) else { return }
        let message = CeleryResult(task: task, outcome).message(at: now())
        publishing.publish([Publication(exchange: "", routingKey: replyTo, message: message)]) { _, error in
            if let error { logger.debug("a producer is not there for its answer", metadata: ["error": "\(error)"]) }
        }
    }
}

extension CeleryResult {
    /// How a run of a Celery task ended.
    ///
    /// - Parameter error: of the task, or of the run.
    init(task: String, _ status: RunStatus, result: JSON?, error: TaskError?) {
        switch status {
        case .completed: self.init(task: task, .success(result ?? .null))
        case .cancelled: self.init(task: task, .revoked(.revoked(error?.message ?? "cancelled")))
        case .failed, .running, .compensating:
            let error = error ?? TaskError(type: TaskError.Kind.runFailed, message: "the task failed")
            // It waited longer than the producer wanted it to.
            let isExpired = error.type == TaskError.Kind.timeout && error.details?.value["timeout"] == "queued"
            self.init(task: task, isExpired ? .revoked(.revoked("expired")) : .failure(CeleryException(error)))
        }
    }
}
