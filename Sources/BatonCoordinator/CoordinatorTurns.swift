package import BatonModel
import BatonEngine
package import BatonStore

/// A coordinator that has no threads: each of its parts does one piece of its work when it is told to. What it runs as tasks goes by
/// its `Surroundings`. For simulations, which choose the order of everything.
///
/// Used by one thread alone.
package final class CoordinatorTurns {
    private let coordinator: Coordinator
    private let core: Core
    private var serving: Task<Void, Never>?

    /// - Throws: `StoreError` where the store can't be read at the start.
    package init(_ coordinator: Coordinator) throws {
        self.coordinator = coordinator
        core = coordinator.makeCore()
        try core.recover()
        coordinator.watchLinks()
        // Unstructured, since it has to go on between turns; `stop` ends it.
        serving = Task(executorPreference: coordinator.surroundings.executor) { [coordinator] in try? await coordinator.serve() }
    }

    /// Nothing is done any more; what was waited for ends.
    package func stop() {
        coordinator.status.stop()
        coordinator.mailbox.close()
        while coordinator.mailbox.take(atMost: .max) != nil {}
        coordinator.publisher.close()
        coordinator.feed.close()
        serving?.cancel()
    }

    /// Whether the core has something to decide on without the time having to pass.
    package var hasInputs: Bool { !coordinator.mailbox.isEmpty }
    package var due: Timestamp? { core.due }
    package var hasMessages: Bool { coordinator.publisher.isReady }
    package var hasEvents: Bool { coordinator.feed.isReady }

    package func turnCore() { core.turn() }
    package func turnPublisher() { _ = coordinator.publisher.turn() }
    package func turnFeed() { coordinator.feed.turn() }

    package func submit(_ graph: Graph, answer: @escaping @Sendable (Result<(run: StoredRun, existing: Bool), OperationError>) -> Void) {
        do throws(InvalidGraph) {
            let prepared = try PreparedGraph(checked: graph, schemas: coordinator.schemas)
            coordinator.mailbox.put(
                .submission(
                    SubmissionRequest(
                        graph: graph, prepared: prepared, digest: Intake.digest(graph), reply: nil, wantsResult: false, answer: answer,
                        delivery: nil)))
        } catch {
            answer(.failure(OperationError(error)))
        }
    }

    package func cancel(
        _ run: RunID, task: TaskID?, reason: String, answer: @escaping @Sendable (Result<CancelView, OperationError>) -> Void
    ) {
        coordinator.mailbox.put(.cancel(CancelRequest(run: run, task: task, reason: reason, answer: answer)))
    }

    package func rerun(_ run: RunID, _ request: RerunRequest, answer: @escaping @Sendable (Result<Void, OperationError>) -> Void) {
        command(answer) { _ = try $0.rerun(run, request, digest: nil) }
    }

    package func answer(_ token: AttemptID, _ value: Answer, answer: @escaping @Sendable (Result<Void, OperationError>) -> Void) {
        command(answer) { _ = try $0.answer(token, value) }
    }

    package func create(_ schedule: Schedule, answer: @escaping @Sendable (Result<Void, OperationError>) -> Void) {
        let document = schedule.document
        command(answer) { _ = try $0.create(schedule, document: document) }
    }

    package func pause(_ queue: QueueName, answer: @escaping @Sendable (Result<Void, OperationError>) -> Void) {
        command(answer) { try $0.pause(queue) }
    }

    package func resume(_ queue: QueueName, answer: @escaping @Sendable (Result<Void, OperationError>) -> Void) {
        command(answer) { try $0.resume(queue) }
    }

    private func command(
        _ answer: @escaping @Sendable (Result<Void, OperationError>) -> Void, _ body: @escaping @Sendable (inout Batch) throws -> Void
    ) {
        coordinator.mailbox.put(
            .command(
                Command(
                    run: { batch in
                        try body(&batch)
                        return { answer(.success(())) }
                    }, refuse: { answer(.failure($0)) })))
    }
}
