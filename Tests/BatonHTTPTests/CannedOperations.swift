import BatonCoordinator
import BatonModel
import Synchronization

/// A coordinator that does nothing by itself: tests put the data in, and let events happen.
final class CannedOperations: Operations {
    struct State {
        var runs: [RunView] = []
        var graphs: [RunID: Graph] = [:]
        var tasks: [RunID: [TaskView]] = [:]
        var events: [RunID: [EventView]] = [:]
        var schedules: [String: (schedule: Schedule, view: ScheduleView)] = [:]
        /// The new operations that were asked for, as they arrived.
        var calls: [Call] = []
        var health = HealthView(store: "ok", broker: "ok", ready: true)
        var failure: (any Error)?
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextTicket = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func tell() {
            let reached = watchers.filter { $0.count == waiting.count }
            watchers.removeAll { $0.count == waiting.count }
            for watcher in reached { watcher.continuation.resume() }
        }
    }

    /// What was asked, beyond what the state itself shows.
    enum Call: Hashable {
        case cancel(CancelManyRequest)
        case rerun(RunID, RerunRequest)
        case make(Lineage.Kind, RunID, ReuseRequest)
        case answer(AttemptID, Answer)
        case change(String, ScheduleChange)
        case list(RunFilter)
    }

    let limits: Limits
    let checks: SyntaxChecks
    let state = Mutex(State())

    /// - Parameter expression: by default refuses `nonsense`, so that tests see who asks.
    init(
        limits: Limits = Limits(),
        expression: @escaping @Sendable (String) -> String? = { $0 == "nonsense" ? "is no expression" : nil }
    ) {
        self.limits = limits
        checks = SyntaxChecks(expression: expression, schema: { _ in nil }, items: { _ in nil })
    }

