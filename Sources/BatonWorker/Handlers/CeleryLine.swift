import BatonBroker
import BatonModel
import BatonWire
import Logging
import Synchronization

/// A worker's line to Celery's workers: one queue for all results, and those who wait for them.
final class CeleryLine: Sendable {
    /// A result on its way to the attempt that waits for it: nothing yet, someone waiting, or there before anyone waited.
    private enum Slot {
        case empty
        case waiting(CheckedContinuation<CeleryResult, any Error>)
        case filled(Result<CeleryResult, any Error>)
    }

    private struct State {
        var slots: [String: Slot] = [:]
        var preparation: Task<Void, any Error>?
    }

    /// How long results wait for a worker that has lost its connection.
    private static let unused = Duration.seconds(600)

    private let publishing: any BrokerLink
    private let consuming: any BrokerLink
    private let logger: Logger
    private let queue: Queue
    private let state = Mutex(State())

    convenience init(_ core: WorkerCore) {
        self.init(
            publishing: core.publishing, consuming: core.consuming, name: "\(core.topology.namespace).celery.\(core.id)", logger: core.logger)
    }

    init(publishing: any BrokerLink, consuming: any BrokerLink, name: String, logger: Logger) {
        self.publishing = publishing
        self.consuming = consuming
        self.logger = logger
        queue = Queue(name: name, kind: .lasting(unused: Self.unused), bindings: [])
    }

    /// The name of the queue for results, once they are taken from it.
    func replies() async throws -> String {
        let preparation = state.withLock { state in
            if let preparation = state.preparation { return preparation }
            // Unstructured, since all attempts share it: none of them may take it along when it is cancelled.
            let preparation = Task { try await self.prepare() }
            state.preparation = preparation
            return preparation
        }
        try await preparation.value
        return queue.name
    }

    private func prepare() async throws {
        do {
            try await consuming.declare(exchanges: [], queues: [queue])
            _ = try await consuming.consume(queue: queue.name, prefetch: 100) { self.take($0) }
        } catch {
            // The next attempt tries again.
            state.withLock { $0.preparation = nil }
            throw error
        }
    }

    /// - Throws: `TaskError` where the queue isn't there, or the broker doesn't take the message.
    func send(_ call: CeleryCall, to queue: String) async throws {
        do {
            try await publishing.publish(Publication(exchange: "", routingKey: queue, message: call.message))
        } catch let error as BrokerError where error.code == .unroutable {
            throw TaskError(
                type: "celeryQueueMissing", message: "the broker has no queue '\(queue)': start the Celery worker that consumes it first")
        }
    }

    /// Sends the call, and returns when its result has come.
    ///
    /// - Throws: `TaskError` as `send` does, or where the result can't be read; `CancellationError`.
    func result(of call: CeleryCall, on queue: String) async throws -> CeleryResult {
        state.withLock { $0.slots[call.id] = .empty }
        defer { state.withLock { _ = $0.slots.removeValue(forKey: call.id) } }
        try await send(call, to: queue)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<CeleryResult, any Error>? = state.withLock { state in
                    if case .filled(let result) = state.slots[call.id] { return result }
                    state.slots[call.id] = .waiting(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            fill(call.id, .failure(CancellationError()))
        }
    }

    /// Tells all Celery workers; whether there are any, nobody knows.
    func revoke(_ id: String, terminate: Bool) {
        let publication = Publication(
            exchange: CeleryCall.control, routingKey: "", message: CeleryCall.revocation(of: id, terminate: terminate), isMandatory: false)
        publishing.publish([publication]) { [logger] _, error in
            if let error { logger.debug("Celery's workers can't be told", metadata: [LogKey.error: "\(error)"]) }
        }
    }

    private func take(_ delivery: Delivery) {
        defer { delivery.acknowledge() }
        do throws(WireError) {
            let result = try CeleryResult(delivery.message)
            if case .pending = result.outcome { return }
            fill(result.task, .success(result))
        } catch {
            guard let id = delivery.message.correlationID else { return }
            fill(id, .failure(TaskError(type: "celeryResult", message: error.description, retryable: false)))
        }
    }

    /// The first result counts; one that nobody waits for is dropped.
    private func fill(_ id: String, _ result: Result<CeleryResult, any Error>) {
        let continuation: CheckedContinuation<CeleryResult, any Error>? = state.withLock { state in
            switch state.slots[id] {
            case .waiting(let continuation):
                state.slots[id] = .filled(result)
                return continuation
            case .empty:
                state.slots[id] = .filled(result)
                return nil
            case .filled, nil: return nil
            }
        }
        continuation?.resume(with: result)
    }
}
