public import BatonModel
import BatonStore
import BatonWire

/// Operations on what people look at beside the runs.
extension Coordinator {
    public func handlers(slowest: Int) async throws -> HandlersView {
        let offered = registry.handlers
        let statistics = try await query { try $0.statistics() }
        let items = Set(statistics.keys).union(offered.keys).sorted().map { name in
            HandlerView(name: name, statistics: statistics[name] ?? HandlerStatistics(), workers: offered[name] ?? 0)
        }
        let executions = statistics.flatMap { name, statistics in
            statistics.slowest.map { execution in
                var execution = execution
                execution.handler = name
                return execution
            }
        }
        let longest = executions.sorted { ($0.milliseconds, $0.finishedAt) > ($1.milliseconds, $1.finishedAt) }
        return HandlersView(items: items, slowest: Array(longest.prefix(slowest)))
    }

    public func logs(of task: TaskID, in run: RunID, attempt: Int?, limit: Int, cursor: String?) async throws -> Page<LogLine> {
        let after = try cursor.map { text in
            let parts = text.split(separator: ".").map { Int($0) }
            guard parts.count == 2, let attempt = parts[0], let number = parts[1], attempt > 0, number > 0 else {
                throw Self.badCursor(text)
            }
            return LogPosition(attempt: attempt, number: number)
        }
        return try await query { reader in
            let stored = try Self.find(run, reader)
            guard let index = try reader.index(of: task, in: stored.number) else {
                throw OperationError(.notFound, "run '\(run)' has no task '\(task)'")
            }
            let lines = try reader.logs(
                of: TaskKey(stored.number, index), attempt: attempt, after: after ?? LogPosition(), limit: limit + 1)
            let last = lines.count > limit ? lines[limit - 1].0 : nil
            return Page(
                items: lines.prefix(limit).map { position, line in
                    var line = line
                    line.attempt = position.attempt
                    return line
                }, cursor: last.map { "\($0.attempt).\($0.number)" })
        }
    }

    private static let longestPausing = Duration.seconds(2)

    public func pause(queue: QueueName) async throws -> QueueView {
        try await perform { try $0.pause(queue) }
        // What was on its way has to be there to be purged. A broker that is away for longer gets it later, and it runs.
        let end = surroundings.uptime() + Self.longestPausing
        while publisher.hasUnconfirmed(of: queue), surroundings.uptime() < end { try await surroundings.sleep(.milliseconds(5)) }
        // What no worker has taken yet. That this may fail loses nothing: those tasks then run in spite of the pause.
        for priority in Priority.allCases { try? await purge(queue, priority) }
        return try await self.queue(queue)
    }

    public func resume(queue: QueueName) async throws -> QueueView {
        try await perform { try $0.resume(queue) }
        return try await self.queue(queue)
    }

    private func queue(_ name: QueueName) async throws -> QueueView {
        try await queues().first { $0.name == name } ?? view(of: name)
    }

    public func signal(_ name: String, of run: RunID, payload: JSON) async throws -> AnswerView {
        let task = try await self.task(TaskID(name), of: run)
        guard let token = task.token else {
            throw OperationError(
                .conflict, "the task '\(name)' of run '\(run)' is \(task.status.rawValue) and waits for no answer: a signal to a "
                    + "graph completes the task of its name that waits for one")
        }
        return try await answer(token, .complete(payload))
    }

    public func metrics() async throws -> MetricsView {
        let statistics = try await query { try $0.statistics() }
        return MetricsView(
            handlers: statistics, queues: try await queues(), workers: try await workers(), health: await health(),
            counters: status.counters)
    }
}