    func submit(_ graph: Graph) async throws -> RunView {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            if let key = graph.key, var known = state.runs.first(where: { $0.key == key }) {
                guard state.graphs[known.id] == graph else {
                    throw OperationError(.conflict, "the key '\(key)' is in use for another graph: take another key")
                }
                known.existing = true
                return known
            }
            let id = RunID("run-\(state.runs.count + 1)")
            let run = RunView(
                id: id, name: graph.name, status: .running, key: graph.key, correlationId: graph.correlationID ?? id.rawValue,
                owner: graph.owner, createdAt: Self.time, counts: ["pending": graph.tasks.count], total: graph.tasks.count, progress: 0)
            state.runs.insert(run, at: 0)
            state.graphs[id] = graph
            state.tasks[id] = graph.tasks.map { task in
                var view = TaskView(
                    id: task.id, handler: task.handler, status: .pending, parent: task.parent,
                    dependencies: task.dependencies.map(\.task), queue: task.queue, priority: task.priority, attempts: 0, maxAttempts: 1)
                view.inputs = task.inputs
                view.params = task.params
                return view
            }
            return run
        }
    }

    func run(_ id: RunID) async throws -> RunView {
        guard let run = state.withLock({ $0.runs.first { $0.id == id } }) else {
            throw OperationError(.notFound, "there is no run '\(id)'")
        }
        return run
    }

    func runs(_ filter: RunFilter, limit: Int, cursor: String?) async throws -> Page<RunView> {
        if cursor == "bad" { throw OperationError(.badRequest, "'bad' is not a cursor: take one that a list gave") }
        let matching = state.withLock { state in
            state.calls.append(.list(filter))
            return state.runs
        }.filter {
            (filter.name == nil || filter.name == $0.name) && (filter.status == nil || filter.status == $0.status)
        }
        let start = cursor.flatMap { Int($0) } ?? 0
        let end = min(matching.count, start + limit)
        return Page(items: Array(matching[start..<end]), cursor: end < matching.count ? "\(end)" : nil)
    }

    func tasks(of run: RunID, status: TaskStatus?, limit: Int, cursor: String?) async throws -> Page<TaskView> {
        _ = try await self.run(run)
        let all = (state.withLock { $0.tasks[run] } ?? []).filter { status == nil || $0.status == status }
        let start = cursor.flatMap { Int($0) } ?? 0
        let end = min(all.count, start + limit)
        return Page(items: Array(all[start..<end]), cursor: end < all.count ? "\(end)" : nil)
    }

    func task(_ id: TaskID, of run: RunID) async throws -> TaskView {
        _ = try await self.run(run)
        guard let task = state.withLock({ $0.tasks[run]?.first { $0.id == id } }) else {
            throw OperationError(.notFound, "the run '\(run)' has no task '\(id)'")
        }
        return task
    }

    func events(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        _ = try await self.run(run)
        return Array((state.withLock { $0.events[run] } ?? []).drop { $0.id <= id }.prefix(limit))
    }

    func nextEvents(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        while true {
            let page = try await events(of: run, after: id, limit: limit)
            if !page.isEmpty { return page }
            if try await self.run(run).status.isFinal || Task.isCancelled { return [] }
            await change()
        }
    }

    func cancel(run id: RunID, reason: String?) async throws -> CancelView {
        let run = try await run(id)
        return CancelView(run: id, outcome: run.status.isFinal ? .alreadyEnded : .cancelling, status: reason ?? run.status.rawValue)
    }

    func cancel(task id: TaskID, of run: RunID, reason: String?) async throws -> CancelView {
        let task = try await task(id, of: run)
        return CancelView(
            run: run, task: id, outcome: task.status.isFinal ? .alreadyEnded : .cancelled, status: reason ?? task.status.rawValue)
    }

    func workers() async throws -> [WorkerView] {
        [
            WorkerView(
                id: "worker-1", state: "running", host: "here", handlers: ["core.echo"], queues: ["default"], slots: 4, tags: [],
                running: 1, startedAt: Self.time, lastSeenAt: Self.time)
        ]
    }

    func queues() async throws -> [QueueView] {
        [QueueView(name: "default", levels: [.init(priority: .normal, waiting: 2, published: 3)], workers: 1, slots: 4)]
    }

    func health() async -> HealthView { state.withLock { $0.health } }

    static let time = Timestamp(milliseconds: 1_796_126_401_250)
}

extension CannedOperations {
    /// Lets something happen in a run; what ends it ends its view too.
    func happen(_ type: EventType, in run: RunID, task: TaskID? = nil, data: JSON? = nil) {
        let waiting = state.withLock { state in
            let id = (state.events[run]?.count ?? 0) + 1
            state.events[run, default: []].append(EventView(id: id, run: run, at: Self.time, type: type, task: task, data: data))
            if type.endsRun, let index = state.runs.firstIndex(where: { $0.id == run }) {
                state.runs[index].status = type == .runCompleted ? .completed : type == .runFailed ? .failed : .cancelled
                state.runs[index].finishedAt = Self.time
            }
            if type == .runRestarted, let index = state.runs.firstIndex(where: { $0.id == run }) {
                state.runs[index].status = .running
                state.runs[index].finishedAt = nil
            }
            defer { state.tell() }
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    func complete(_ task: TaskID, of run: RunID, result: JSON) {
        state.withLock { state in
            guard let index = state.tasks[run]?.firstIndex(where: { $0.id == task }) else { return }
            state.tasks[run]?[index].status = .completed
            state.tasks[run]?[index].result = result
        }
    }

    /// Returns once so many calls wait for events.
    func waiting(reaches count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.watchers.append((count, continuation))
                state.tell()
            }
        }
    }

    private func change() async {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The cancellation may have come before the continuation was there to be resumed.
                let cancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.waiting[ticket] = continuation
                    state.tell()
                    return false
                }
                if cancelled { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                defer { state.tell() }
                return state.waiting.removeValue(forKey: ticket)
            }
            continuation?.resume()
        }
    }
}
