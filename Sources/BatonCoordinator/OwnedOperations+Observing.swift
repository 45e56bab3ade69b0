public import BatonModel

/// Looking into runs, and at the cluster.
extension OwnedOperations {
    public func why(task: TaskID, of run: RunID) async throws -> WhyView {
        try await reading(run)
        return try await base.why(task: task, of: run)
    }

    public func why(run: RunID) async throws -> RunWhyView {
        try await reading(run)
        return try await base.why(run: run)
    }

    public func graph(of run: RunID) async throws -> RunGraph {
        try await reading(run)
        return try await base.graph(of: run)
    }

    public func timeline(of run: RunID) async throws -> RunTimeline {
        try await reading(run)
        return try await base.timeline(of: run)
    }

    public func logs(of task: TaskID, in run: RunID, attempt: Int?, limit: Int, cursor: String?) async throws -> Page<LogLine> {
        try await reading(run)
        return try await base.logs(of: task, in: run, attempt: attempt, limit: limit, cursor: cursor)
    }

    public func signal(_ name: String, of run: RunID, payload: JSON) async throws -> AnswerView {
        try await changing(run, "signal runs")
        return try await base.signal(name, of: run, payload: payload)
    }

    public func pause(queue: QueueName) async throws -> QueueView {
        try require(.administer, "pause queues")
        return try await base.pause(queue: queue)
    }

    public func resume(queue: QueueName) async throws -> QueueView {
        try require(.administer, "resume queues")
        return try await base.resume(queue: queue)
    }

    /// Figures are of all owners; of the slowest executions, those in runs that this identity may see.
    public func handlers(slowest: Int) async throws -> HandlersView {
        try require(.observe, "see handlers")
        var view = try await base.handlers(slowest: slowest)
        var seen: [SlowExecution] = []
        for execution in view.slowest where await canRead(execution.run) { seen.append(execution) }
        view.slowest = seen
        return view
    }

    private func canRead(_ run: RunID) async -> Bool {
        do {
            try await reading(run)
            return true
        } catch {
            return false
        }
    }

    public func metrics() async throws -> MetricsView {
        try require(.observe, "see metrics")
        return try await base.metrics()
    }
}
