import BatonCoordinator
import BatonModel

// Each refuses with the failure that a test has put there.
extension CannedOperations {
    var calls: [Call] { state.withLock { $0.calls } }

    private func record(_ call: Call) throws {
        try state.withLock { state in
            state.calls.append(call)
            if let failure = state.failure { throw failure }
        }
    }

    func cancel(_ request: CancelManyRequest) async throws -> CancelManyView {
        try record(.cancel(request))
        var view = CancelManyView()
        for id in request.runs ?? [] {
            guard let run = try? await run(id) else {
                view.notFound += 1
                continue
            }
            let outcome: CancelView.Outcome = run.status.isFinal ? .alreadyEnded : .cancelling
            view.outcomes.append(CancelView(run: id, outcome: outcome, status: run.status.rawValue))
            if run.status.isFinal { view.alreadyEnded += 1 } else { view.cancelling += 1 }
        }
        for task in request.tasks ?? [] {
            view.outcomes.append(CancelView(run: task.run, task: task.task, outcome: .cancelled, status: "cancelled"))
            view.cancelled += 1
        }
        return view
    }

    func rerun(_ run: RunID, _ request: RerunRequest) async throws -> RunView {
        try record(.rerun(run, request))
        happen(.runRestarted, in: run)
        return try await self.run(run)
    }

    func copy(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { try await make(.copy, run, request) }
    func link(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { try await make(.link, run, request) }
    func archive(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { try await make(.archive, run, request) }
    func mixed(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { try await make(.mixed, run, request) }

    private func make(_ kind: Lineage.Kind, _ origin: RunID, _ request: ReuseRequest) async throws -> RunView {
        try record(.make(kind, origin, request))
        var view = try await run(origin)
        return state.withLock { state in
            if let key = request.key, var known = state.runs.first(where: { $0.key == key }) {
                known.existing = true
                return known
            }
            view.id = RunID("run-\(state.runs.count + 1)")
            view.name = request.name ?? view.name
            view.key = request.key
            (view.origin, view.kind, view.family) = (origin, kind, view.family ?? origin)
            if kind == .link || kind == .archive { view.status = .completed }
            state.runs.insert(view, at: 0)
            return view
        }
    }

    func answer(_ token: AttemptID, _ answer: Answer) async throws -> AnswerView {
        try record(.answer(token, answer))
        guard let task = state.withLock({ $0.tasks[token.run].flatMap { token.task < $0.count ? $0[token.task] : nil } }) else {
            throw OperationError(.notFound, "there is no task that waits for '\(token)'")
        }
        switch answer {
        case .complete(let result):
            complete(task.id, of: token.run, result: result)
            return AnswerView(run: token.run, task: task.id, status: .completed)
        case .fail: return AnswerView(run: token.run, task: task.id, status: .retrying)
        case .heartbeat: return AnswerView(run: token.run, task: task.id, status: .running, cancelRequested: true)
        }
    }

    func createSchedule(_ schedule: Schedule) async throws -> ScheduleView {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard state.schedules[schedule.name] == nil else {
                throw OperationError(.conflict, "there is a schedule '\(schedule.name)' already: take another name, or delete that one")
            }
            let view = ScheduleView(
                name: schedule.name, status: schedule.isPaused ? .paused : .active, next: Self.time, createdAt: Self.time,
                owner: schedule.owner, document: schedule.document)
            state.schedules[schedule.name] = (schedule, view)
            return view
        }
    }

    func schedule(_ name: String) async throws -> ScheduleView {
        guard let view = state.withLock({ $0.schedules[name]?.view }) else {
            throw OperationError(.notFound, "there is no schedule '\(name)'")
        }
        return view
    }

    func schedules(limit: Int, cursor: String?) async throws -> Page<ScheduleView> {
        let all = state.withLock { $0.schedules.values.map(\.view) }.sorted { $0.name < $1.name }
        let start = cursor.flatMap { Int($0) } ?? 0
        let end = min(all.count, start + limit)
        let items = all[start..<end].map { view in
            var view = view
            view.document = nil
            return view
        }
        return Page(items: items, cursor: end < all.count ? "\(end)" : nil)
    }

    func changeSchedule(_ name: String, _ change: ScheduleChange) async throws -> ScheduleView {
        try record(.change(name, change))
        var view = try await schedule(name)
        if let paused = change.paused { view.status = paused ? .paused : .active }
        state.withLock { $0.schedules[name]?.view = view }
        return view
    }

    func removeSchedule(_ name: String) async throws {
        _ = try await schedule(name)
        state.withLock { $0.schedules[name] = nil }
    }
}
