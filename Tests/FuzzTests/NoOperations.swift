import BatonCoordinator
import BatonEngine
import BatonFuzzing
import BatonModel

/// A coordinator without a run: what gets through to it was read, and is refused here.
struct NoOperations: Operations {
    let limits: Limits
    let checks = SyntaxChecks.standard

    private var nothing: OperationError { OperationError(.notFound, "there is nothing of that name") }

    func submit(_ graph: Graph) async throws -> RunView {
        try FuzzTarget.check(graph)
        throw OperationError(.unavailable, "nothing is stored here")
    }

    func run(_ id: RunID) async throws -> RunView { throw nothing }
    func runs(_ filter: RunFilter, limit: Int, cursor: String?) async throws -> Page<RunView> {
        precondition((1...1000).contains(limit))
        return Page(items: [])
    }
    func tasks(of run: RunID, status: TaskStatus?, limit: Int, cursor: String?) async throws -> Page<TaskView> {
        precondition((1...1000).contains(limit))
        return Page(items: [])
    }
    func task(_ id: TaskID, of run: RunID) async throws -> TaskView { throw nothing }
    func why(task: TaskID, of run: RunID) async throws -> WhyView { throw nothing }
    func why(run: RunID) async throws -> RunWhyView { throw nothing }
    func graph(of run: RunID) async throws -> RunGraph { throw nothing }
    func timeline(of run: RunID) async throws -> RunTimeline { throw nothing }
    func events(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        precondition(id >= 0 && (1...1000).contains(limit))
        return []
    }
    func nextEvents(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] { [] }
    func cancel(run: RunID, reason: String?) async throws -> CancelView { throw nothing }
    func cancel(task: TaskID, of run: RunID, reason: String?) async throws -> CancelView { throw nothing }
    func cancel(_ request: CancelManyRequest) async throws -> CancelManyView { CancelManyView() }
    func rerun(_ run: RunID, _ request: RerunRequest) async throws -> RunView { throw nothing }
    func copy(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { throw nothing }
    func link(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { throw nothing }
    func archive(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { throw nothing }
    func mixed(_ run: RunID, _ request: ReuseRequest) async throws -> RunView { throw nothing }
    func answer(_ token: AttemptID, _ answer: Answer) async throws -> AnswerView { throw nothing }
    func createSchedule(_ schedule: Schedule) async throws -> ScheduleView { throw OperationError(.unavailable, "nothing is stored here") }
    func schedule(_ name: String) async throws -> ScheduleView { throw nothing }
    func schedules(limit: Int, cursor: String?) async throws -> Page<ScheduleView> { Page(items: []) }
    func changeSchedule(_ name: String, _ change: ScheduleChange) async throws -> ScheduleView { throw nothing }
    func removeSchedule(_ name: String) async throws { throw nothing }
    func workers() async throws -> [WorkerView] { [] }
    func queues() async throws -> [QueueView] { [] }
    func pause(queue: QueueName) async throws -> QueueView { throw nothing }
    func resume(queue: QueueName) async throws -> QueueView { throw nothing }
    func handlers(slowest: Int) async throws -> HandlersView { HandlersView(items: [], slowest: []) }
    func logs(of task: TaskID, in run: RunID, attempt: Int?, limit: Int, cursor: String?) async throws -> Page<LogLine> { Page(items: []) }
    func signal(_ name: String, of run: RunID, payload: JSON) async throws -> AnswerView { throw nothing }
    func metrics() async throws -> MetricsView { throw nothing }
    func health() async -> HealthView { HealthView(store: "ok", broker: "ok", ready: true) }
}
