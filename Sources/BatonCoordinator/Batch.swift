import BatonBroker
import BatonEngine
import BatonModel
import BatonStore
import BatonWire

/// One transaction under way: applies inputs to runs, and gathers what has to be done once it is committed.
struct Batch {
    /// To be done after the commit, and not at all where it fails.
    struct Aftermath {
        var deliveries: [Delivery] = []
        var outbox: [OutboxEntry] = []
        /// Entries whose messages may have been sent before.
        var repeated: [OutboxEntry] = []
        /// Outbox entries without a message, which are done with.
        var settled: [Int64] = []
        var revoked: [(attempt: String, reason: String)] = []
        /// Those of the revoked attempts whose messages may still be in queues.
        var remembered: [String] = []
        var unrevoked: [String] = []
        var leased: [WorkerID: [String]] = [:]
        var claims: [WorkerID: (granted: [String], refused: [String])] = [:]
        /// To whom, in answer to which message.
        var welcomes: [(queue: String, message: String?)] = []
        var answers: [@Sendable () -> Void] = []
        var cancels: [(CancelRequest, CancelView, attempts: [String])] = []
        var changedRuns: Set<RunID> = []
        var endedRuns: Set<RunNumber> = []
        var begunRuns = 0
        var endings: [RunStatus] = []
        /// What people who run the coordinator should hear of.
        var warnings: [String] = []
    }

    /// What of a run is to be written.
    struct Changes {
        var run: CachedRun
        var tasks: Set<Int> = []
        var loops: Set<Int> = []
    }

    let transaction: any StoreTransaction
    let now: Timestamp
    let settings: EngineSettings
    let retention: Retention
    let limits: Limits
    let schemas: SchemaChecks
    let slots: (QueueName) -> Int
    let cache: RunCache
    var window: PublishWindow
    var numbers: (outbox: Int64, backlog: Int64)
    var after = Aftermath()
    var dirty: [RunNumber: Changes] = [:]
    /// What follows in other runs, or needs what has been decided to be written first.
    var followUps: [FollowUp] = []
    /// How much of that has been done, and how many have been put off.
    var spent = 0
    var putOffs = 0
    /// What of it has turned out not to be decidable, by its name, and why.
    let faulty: [String: String]
    /// Whether the broker has confirmed an outbox entry.
    let isSettled: (Int64) -> Bool
    /// Attempts whose messages are on their way to the broker; `nil` until somebody needs to know.
    var underway: Set<PublishedAttempt>?
    var generator: any RandomNumberGenerator
    /// Of all handlers, and those of which something has changed.
    var statistics: [HandlerName: HandlerStatistics]
    var observed: Set<HandlerName> = []
    /// The oldest events of a long history are removed so many at a time.
    private static let eventsTrimmed = 1000

    /// The errors of the decision whose effects are being performed.
    private var lastError: [Int: TaskError] = [:]
    /// Tasks whose handler's failure that decision has counted.
    private var counted: Set<Int> = []
    /// The events of each run so far, from the first to the last.
    private var told: [RunNumber: (first: Int, last: Int)] = [:]

    enum FollowUp {
        case event(RunID, RunEvent)
        /// The task's attempt is ready, but shares limits with others.
        case pass(CachedRun, task: Int)
        /// There may be room at a gate.
        case wake(String)
        /// The task is a graph.
        case child(CachedRun, task: Int)
        /// A run that is another one's task has ended.
        case ended(CachedRun, parent: AttemptID)
        case schedule(String)
    }

    init(
        transaction: any StoreTransaction, now: Timestamp, settings: EngineSettings, retention: Retention, limits: Limits,
        schemas: SchemaChecks, slots: @escaping (QueueName) -> Int, cache: RunCache, window: PublishWindow, numbers: (outbox: Int64, backlog: Int64),
        statistics: [HandlerName: HandlerStatistics], faulty: [String: String] = [:], isSettled: @escaping (Int64) -> Bool = { _ in true },
        generator: any RandomNumberGenerator
    ) {
        self.transaction = transaction
        self.now = now
        self.settings = settings
        self.retention = retention
        self.limits = limits
        self.schemas = schemas
        self.slots = slots
        self.cache = cache
        self.window = window
        self.numbers = numbers
        self.statistics = statistics
        self.faulty = faulty
        self.isSettled = isSettled
        self.generator = generator
    }

