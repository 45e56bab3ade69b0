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
        var revoked: [(attempt: String, reason: String)] = []
        /// Those of the revoked attempts whose messages may still be in queues.
        var remembered: [String] = []
        var unrevoked: [String] = []
        var leased: [WorkerID: [String]] = [:]
        var claims: [WorkerID: (granted: [String], refused: [String])] = [:]
        var welcomes: [String] = []
        var answers: [@Sendable () -> Void] = []
        var cancels: [(CancelRequest, CancelView, attempts: [String])] = []
        var changedRuns: Set<RunID> = []
        var endedRuns: Set<RunNumber> = []
    }

    let transaction: any StoreTransaction
    let now: Timestamp
    let settings: EngineSettings
    let limits: Limits
    let slots: (QueueName) -> Int
    let cache: RunCache
    var window: PublishWindow
    var numbers: (outbox: Int64, backlog: Int64)
    var after = Aftermath()
    private var dirty: [RunNumber: (run: CachedRun, tasks: Set<Int>)] = [:]
    private var generator = SystemRandomNumberGenerator()

    init(
        transaction: any StoreTransaction, now: Timestamp, settings: EngineSettings, limits: Limits,
        slots: @escaping (QueueName) -> Int,
        cache: RunCache, window: PublishWindow, numbers: (outbox: Int64, backlog: Int64)
    ) {
        self.transaction = transaction
        self.now = now
        self.settings = settings
        self.limits = limits
        self.slots = slots
        self.cache = cache
        self.window = window
        self.numbers = numbers
    }

    // MARK: - Inputs

    mutating func apply(_ input: Input) throws {
        switch input {
        case .report(let report, let delivery):
            try apply(report)
            after.deliveries.append(delivery)
        case .worker(.announcement(let announcement), let delivery):
            if announcement.state == .starting { after.welcomes.append(announcement.controlQueue) }
            for running in announcement.running {
                if let attempt = AttemptID(running) { try decide(attempt.run, .heartbeat(attempt, worker: announcement.worker)) }
            }
            after.deliveries.append(delivery)
        case .worker(.seen, let delivery): after.deliveries.append(delivery)
        case .submission(let request): try submit(request)
        case .givenUp(let attempt, let reason, let delivery):
            try decide(attempt.run, .givenUp(attempt, reason: reason))
            after.deliveries.append(delivery)
        case .undeliverable(let attempt, let error): try decide(attempt.run, .undeliverable(attempt, error: error))
        case .cancel(let request): try cancel(request)
        case .tick(let heard): after.answers.append(heard)
        }
    }

    private mutating func apply(_ report: Report) throws {
        let attempt = report.attempt
        let worker = report.worker
        let event: RunEvent
        switch report.content {
        case .started: event = .started(attempt, worker: worker, at: report.startedAt)
        case .completed(let result, _):
            if result.bytes.count > limits.payloadBytes {
                let message = "the result has \(result.bytes.count) bytes, more than the limit payloadBytes of "
                    + "\(limits.payloadBytes): store it elsewhere and return a reference"
                event = .failed(
                    attempt, worker: worker, startedAt: report.startedAt,
                    error: TaskError(type: TaskError.Kind.tooLarge, message: message, retryable: false))
            } else {
                event = .completed(attempt, worker: worker, startedAt: report.startedAt, result: result)
            }
        case .failed(let error): event = .failed(attempt, worker: worker, startedAt: report.startedAt, error: error)
        case .cancelled: event = .stopped(attempt, worker: worker)
        case .progress(let progress):
            event = .progress(
                attempt, worker: worker, fraction: progress.fraction, message: progress.message, checkpoint: progress.checkpoint)
        case .heartbeat: event = .heartbeat(attempt, worker: worker)
        case .lease: event = .lease(attempt, worker: worker ?? "")
        case .claim(let redelivered): event = .claim(attempt, worker: worker ?? "", redelivered: redelivered)
        case .log: return
        }
        try decide(attempt.run, event)
    }

    mutating func fire(_ key: TaskKey, _ kind: TimerKind) throws {
        try transaction.disarm(kind, at: key)
        guard let id = try cache[key.run]?.state.id ?? transaction.runID(of: key.run) else { return }
        try decide(id, .timer(kind, task: key.task))
    }

    private mutating func submit(_ request: SubmissionRequest) throws {
        let graph = request.graph
        if let delivery = request.delivery { after.deliveries.append(delivery) }
        if let key = graph.key, let known = try transaction.run(owner: graph.owner, key: key) {
            if known.digest == request.digest, let run = try transaction.run(id: known.id) {
                after.answers.append { request.answer(.success((run, existing: true))) }
            } else {
                let error = OperationError(
                    .conflict, "the key '\(key)' belongs to run \(known.id), whose graph is another one: use a new key")
                after.answers.append { request.answer(.failure(error)) }
            }
            return
        }
        let id = RunID.generate(now: now, using: &generator)
        let header = RunHeader(
            id: id, name: graph.name, key: graph.key, correlationID: graph.correlationID ?? id.rawValue, owner: graph.owner,
            timeout: graph.timeout, onFailure: graph.onFailure, createdAt: now)
        var state = RunState(graph, header: header)
        let effects = try state.begin(now: now, settings: settings, using: &generator)
        let reply = request.wantsResult ? request.reply : nil
        let number = try transaction.insert(
            NewRun(header: header, digest: request.digest, input: graph.input, progress: state.progress, reply: reply))
        var indices: [TaskID: Int] = Dictionary(minimumCapacity: graph.tasks.count)
        for (index, task) in graph.tasks.enumerated() { indices[task.id] = index }
        let run = CachedRun(number, state, reply: reply)
        cache.insert(run)
        try perform(effects, on: run)
        for (index, task) in graph.tasks.enumerated() {
            let dependencies = task.dependencies.compactMap { indices[$0.task] }
            try transaction.insert(
                TaskDefinition(task, dependencies: dependencies), run.state.tasks[index], at: TaskKey(number, index))
        }
        // Written just now, all of it.
        dirty[number] = (run, [])
        let stored = StoredRun(number: number, header: header, progress: run.state.progress, reply: reply)
        after.answers.append { request.answer(.success((stored, existing: false))) }
    }

    private mutating func cancel(_ request: CancelRequest) throws {
        guard let run = try cache.run(request.run, transaction) else {
            return refuse(request, "there is no run '\(request.run)'")
        }
        var task: Int?
        if let id = request.task {
            guard let found = try transaction.task(id, of: run.number) else {
                return refuse(request, "run '\(request.run)' has no task '\(id)'")
            }
            task = found.index
        }
        let wasFinal = Self.isFinal(task, run.state)
        let first = after.revoked.count
        if !wasFinal {
            let event = task.map { RunEvent.cancelTask($0, reason: request.reason) } ?? .cancelRun(reason: request.reason)
            try decide(request.run, event)
        }
        let status = task.map { run.state.tasks[$0].status.rawValue } ?? run.state.progress.status.rawValue
        let outcome: CancelView.Outcome = wasFinal ? .alreadyEnded : Self.isFinal(task, run.state) ? .cancelled : .cancelling
        let view = CancelView(run: request.run, task: request.task, outcome: outcome, status: status)
        after.cancels.append((request, view, attempts: after.revoked[first...].map(\.attempt)))
    }

    private static func isFinal(_ task: Int?, _ state: RunState) -> Bool {
        task.map { state.tasks[$0].status.isFinal } ?? state.progress.status.isFinal
    }

    private mutating func refuse(_ request: CancelRequest, _ message: String) {
        after.answers.append { request.answer(.failure(OperationError(.notFound, message))) }
    }

    // MARK: - Decisions

    private mutating func decide(_ id: RunID, _ event: RunEvent) throws {
        // A report on a run that isn't here can't be about anything that was accepted.
        guard let run = try cache.run(id, transaction) else { return }
        try perform(run.state.handle(event, now: now, settings: settings, using: &generator), on: run)
    }

    private mutating func perform(_ effects: [RunEffect], on run: CachedRun) throws {
        if dirty[run.number] == nil { dirty[run.number] = (run, []) }
        for effect in effects { try perform(effect, on: run) }
    }

    private mutating func perform(_ effect: RunEffect, on run: CachedRun) throws {
        let number = run.number
        switch effect {
        case .store(let task): dirty[number]?.tasks.insert(task)
        case .append(let task): try append(task, to: run)
        case .event(let type, let task, let attempt, let data):
            let event = StoredEvent(
                id: run.state.nextEventID(), at: now, type: type, task: task, attempt: attempt, data: data)
            try transaction.append(event, to: number)
        case .result(let task, let result): try transaction.put(result: result, at: TaskKey(number, task))
        case .error(let task, let error): try transaction.put(error: error, at: TaskKey(number, task))
        case .checkpoint(let task, let checkpoint): try transaction.put(checkpoint: checkpoint, at: TaskKey(number, task))
        case .attempt(let task, let attempt): try transaction.put(attempt, at: TaskKey(number, task))
        case .ready(let task): try ready(task, of: run)
        case .arm(let task, let kind, let due): try transaction.arm(kind, at: TaskKey(number, task), due: due)
        case .disarm(let task, let kind): try transaction.disarm(kind, at: TaskKey(number, task))
        case .revoke(let attempt, let reason):
            // What is only in the backlog has no message that anybody could start.
            let flags = run.state.tasks[attempt.task].flags
            if flags.contains(.backlogged) { return }
            after.revoked.append((attempt.description, reason))
            if flags.contains(.published) {
                try transaction.revoke(attempt)
                after.remembered.append(attempt.description)
            }
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
        case .park(let attempt, let reason):
            try send(.park(TaskKey(number, attempt.task), attempt: attempt.number, reason: reason))
        case .finished:
            after.endedRuns.insert(number)
            if run.reply != nil { try send(.outcome(number)) }
        }
    }

    private mutating func append(_ task: Int, to run: CachedRun) throws {
        let node = run.state.nodes[task]
        let spec = TaskSpec(
            id: node.id, handler: node.handler, queue: node.queue, priority: node.priority, critical: node.critical)
        try transaction.insert(
            TaskDefinition(spec, dependencies: [], hook: node.hook, hookOf: Int(node.hookOf)), run.state.tasks[task],
            at: TaskKey(run.number, task))
    }

    // MARK: - The window

    /// Gives the present attempt to the broker, or lets it wait for room there.
    private mutating func ready(_ task: Int, of run: CachedRun) throws {
        leaveWindow(task, of: run)
        let key = TaskKey(run.number, task)
        let attempt = Int(run.state.tasks[task].attempt)
        let level = Self.level(task, run)
        if window.admits(level, slots: slots(level.queue)) {
            window.published(level)
            run.state.mark(task, published: true, backlogged: false)
            try send(.task(key, attempt: attempt))
        } else {
            window.backlogged(level)
            run.state.mark(task, published: false, backlogged: true)
            numbers.backlog += 1
            try transaction.enqueue(ReadyTask(number: numbers.backlog, key: key, attempt: attempt), on: level)
        }
    }

    private mutating func leaveWindow(_ task: Int, of run: CachedRun) {
        let flags = run.state.tasks[task].flags
        guard flags.contains(.published) || flags.contains(.backlogged) else { return }
        window.left(Self.level(task, run), published: flags.contains(.published))
        run.state.mark(task, published: false, backlogged: false)
    }

    private static func level(_ task: Int, _ run: CachedRun) -> QueueLevel {
        QueueLevel(run.state.nodes[task].queue, run.state.nodes[task].priority)
    }

    private mutating func send(_ content: OutboxEntry.Content) throws {
        numbers.outbox += 1
        let entry = OutboxEntry(number: numbers.outbox, content: content)
        try transaction.append(entry)
        after.outbox.append(entry)
    }

    // MARK: - End

    /// Gives the broker more where it has room, and writes what has changed.
    mutating func finish() throws {
        for (run, tasks) in dirty.values {
            for task in tasks where !Self.holdsMessage(run.state.tasks[task]) { leaveWindow(task, of: run) }
        }
        for (run, tasks) in dirty.values {
            for task in tasks { try transaction.update(run.state.tasks[task], at: TaskKey(run.number, task)) }
            try transaction.update(run.state.progress, of: run.number)
            after.changedRuns.insert(run.state.id)
        }
        // After the states, because what is not ready according to them is dropped from the backlog.
        try refill()
    }

    /// Whether the broker, or the backlog, has the attempt's message.
    private static func holdsMessage(_ task: TaskState) -> Bool {
        (task.status == .queued || task.status == .running) && !task.flags.contains(.leased)
    }

    private mutating func refill() throws {
        for (level, room) in window.refillable(slots: slots) {
            let limit = min(room, 1000)
            let ready = try transaction.dequeue(level, limit: limit)
            for task in ready {
                window.left(level, published: false)
                window.published(level)
                try send(.task(task.key, attempt: task.attempt))
                cache[task.key.run]?.state.mark(task.key.task, published: true, backlogged: false)
                try transaction.markPublished(task.key)
            }
            if ready.count < limit { window.drained(level) }
        }
    }
}
