public import BatonModel
import BatonStore

/// What runs and tasks wait for, and what pictures of runs are made of.
extension Coordinator {
    public func why(task: TaskID, of run: RunID) async throws -> WhyView {
        try await explain(run) { try $0.view(of: task) }
    }

    public func why(run: RunID) async throws -> RunWhyView {
        try await explain(run) { try $0.view() }
    }

    private func explain<View: Sendable>(_ run: RunID, _ body: @escaping @Sendable (Why) throws -> View) async throws -> View {
        let now = now()
        let surroundings = Why.Surroundings(
            now: now, workers: registry.views(now: now),
            window: { [registry, configuration] queue in
                max(configuration.minimumWindow, registry.slots(of: queue) * configuration.windowPerSlot)
            },
            brokerProblem: links.problem)
        return try await query { reader in
            try body(Why(reader: reader, run: try Self.find(run, reader), surroundings: surroundings))
        }
    }

    public func graph(of run: RunID) async throws -> RunGraph {
        let limit = limits.pictureTasks
        return try await query { reader in
            let stored = try Self.find(run, reader)
            let outlines = try reader.outlines(of: stored.number, limit: limit + 1)
            guard outlines.count <= limit else { throw OperationError.tooManyTasks(limit) }
            return try RunGraph(stored, outlines) { attempt in try reader.child(of: attempt) }
        }
    }

    public func timeline(of run: RunID) async throws -> RunTimeline {
        let limit = limits.pictureTasks
        let now = now()
        return try await query { reader in
            let stored = try Self.find(run, reader)
            let tasks = try reader.attempts(of: stored.number, limit: limit + 1)
            return RunTimeline(stored, tasks, at: now, limit: limit)
        }
    }
}

extension OperationError {
    static func tooManyTasks(_ limit: Int) -> OperationError {
        OperationError(
            .badRequest,
            "the run has more than \(limit) tasks, the limit pictureTasks for graphs: page through its tasks instead, by status where that helps")
    }
}
