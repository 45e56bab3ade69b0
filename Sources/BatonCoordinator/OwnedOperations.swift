public import BatonModel

/// A coordinator's operations as one identity may do them: the one place where owners and roles are kept apart.
///
/// What belongs to another owner is refused as `.denied`, and nothing is done. What doesn't exist is `.notFound` for everybody: ids
/// of runs can't be guessed, so the difference tells nobody anything.
///
/// A method that is added to `Operations` has to be added here, or this doesn't compile. It starts with one of the guards:
/// `require` for what has no owner; `reading` or `changing` for what belongs to a run; `readingSchedule` or `changingSchedule`.
public struct OwnedOperations: Operations {
    let base: any Operations
    public let identity: Identity

    public init(_ base: any Operations, as identity: Identity) {
        self.base = base
        self.identity = identity
    }

    public var limits: Limits { base.limits }
    public var checks: SyntaxChecks { base.checks }

    // MARK: - Guards

    func require(_ right: Right, _ what: @autoclosure () -> String) throws(OperationError) {
        guard !identity.role.has(right) else { return }
        throw OperationError(
            .denied, "the role '\(identity.role.rawValue)' of '\(identity.name)' may not \(what()): use the credentials of one that may")
    }

    /// - Returns: whose things alone this identity may see; `nil` for everybody's.
    /// - Throws: where it should have an owner and has none.
    private var boundary: String? {
        get throws(OperationError) {
            switch identity.role {
            case .admin: return nil
            case .viewer, .metrics: return identity.owner
            case .user:
                guard let owner = identity.owner else {
                    throw OperationError(.denied, "'\(identity.name)' has the role 'user' but no owner: its credentials need one")
                }
                return owner
            }
        }
    }

    private func check(_ owner: String?, _ thing: @autoclosure () -> String) throws(OperationError) {
        guard let own = try boundary, owner != own else { return }
        throw OperationError(.denied, "\(thing()) belongs to another owner than '\(own)'")
    }

    /// Whose something new is to be.
    private func owner(naming named: String?) throws(OperationError) -> String? {
        guard let own = try boundary else { return named ?? identity.owner }
        guard named == nil || named == own else {
            throw OperationError(
                .denied, "'\(identity.name)' submits for the owner '\(own)' only, not for '\(named ?? "")': leave 'owner' out")
        }
        return own
    }

    @discardableResult
    func reading(_ run: RunID) async throws -> RunView {
        try require(.read, "see runs")
        let view = try await base.run(run)
        try check(view.owner, "run '\(run)'")
        return view
    }

    @discardableResult
    func changing(_ run: RunID, _ what: @autoclosure () -> String) async throws -> RunView {
        try require(.write, what())
        return try await reading(run)
    }

    @discardableResult
    func readingSchedule(_ name: String) async throws -> ScheduleView {
        try require(.read, "see schedules")
        let view = try await base.schedule(name)
        try check(view.owner, "schedule '\(name)'")
        return view
    }

    func changingSchedule(_ name: String) async throws {
        try require(.write, "change schedules")
        try await readingSchedule(name)
    }

    /// A filter that lets through what this identity may see.
    private func narrowed(_ owner: String?) throws(OperationError) -> String? {
        guard let own = try boundary else { return owner }
        guard owner == nil || owner == own else {
            throw OperationError(.denied, "'\(identity.name)' sees what the owner '\(own)' has, not what '\(owner ?? "")' has")
        }
        return own
    }
}

// MARK: - Runs

extension OwnedOperations {
    public func submit(_ graph: Graph) async throws -> RunView {
        try require(.write, "submit runs")
        var graph = graph
        graph.owner = try owner(naming: graph.owner)
        return try await base.submit(graph)
    }

    public func run(_ id: RunID) async throws -> RunView { try await reading(id) }

    public func runs(_ filter: RunFilter, limit: Int, cursor: String?) async throws -> Page<RunView> {
        try require(.read, "list runs")
        var filter = filter
        filter.owner = try narrowed(filter.owner)
        return try await base.runs(filter, limit: limit, cursor: cursor)
    }

    public func tasks(of run: RunID, status: TaskStatus?, limit: Int, cursor: String?) async throws -> Page<TaskView> {
        try await reading(run)
        return try await base.tasks(of: run, status: status, limit: limit, cursor: cursor)
    }

    public func task(_ id: TaskID, of run: RunID) async throws -> TaskView {
        try await reading(run)
        return try await base.task(id, of: run)
    }

    public func events(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        try await reading(run)
        return try await base.events(of: run, after: id, limit: limit)
    }