    // MARK: - Decisions

    mutating func decide(_ id: RunID, _ event: RunEvent) throws {
        // A report on a run that isn't here can't be about anything that was accepted.
        guard let run = try cache.run(id, transaction) else { return }
        let payloads = StorePayloads(reader: transaction, run: run.number)
        let effects = try run.state.handle(event, now: now, settings: settings, payloads: payloads, using: &generator)
        try perform(effects, on: run)
    }

    mutating func perform(_ effects: [RunEffect], on run: CachedRun) throws {
        if dirty[run.number] == nil { dirty[run.number] = Changes(run: run) }
        lastError = [:]
        counted = []
        for effect in effects { try perform(effect, on: run) }
    }

    /// The tasks of a new run's document have been written just now, all of them.
    mutating func isWritten(_ run: CachedRun, tasks count: Int) {
        let added: Set<Int> = dirty[run.number]?.tasks.filter { $0 >= count } ?? []
        dirty[run.number]?.tasks = added
    }

    private mutating func perform(_ effect: RunEffect, on run: CachedRun) throws {
        let number = run.number
        switch effect {
        case .store(let task): dirty[number]?.tasks.insert(task)
        case .append(let task, let spec): try append(task, spec, to: run)
        case .event(let type, let task, let attempt, let data):
            let event = StoredEvent(
                id: run.state.nextEventID(), at: now, type: type, task: task, attempt: attempt, data: data)
            try transaction.append(event, to: number)
            told[number] = (told[number]?.first ?? event.id, event.id)
            if type == .taskFailed, let task, !counted.contains(task) { try countFailure(task, lastError[task], attempt: nil, of: run) }
            if let task, type.endsTask, !counted.contains(task) { observe(type, of: task, run) }
            if event.id % Self.eventsTrimmed == 0, event.id > retention.events {
                try transaction.trimEvents(of: number, before: event.id - retention.events)
            }
        case .result(let task, let result):
            try transaction.put(result: result, at: TaskKey(number, task))
            try countSuccess(task, of: run)
        case .error(let task, let error):
            try transaction.put(error: error, at: TaskKey(number, task))
            lastError[task] = error
        case .part(let task, let part, let payload): try transaction.put(part, payload, at: TaskKey(number, task))
        case .clear(let task): try transaction.clear(TaskKey(number, task))
        case .items(let task, let items): try transaction.put(items: items, at: TaskKey(number, task))
        case .loop(let task, _): dirty[number]?.loops.insert(task)
        case .startChild(let task): followUps.append(.child(run, task: task))
        case .cancelChild(let attempt, let reason):
            if let child = try transaction.child(of: attempt) { followUps.append(.event(child, .cancelRun(reason: reason))) }
        case .attempt(let task, let attempt, let isNews):
            try transaction.put(attempt, at: TaskKey(number, task))
            if attempt.number > retention.attempts {
                try transaction.trimAttempts(of: TaskKey(number, task), before: attempt.number - retention.attempts + 1)
            }
            guard isNews else { break }
            observe(attempt, of: task, run)
            if attempt.status == "failed" || attempt.status == "lost" {
                counted.insert(task)
                try countFailure(task, attempt.error, attempt: attempt.number, of: run)
            }
        case .ready(let task): try ready(task, of: run)
        case .arm(let task, let kind, let due): try transaction.arm(kind, at: TaskKey(number, task), due: due)
        case .disarm(let task, let kind): try transaction.disarm(kind, at: TaskKey(number, task))
        case .revoke(let attempt, let reason): try revoke(attempt, reason, of: run)
        case .forget(let attempt):
            try transaction.unrevoke(attempt)
            after.unrevoked.append(attempt.description)
        case .leased(let attempt, let worker): after.leased[worker, default: []].append(attempt.description)
        case .claimed(let attempt, let worker, let granted):
            if granted {
                after.claims[worker, default: ([], [])].granted.append(attempt.description)
            } else {
                after.claims[worker, default: ([], [])].refused.append(attempt.description)
            }
        case .sendAgain(let attempt):
            if run.state.tasks[attempt.task].flags.contains(.published) {
                try sendAgain(TaskKey(number, attempt.task), attempt.number)
            }
        case .park(let attempt, let reason):
            try send(.park(TaskKey(number, attempt.task), attempt: attempt.number, reason: reason))
        case .finished: try finished(run)
        }
    }

