public import BatonModel
import BatonStore

/// Operations that the core does as commands.
extension Coordinator {
    /// Has the core do something, and answers once it is stored.
    func perform<Value: Sendable>(_ body: @escaping @Sendable (inout Batch) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let command = Command(
                run: { batch in
                    let value = try body(&batch)
                    return { continuation.resume(returning: value) }
                },
                refuse: { continuation.resume(throwing: $0) })
            put(.command(command), orElse: continuation)
        }
    }

    private func make(
        _ body: @escaping @Sendable (inout Batch) throws -> (run: StoredRun, existing: Bool)
    ) async throws -> RunView {
        let (run, existing) = try await perform(body)
        var view = try await self.run(run.header.id)
        if existing { view.existing = true }
        return view
    }

    public func rerun(_ run: RunID, _ request: RerunRequest) async throws -> RunView {
        var digest: [UInt8]?
        if let document = request.graph {
            do throws(InvalidGraph) {
                digest = Intake.digest(try GraphReader.read(json: document.bytes, limits: limits, checks: checks))
            } catch {
                throw OperationError(InvalidGraph(problems: error.problems.map { GraphProblem(path: "graph.\($0.path)", message: $0.message) }))
            }
        }
        return try await make { [digest] in (try $0.rerun(run, request, digest: digest), false) }
    }

    public func copy(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await make { try $0.copy(run, request, .copy) }
    }

    public func link(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await make { try $0.copy(run, request, .link) }
    }

    public func mixed(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await make { try $0.copy(run, request, .mixed) }
    }

    public func archive(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await make { try $0.archive(run, request) }
    }

    public func answer(_ token: AttemptID, _ answer: Answer) async throws -> AnswerView {
        try await perform { try $0.answer(token, answer) }
    }

    // MARK: - Cancelling many

    public func cancel(_ request: CancelManyRequest) async throws -> CancelManyView {
        let reason = request.reason ?? "cancelled on request"
        var view = CancelManyView()
        let named = (request.runs ?? []).map { ($0, nil as TaskID?) } + (request.tasks ?? []).map { ($0.run, $0.task) }
        try await cancel(named, reason, adding: &view)
        guard let filter = request.filter else { return view }
        // Those that are tasks of others come last: their ends would otherwise be failures to the others.
        var own: [(RunID, TaskID?)] = []
        var children: [(RunID, TaskID?)] = []
        var last: RunNumber?
        while true {
            let from = last
            let runs = try await query { try $0.runs(filter, limit: 500, before: from) }
            for run in runs {
                if run.progress.status.isFinal {
                    view.add(CancelView(run: run.header.id, outcome: .alreadyEnded, status: run.progress.status.rawValue))
                } else if run.header.lineage.parent == nil {
                    own.append((run.header.id, nil))
                } else {
                    children.append((run.header.id, nil))
                }
            }
            guard runs.count == 500 else { break }
            last = runs.last?.number
        }
        try await cancel(own, reason, adding: &view)
        try await cancel(children, reason, adding: &view)
        return view
    }

    /// Many at a time, so that they are stored together and wait for the workers' word together.
    private func cancel(_ many: [(RunID, TaskID?)], _ reason: String, adding view: inout CancelManyView) async throws {
        var rest = many[...]
        while !rest.isEmpty {
            let part = rest.prefix(200)
            rest = rest.dropFirst(200)
            let outcomes = try await withThrowingTaskGroup(of: (Int, CancelView?).self) { group in
                for (place, (run, task)) in part.enumerated() {
                    group.addTask { (place, try await self.outcome(run, task, reason)) }
                }
                var outcomes: [(Int, CancelView?)] = []
                for try await outcome in group { outcomes.append(outcome) }
                return outcomes.sorted { $0.0 < $1.0 }
            }
            for (_, outcome) in outcomes {
                if let outcome { view.add(outcome) } else { view.notFound += 1 }
            }
        }
    }

    /// - Returns: `nil` where there is nothing of the kind.
    private func outcome(_ run: RunID, _ task: TaskID?, _ reason: String) async throws -> CancelView? {
        do {
            return try await cancel(run, task, reason)
        } catch let error as OperationError where error.code == .notFound {
            return nil
        } catch let error as OperationError where error.code == .frozen {
            return CancelView(run: run, task: task, outcome: .alreadyEnded, status: "archived")
        }
    }

    // MARK: - Schedules

    public func createSchedule(_ schedule: Schedule) async throws -> ScheduleView {
        let document = schedule.document
        return try await perform { try $0.create(schedule, document: document) }
    }

    public func schedule(_ name: String) async throws -> ScheduleView {
        try await query { reader in
            guard let stored = try reader.schedule(name) else { throw OperationError(.notFound, "there is no schedule '\(name)'") }
            return try ScheduleView(stored)
        }
    }

    public func schedules(limit: Int, cursor: String?) async throws -> Page<ScheduleView> {
        try await query { reader in
            let stored = try reader.schedules(limit: limit + 1, after: cursor)
            let views = try stored.prefix(limit).map { stored in
                var view = try ScheduleView(stored)
                view.document = nil
                return view
            }
            return Page(items: views, cursor: stored.count > limit ? views.last?.name : nil)
        }
    }

    public func changeSchedule(_ name: String, _ change: ScheduleChange) async throws -> ScheduleView {
        try await perform { try $0.change(name, change) }
    }

    public func removeSchedule(_ name: String) async throws {
        try await perform { try $0.removeSchedule(name) }
    }
}

extension CancelManyView {
    fileprivate mutating func add(_ outcome: CancelView) {
        switch outcome.outcome {
        case .cancelled: cancelled += 1
        case .cancelling: cancelling += 1
        case .alreadyEnded: alreadyEnded += 1
        }
        if outcomes.count < 1000 { outcomes.append(outcome) }
    }
}

extension CancelManyRequest {
    /// `nil` where only what is named is meant.
    fileprivate var filter: RunFilter? {
        if correlationId == nil, name == nil, owner == nil, status == nil, family == nil { return nil }
        return RunFilter(name: name, status: status, owner: owner, correlationID: correlationId, family: family)
    }
}
