import BatonCoordinator
import BatonModel

extension CannedOperations {
    func pause(queue: QueueName) async throws -> QueueView { QueueView(name: queue, levels: [], workers: 0, slots: 0, paused: true) }

    func resume(queue: QueueName) async throws -> QueueView { QueueView(name: queue, levels: [], workers: 0, slots: 0) }

    func handlers(slowest: Int) async throws -> HandlersView {
        var statistics = HandlerStatistics()
        statistics.completed = 3
        statistics.runTime.add(.milliseconds(20))
        let slow = SlowExecution(handler: "h", run: "r", task: "t", attempt: 1, milliseconds: 20, finishedAt: Self.time)
        return HandlersView(
            items: [HandlerView(name: "h", statistics: statistics, workers: 1)], slowest: Array([slow].prefix(slowest)))
    }

    func logs(of task: TaskID, in run: RunID, attempt: Int?, limit: Int, cursor: String?) async throws -> Page<LogLine> {
        _ = try await self.task(task, of: run)
        let lines = (1...5).map { LogLine(at: Self.time, message: "line \($0)", data: JSON(["n": 12345678901234567890.0]), attempt: 1) }
        let first = cursor.flatMap { Int($0) } ?? 0
        let last = min(lines.count, first + limit)
        return Page(items: Array(lines[first..<last]), cursor: last < lines.count ? "\(last)" : nil)
    }

    func signal(_ name: String, of run: RunID, payload: JSON) async throws -> AnswerView {
        let task = try await task(TaskID(name), of: run)
        return AnswerView(run: run, task: task.id, status: .completed)
    }

    func metrics() async throws -> MetricsView {
        var statistics = HandlerStatistics()
        statistics.completed = 3
        statistics.runTime.add(.milliseconds(20))
        return MetricsView(
            handlers: ["h\"1": statistics], queues: try await queues(), workers: try await workers(), health: await health(),
            counters: MetricsView.Counters())
    }
}