    private mutating func finished(_ run: CachedRun) throws {
        after.endedRuns.insert(run.number)
        after.endings.append(run.state.progress.status)
        if run.reply != nil { try send(.outcome(run.number)) }
        if let parent = run.state.header.lineage.parent { followUps.append(.ended(run, parent: parent)) }
        if let schedule = run.state.header.lineage.schedule { followUps.append(.schedule(schedule)) }
    }

    private mutating func revoke(_ attempt: AttemptID, _ reason: String, of run: CachedRun) throws {
        // What is only in the backlog, or held, has no message that anybody could start.
        let flags = run.state.tasks[attempt.task].flags
        if !flags.isDisjoint(with: [.backlogged, .held]) { return }
        after.revoked.append((attempt.description, reason))
        if flags.contains(.published) {
            try transaction.revoke(attempt)
            after.remembered.append(attempt.description)
        }
    }

    private mutating func append(_ task: Int, _ spec: TaskSpec, to run: CachedRun) throws {
        let node = run.state.nodes[task]
        try transaction.insert(
            TaskDefinition(
                spec, dependencies: node.dependencies.map { Int($0.task) }, role: node.role, origin: Int(node.origin),
                number: Int(node.number)),
            run.state.tasks[task], at: TaskKey(run.number, task))
    }

    // MARK: - End

    /// Writes what has changed, does what follows from it, and gives the broker more where it has room.
    mutating func finish() throws {
        while true {
            try write()
            if followUps.isEmpty { break }
            let next = followUps
            followUps = []
            for followUp in next { try follow(followUp) }
        }
        // After the states, because what is not ready according to them is dropped from the backlog.
        try refill()
        for handler in observed { try transaction.put(statistics[handler] ?? HandlerStatistics(), of: handler) }
        for (run, events) in told.sorted(by: { $0.key < $1.key }) { try send(.events(run, first: events.first, last: events.last)) }
    }

    private mutating func write() throws {
        // In one order, so that equal inputs have equal consequences.
        let all = dirty.sorted { $0.key < $1.key }.map { ($0.value, $0.value.tasks.sorted()) }
        for (changes, tasks) in all {
            for task in tasks {
                let state = changes.run.state.tasks[task]
                if !Self.isWithWorker(state) || state.flags.contains(.leased) { try leaveWindow(task, of: changes.run) }
                if !Self.isWithWorker(state), state.flags.contains(.permitted) { try leaveGates(task, of: changes.run) }
            }
        }
        for (changes, tasks) in all {
            let run = changes.run
            for task in tasks { try transaction.update(run.state.tasks[task], at: TaskKey(run.number, task)) }
            for task in changes.loops {
                if let loop = run.state.loops[task] { try transaction.put(loop, at: TaskKey(run.number, task)) }
            }
            try transaction.update(run.state.progress, of: run.number)
            for task in tasks { run.state.release(task) }
            after.changedRuns.insert(run.state.id)
        }
        dirty = [:]
    }

    /// Whether a worker has the attempt, or will. Its message is with the broker, the backlog or a gate until it is leased.
    private static func isWithWorker(_ task: TaskState) -> Bool {
        (task.status == .queued || task.status == .running) && !task.flags.contains(.examined)
    }
}