    public func nextEvents(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        try await reading(run)
        return try await base.nextEvents(of: run, after: id, limit: limit)
    }

    // MARK: Cancelling

    public func cancel(run: RunID, reason: String?) async throws -> CancelView {
        try await changing(run, "cancel runs")
        return try await base.cancel(run: run, reason: reason)
    }

    public func cancel(task: TaskID, of run: RunID, reason: String?) async throws -> CancelView {
        try await changing(run, "cancel tasks")
        return try await base.cancel(task: task, of: run, reason: reason)
    }

    /// One run of another owner among those named, and nothing is cancelled.
    public func cancel(_ request: CancelManyRequest) async throws -> CancelManyView {
        try require(.write, "cancel runs")
        var request = request
        let owner = try narrowed(request.owner)
        if try boundary != nil {
            for run in Set((request.runs ?? []) + (request.tasks ?? []).map(\.run)) {
                do {
                    try await reading(run)
                } catch let error as OperationError where error.code == .notFound {
                    // Counted as such by the cancel itself.
                }
            }
        }
        // Where only what is named is meant, an owner would have all of theirs cancelled.
        if request.hasFilter { request.owner = owner }
        return try await base.cancel(request)
    }

    // MARK: Reuse

    public func rerun(_ run: RunID, _ request: RerunRequest) async throws -> RunView {
        let view = try await changing(run, "run runs again")
        var request = request
        // As it was given when it was submitted, where it names nobody.
        if let document = request.graph, let owner = view.owner, document.owner == nil {
            request.graph = document.naming(owner: owner)
        }
        return try await base.rerun(run, request)
    }

    public func copy(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await base.copy(run, try await reusing(run, request))
    }

    public func link(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await base.link(run, try await reusing(run, request))
    }

    public func archive(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await base.archive(run, try await reusing(run, request))
    }

    public func mixed(_ run: RunID, _ request: ReuseRequest) async throws -> RunView {
        try await base.mixed(run, try await reusing(run, request))
    }

    private func reusing(_ run: RunID, _ request: ReuseRequest) async throws -> ReuseRequest {
        try await changing(run, "make runs of others")
        // Without a boundary, a new run belongs to whom the original does.
        guard try boundary != nil else { return request }
        var request = request
        request.owner = try owner(naming: request.owner)
        return request
    }

    public func answer(_ token: AttemptID, _ answer: Answer) async throws -> AnswerView {
        try await changing(token.run, "answer tasks")
        return try await base.answer(token, answer)
    }
}

extension CancelManyRequest {
    fileprivate var hasFilter: Bool {
        correlationId != nil || name != nil || owner != nil || status != nil || family != nil
    }
}

// MARK: - Schedules

extension OwnedOperations {
    public func createSchedule(_ schedule: Schedule) async throws -> ScheduleView {
        try require(.write, "make schedules")
        var schedule = schedule
        if let owner = try owner(naming: schedule.owner) { schedule.graph = schedule.graph.naming(owner: owner) }
        return try await base.createSchedule(schedule)
    }

    public func schedule(_ name: String) async throws -> ScheduleView { try await readingSchedule(name) }

    /// A page can be shorter than the limit, and even empty, where others' schedules stand between; its cursor then leads on.
    public func schedules(limit: Int, cursor: String?) async throws -> Page<ScheduleView> {
        try require(.read, "list schedules")
        guard let own = try boundary else { return try await base.schedules(limit: limit, cursor: cursor) }
        var found: [ScheduleView] = []
        var cursor = cursor
        for _ in 0..<Self.mostPages {
            let page = try await base.schedules(limit: limit - found.count, cursor: cursor)
            found += page.items.filter { $0.owner == own }
            cursor = page.cursor
            if cursor == nil || found.count == limit { break }
        }
        return Page(items: found, cursor: cursor)
    }

    /// Of one list.
    private static let mostPages = 20

    public func changeSchedule(_ name: String, _ change: ScheduleChange) async throws -> ScheduleView {
        try await changingSchedule(name)
        return try await base.changeSchedule(name, change)
    }

    public func removeSchedule(_ name: String) async throws {
        try await changingSchedule(name)
        try await base.removeSchedule(name)
    }
}

// MARK: - Cluster

extension OwnedOperations {
    public func workers() async throws -> [WorkerView] {
        try require(.observe, "see workers")
        return try await base.workers()
    }

    public func queues() async throws -> [QueueView] {
        try require(.observe, "see queues")
        return try await base.queues()
    }

    public func health() async -> HealthView { await base.health() }
}
