import BatonCoordinator
import BatonModel

extension CannedOperations {
    /// The canned tasks as a graph, by their dependencies.
    func graph(of id: RunID) async throws -> RunGraph {
        let run = try await run(id)
        let tasks = state.withLock { $0.tasks[id] } ?? []
        return RunGraph(
            run: id, name: run.name, status: run.status,
            nodes: tasks.map { RunGraph.Node(id: $0.id, handler: $0.handler, status: $0.status, attempts: $0.attempts) },
            edges: tasks.flatMap { task in
                task.dependencies.map { RunGraph.Edge(from: $0, to: task.id, kind: .dependency, on: .completed, required: true) }
            })
    }

    func timeline(of id: RunID) async throws -> RunTimeline {
        let run = try await run(id)
        let tasks = state.withLock { $0.tasks[id] } ?? []
        return RunTimeline(
            run: id, name: run.name, status: run.status, createdAt: Self.time, at: Self.time + .seconds(10),
            bars: tasks.map { task in
                RunTimeline.Bar(
                    task: task.id, handler: task.handler, attempt: 1, status: "completed", worker: "worker-1", queuedAt: Self.time,
                    startedAt: Self.time + .seconds(1), finishedAt: Self.time + .seconds(3))
            })
    }

    func why(task id: TaskID, of run: RunID) async throws -> WhyView {
        let task = try await task(id, of: run)
        var cause = WhyView.Cause(.queue)
        cause.queue = task.queue
        cause.workers = 0
        var view = WhyView(
            run: run, task: id, status: task.status, reason: .noWorker, text: "no worker takes from the queue \(task.queue)", waitsFor: [cause])
        view.since = Self.time
        return view
    }

    func why(run id: RunID) async throws -> RunWhyView {
        let run = try await run(id)
        var tasks: [WhyView] = []
        for task in state.withLock({ $0.tasks[id] }) ?? [] { tasks.append(try await why(task: task.id, of: id)) }
        return RunWhyView(run: id, status: run.status, text: "waits for \(tasks.count) tasks", tasks: tasks)
    }
}
