public import BatonModel
import BatonEngine
import BatonStore
import Foundation

extension Coordinator: Operations {
    public var limits: Limits { configuration.limits }

    public var checks: SyntaxChecks { .standard }

    public func submit(_ graph: Graph) async throws -> RunView {
        let (prepared, digest) = try await prepare(graph)
        let (run, existing) = try await withCheckedThrowingContinuation { continuation in
            put(
                .submission(
                    SubmissionRequest(
                        graph: graph, prepared: prepared, digest: digest, reply: nil, wantsResult: false,
                        answer: { continuation.resume(with: $0) }, delivery: nil)),
                orElse: continuation)
        }
        var view = try await query { try $0.view(of: run) }
        if existing { view.existing = true }
        return view
    }

    public func cancel(run: RunID, reason: String?) async throws -> CancelView {
        try await cancel(run, nil, reason)
    }

    public func cancel(task: TaskID, of run: RunID, reason: String?) async throws -> CancelView {
        try await cancel(run, task, reason)
    }

    func cancel(_ run: RunID, _ task: TaskID?, _ reason: String?) async throws -> CancelView {
        try await withCheckedThrowingContinuation { continuation in
            put(
                .cancel(
                    CancelRequest(
                        run: run, task: task, reason: reason ?? "cancelled on request",
                        answer: { continuation.resume(with: $0) })),
                orElse: continuation)
        }
    }

    /// Large graphs take a while, which is neither the core's nor that of the threads that tasks share.
    private func prepare(_ graph: Graph) async throws -> (PreparedGraph, [UInt8]) {
        let prepared: Result<(PreparedGraph, [UInt8]), InvalidGraph> = await withCheckedContinuation { continuation in
            queries.async { [schemas] in
                continuation.resume(
                    returning: Result { () throws(InvalidGraph) in
                        (try PreparedGraph(checked: graph, schemas: schemas), Intake.digest(graph))
                    })
            }
        }
        do {
            return try prepared.get()
        } catch {
            throw OperationError(error)
        }
    }

    func put<Value>(_ input: Input, orElse continuation: CheckedContinuation<Value, any Error>) {
        guard !mailbox.put(input) else { return }
        continuation.resume(throwing: OperationError(.unavailable, "the coordinator is stopping: try again at another one"))
    }

    public func run(_ id: RunID) async throws -> RunView {
        try await query { reader in try reader.view(of: try Self.find(id, reader)) }
    }

    public func runs(_ filter: RunFilter, limit: Int, cursor: String?) async throws -> Page<RunView> {
        let before = try cursor.map { text in
            guard let number = Int64(text), number > 0 else { throw Self.badCursor(text) }
            return RunNumber(rawValue: number)
        }
        return try await query { reader in
            let runs = try reader.runs(filter, limit: limit + 1, before: before)
            let more = runs.count > limit ? runs[limit - 1].number : nil
            return Page(
                items: try runs.prefix(limit).map { try reader.view(of: $0) }, cursor: more.map { String($0.rawValue) })
        }
    }

    public func tasks(of run: RunID, status: TaskStatus?, limit: Int, cursor: String?) async throws -> Page<TaskView> {
        let first = try cursor.map { text in
            guard let index = Int(text), index > 0, index < 1 << 24 else { throw Self.badCursor(text) }
            return index
        }
        return try await query { reader in
            let number = try Self.find(run, reader).number
            let tasks = try reader.tasks(of: number, status: status, limit: limit + 1, from: first ?? 0)
            return Page(
                items: tasks.prefix(limit).map(\.view), cursor: tasks.count > limit ? String(tasks[limit].index) : nil)
        }
    }

    public func task(_ id: TaskID, of run: RunID) async throws -> TaskView {
        try await query { reader in
            guard let task = try reader.task(id, of: try Self.find(run, reader).number) else {
                throw OperationError(.notFound, "run '\(run)' has no task '\(id)'")
            }
            return task.view
        }
    }

    public func events(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        try await query { reader in
            try reader.events(of: try Self.find(run, reader).number, id: run, after: id, limit: limit)
        }
    }

    public func nextEvents(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        while true {
            let ticket = bell.ticket(for: run)
            defer { bell.remove(ticket, for: run) }
            let (events, isEnded) = try await query { reader in
                let stored = try Self.find(run, reader)
                return (
                    try reader.events(of: stored.number, id: run, after: id, limit: limit), stored.progress.status.isFinal
                )
            }
            if !events.isEmpty || isEnded { return events }
            try Task.checkCancellation()
            if status.isStopping { throw OperationError(.unavailable, "the coordinator is stopping: connect again") }
            await ticket.wait()
        }
    }

    public func workers() async throws -> [WorkerView] { registry.views(now: now()) }

    public func queues() async throws -> [QueueView] {
        let levels = status.levels
        let names = registry.queues.union(levels.keys.map(\.queue))
        return names.union(status.paused).sorted().map(view)
    }

    func view(of queue: QueueName) -> QueueView {
        let levels = status.levels
        return QueueView(
            name: queue,
            levels: Priority.allCases.map { priority in
                let level = levels[QueueLevel(queue, priority)]
                return QueueView.Level(priority: priority, waiting: level?.waiting ?? 0, published: level?.published ?? 0)
            },
            workers: registry.workers(of: queue), slots: registry.slots(of: queue), paused: status.paused.contains(queue))
    }

    public func health() async -> HealthView {
        let broker = links.problem ?? "ok"
        let store = status.storeError ?? "ok"
        return HealthView(store: store, broker: broker, ready: broker == "ok" && store == "ok" && !status.isStopping)
    }

    static func find(_ id: RunID, _ reader: any StoreReader) throws -> StoredRun {
        guard let run = try reader.run(id: id) else { throw OperationError(.notFound, "there is no run '\(id)'") }
        return run
    }

    static func badCursor(_ text: String) -> OperationError {
        OperationError(.badRequest, "'\(text)' is not a cursor: take the one that the page before gave")
    }

    func query<Value: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Value) async throws -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                queries.async { [store] in continuation.resume(with: Result { try store.read(body) }) }
            }
        } catch let error as StoreError {
            throw OperationError(.unavailable, error.description)
        }
    }
}
