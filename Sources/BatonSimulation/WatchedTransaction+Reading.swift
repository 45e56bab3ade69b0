import BatonModel
import BatonStore

/// What is read is read from the real store.
extension WatchedTransaction {
    func run(id: RunID) throws -> StoredRun? { try base.run(id: id) }
    func run(number: RunNumber) throws -> StoredRun? { try base.run(number: number) }
    func run(owner: String?, key: String) throws -> (id: RunID, digest: [UInt8])? { try base.run(owner: owner, key: key) }
    func runID(of run: RunNumber) throws -> RunID? { try base.runID(of: run) }
    func digest(of run: RunNumber) throws -> [UInt8]? { try base.digest(of: run) }
    func load(_ id: RunID) throws -> LoadedRun? { try base.load(id).map(onLoad) }
    func child(of attempt: AttemptID) throws -> RunID? { try base.child(of: attempt) }
    func dispatch(_ key: TaskKey) throws -> DispatchData? { try base.dispatch(key) }
    func definitions(of run: RunNumber) throws -> [TaskDefinition] { try base.definitions(of: run) }
    func index(of task: TaskID, in run: RunNumber) throws -> Int? { try base.index(of: task, in: run) }
    func input(of run: RunNumber) throws -> JSON? { try base.input(of: run) }
    func inputs(_ key: TaskKey) throws -> JSON? { try base.inputs(key) }
    func dependencies(_ key: TaskKey) throws -> [Dependency] { try base.dependencies(key) }
    func result(_ key: TaskKey) throws -> JSON? { try base.result(key) }
    func error(_ key: TaskKey) throws -> TaskError? { try base.error(key) }
    func part(_ part: TaskPart, _ key: TaskKey) throws -> JSON? { try base.part(part, key) }
    func item(_ number: Int, of loop: TaskKey) throws -> JSON? { try base.item(number, of: loop) }
    func items(of loop: TaskKey) throws -> [JSON] { try base.items(of: loop) }
    func itemCount(of loop: TaskKey) throws -> Int { try base.itemCount(of: loop) }
    func collected(_ loop: TaskKey, count: Int, adding results: [Int: JSON], limit: Int) throws -> JSON? { try base.collected(loop, count: count, adding: results, limit: limit) }
    func results(of run: RunNumber, limit: Int) throws -> [(TaskID, JSON)]? { try base.results(of: run, limit: limit) }
    func dueTimers(by time: Timestamp, limit: Int) throws -> [(key: TaskKey, kind: TimerKind)] { try base.dueTimers(by: time, limit: limit) }
    func dueAlarms(by time: Timestamp, limit: Int) throws -> [String] { try base.dueAlarms(by: time, limit: limit) }
    func dueSchedules(by time: Timestamp, limit: Int) throws -> [String] { try base.dueSchedules(by: time, limit: limit) }
    func nextTimer() throws -> Timestamp? { try base.nextTimer() }
    func outbox() throws -> [OutboxEntry] { try base.outbox() }
    func revoked() throws -> [String] { try base.revoked() }
    func lastNumbers() throws -> (outbox: Int64, backlog: Int64) { try base.lastNumbers() }
    func levels() throws -> [(level: QueueLevel, waiting: Int, published: Int)] { try base.levels() }
    func gate(_ name: String) throws -> Gate? { try base.gate(name) }
    func passes(of key: TaskKey) throws -> [String] { try base.passes(of: key) }
    func breaker(of handler: HandlerName) throws -> Breaker? { try base.breaker(of: handler) }
    func kept(_ digest: String, at time: Timestamp) throws -> JSON? { try base.kept(digest, at: time) }
    func logCount(of key: TaskKey, attempt: Int) throws -> Int { try base.logCount(of: key, attempt: attempt) }
    func logs(of key: TaskKey, attempt: Int?, after: LogPosition, limit: Int) throws -> [(LogPosition, LogLine)] { try base.logs(of: key, attempt: attempt, after: after, limit: limit) }
    func statistics() throws -> [HandlerName: HandlerStatistics] { try base.statistics() }
    func pausedQueues() throws -> Set<QueueName> { try base.pausedQueues() }
    func hooks(of handler: HandlerName) throws -> Set<TaskNode.Hook> { try base.hooks(of: handler) }
    func hooks() throws -> [HandlerName: Set<TaskNode.Hook>] { try base.hooks() }
    func publishedAttempts(of queue: QueueName?, _ priority: Priority?, after key: TaskKey?, limit: Int) throws -> [PublishedAttempt] { try base.publishedAttempts(of: queue, priority, after: key, limit: limit) }
    func feed(of run: RunNumber, id: RunID, after event: Int, through last: Int) throws -> [(EventView, HandlerName?)] { try base.feed(of: run, id: id, after: event, through: last) }
    func schedule(_ name: String) throws -> StoredSchedule? { try base.schedule(name) }
    func schedules(limit: Int, after name: String?) throws -> [StoredSchedule] { try base.schedules(limit: limit, after: name) }
    func openRuns(of schedule: String) throws -> Int { try base.openRuns(of: schedule) }
    func runs(_ filter: RunFilter, limit: Int, before: RunNumber?) throws -> [StoredRun] { try base.runs(filter, limit: limit, before: before) }
    func view(of run: StoredRun) throws -> RunView { try base.view(of: run) }
    func tasks(of run: RunNumber, status: TaskStatus?, limit: Int, from task: Int) throws -> [(index: Int, view: TaskView)] { try base.tasks(of: run, status: status, limit: limit, from: task) }
    func task(_ id: TaskID, of run: RunNumber) throws -> (index: Int, view: TaskView)? { try base.task(id, of: run) }
    func events(of run: RunNumber, id: RunID, after event: Int, limit: Int) throws -> [EventView] { try base.events(of: run, id: id, after: event, limit: limit) }
    func standing(_ key: TaskKey) throws -> TaskStanding? { try base.standing(key) }
    func dependencyStandings(of key: TaskKey) throws -> [DependencyStanding] { try base.dependencyStandings(of: key) }
    func underWay(in run: RunNumber, limit: Int) throws -> [Int] { try base.underWay(in: run, limit: limit) }
    func open(_ role: TaskNode.Role, for task: Int, in run: RunNumber, limit: Int) throws -> [Int] { try base.open(role, for: task, in: run, limit: limit) }
    func dueTimes(of key: TaskKey) throws -> [TimerKind: Timestamp] { try base.dueTimes(of: key) }
    func place(of standing: TaskStanding) throws -> WaitingPlace { try base.place(of: standing) }
    func inside(_ gate: String, limit: Int) throws -> [TaskReference] { try base.inside(gate, limit: limit) }
    func runningCounts() throws -> [WorkerID: Int] { try base.runningCounts() }
    func outlines(of run: RunNumber, limit: Int) throws -> [TaskOutline] { try base.outlines(of: run, limit: limit) }
    func attempts(of run: RunNumber, limit: Int) throws -> [TaskAttempts] { try base.attempts(of: run, limit: limit) }
}
