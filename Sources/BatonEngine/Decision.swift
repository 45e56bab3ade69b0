public import BatonModel

extension RunState {
    /// Starts a new run: what waits for nothing becomes ready.
    ///
    /// - Parameter links: how to read the results of the tasks that another run has completed.
    /// - Throws: `IllegalTransition`, or what the payloads throw; after it the value must be thrown away.
    public mutating func begin(
        _ prepared: PreparedGraph, links: [Int: () throws -> JSON?] = [:], now: Timestamp, settings: EngineSettings
    ) throws -> [RunEffect] {
        let payloads = GraphPayloads(prepared, links: links)
        var decision = Decision(state: self, now: now, settings: settings, payloads: payloads)
        try decision.begin(prepared)
        self = decision.state
        return decision.effects
    }

    /// Decides on one event. What is late, doubled or pointless changes nothing, and says so where someone has to hear of it.
    ///
    /// - Throws: `IllegalTransition`, or what the payloads throw; after it the value must be thrown away.
    public mutating func handle(
        _ event: RunEvent, now: Timestamp, settings: EngineSettings, payloads: any RunPayloads,
        using generator: inout some RandomNumberGenerator
    ) throws -> [RunEffect] {
        // The state is moved into the decision and back, so that its arrays are changed in place rather than copied.
        let untouched = RunState(header: header, nodes: [], tasks: [], progress: RunProgress())
        var decision = Decision(state: exchange(&self, with: untouched), now: now, settings: settings, payloads: payloads)
        defer { self = decision.state }
        try decision.decide(event, using: &generator)
        try decision.settle()
        return decision.effects
    }
}

private func exchange(_ value: inout RunState, with other: RunState) -> RunState {
    let result = value
    value = other
    return result
}

/// One decision under way: the state it changes, and the effects it has found so far.
struct Decision {
    var state: RunState
    var effects: [RunEffect] = []
    let now: Timestamp
    let settings: EngineSettings
    var payloads: PendingPayloads
    /// What this decision has found out and the store doesn't know yet.
    var results: [Int: JSON] = [:]
    var errors: [Int: TaskError] = [:]
    /// Which of the tasks that wait for it each decision has chosen.
    var chosen: [Int: Set<Int>] = [:]
    /// Tasks that have ended and on which others may wait. A list instead of recursion: a long chain must not exhaust the stack.
    var ended: [Int] = []

    init(state: consuming RunState, now: Timestamp, settings: EngineSettings, payloads: any RunPayloads) {
        self.state = state
        self.now = now
        self.settings = settings
        self.payloads = PendingPayloads(payloads)
    }

    mutating func begin(_ prepared: PreparedGraph) throws {
        event(.runSubmitted)
        if let timeout = state.header.timeout { effects.append(.arm(task: -1, .runTimeout, due: now + timeout)) }
        for (loop, items) in prepared.items.sorted(by: { $0.key < $1.key }) { effects.append(.items(task: loop, items)) }
        for task in state.tasks.indices where state.tasks[task].flags.contains(.linked) { try takeOver(task) }
        for task in state.nodes.indices where state.nodes[task].dependencies.isEmpty && !state.tasks[task].status.isFinal {
            try release(task)
        }
        try settle()
    }

    mutating func decide(_ event: RunEvent, using generator: inout some RandomNumberGenerator) throws {
        switch event {
        case .started(let attempt, let worker, let at):
            guard isCurrent(attempt) else { return revokeStale(attempt) }
            try start(attempt.task, worker: worker, at: at, reported: true)
        case .completed(let attempt, let worker, let startedAt, let result, let dispatch):
            guard isCurrent(attempt) else { return discard(attempt, "completed") }
            try start(attempt.task, worker: worker, at: startedAt, reported: false)
            if isCancelRequested(attempt.task) {
                discard(attempt, "completed")
                try finishCancelled(attempt.task, confirmed: true)
            } else {
                try examine(attempt.task, result, dispatch)
            }
        case .rejected(let attempt, let worker, let startedAt, let result, let reason):
            guard isCurrent(attempt) || isOwn(attempt, .graph) else { return discard(attempt, "completed") }
            try start(attempt.task, worker: worker, at: startedAt, reported: false)
            if isCancelRequested(attempt.task) { return try finishCancelled(attempt.task, confirmed: true) }
            let error = TaskError(type: TaskError.Kind.invalidResult, message: reason)
            try reject(attempt.task, result, JSON(.string(reason)), error)
        case .failed(let attempt, let worker, let startedAt, let error):
            guard isCurrent(attempt) else { return discard(attempt, "failed") }
            try start(attempt.task, worker: worker, at: startedAt, reported: false)
            try attemptEnded(attempt.task, "failed", error, isReported: true, using: &generator)
        case .stopped(let attempt, let worker):
            guard isCurrent(attempt) else { return discard(attempt, "cancelled") }
            try start(attempt.task, worker: worker, at: nil, reported: false)
            let error = TaskError(type: TaskError.Kind.cancelled, message: "the worker stopped it", retryable: true)
            try attemptEnded(attempt.task, "cancelled", error, isReported: true, using: &generator)
        case .progress(let attempt, let worker, let fraction, let message, let checkpoint):
            guard isCurrent(attempt) else { return revokeStale(attempt) }
            try start(attempt.task, worker: worker, at: nil, reported: true)
            heartbeat(attempt.task)
            report(attempt.task, fraction, message, checkpoint)
        case .heartbeat(let attempt, let worker):
            guard isCurrent(attempt) else { return revokeStale(attempt) }
            try start(attempt.task, worker: worker, at: nil, reported: true)
            if isCancelRequested(attempt.task) { revokeAgain(attempt) }
            heartbeat(attempt.task)
        case .lease(let attempt, let worker):
            guard isCurrent(attempt) else { return revokeStale(attempt) }
            try start(attempt.task, worker: worker, at: nil, reported: true)
            state.tasks[attempt.task].flags.insert(.leased)
            arm(attempt.task, .lease, now + settings.lease)
            store(attempt.task)
            effects.append(.leased(attempt, worker: worker))
        case .claim(let attempt, let worker, let redelivered):
            try claim(attempt, worker, redelivered, using: &generator)
        case .givenUp(let attempt, let reason, let isRejected):
            guard isCurrent(attempt) else { return discard(attempt, "given up") }
            try givenUp(attempt, reason, isRejected, using: &generator)
        case .messageGone(let attempt):
            guard isCurrent(attempt), !isWatched(attempt.task) else { return }
            if state.tasks[attempt.task].status == .running {
                try lost(attempt.task, using: &generator)
            } else {
                effects.append(.sendAgain(attempt))
            }
        case .undeliverable(let attempt, let error):
            guard isCurrent(attempt) else { return }
            try fail(attempt.task, error, isReported: true)
        case .refused(let attempt, let error):
            guard isCurrent(attempt) else { return }
            try attemptEnded(attempt.task, "failed", error, using: &generator)
        case .cached(let attempt, let result):
            guard isCurrent(attempt) else { return }
            try start(attempt.task, worker: nil, at: nil, reported: false)
            state.tasks[attempt.task].flags.insert(.cached)
            try examine(attempt.task, result, [])
        case .childEnded(let attempt, let status, let result, let error):
            guard isOwn(attempt, .graph) else { return }
            try childEnded(attempt.task, status, result, error, using: &generator)
        case .answered(let attempt, let result):
            guard isOwn(attempt, .answer) else { return }
            try examine(attempt.task, result, [])
        case .answerFailed(let attempt, let error):
            guard isOwn(attempt, .answer) else { return }
            try fail(attempt.task, error)
        case .timer(let kind, let task):
            try timer(kind, task, using: &generator)
        case .cancelTask(let task, let reason):
            guard state.tasks.has(task) else { return }
            try cancel(task, reason)
        case .cancelRun(let reason):
            guard !state.progress.status.isFinal else { return }
            try end(as: .cancelled, TaskError(type: TaskError.Kind.cancelled, message: reason), reason: reason)
        case .rerun(let rerun):
            try self.rerun(rerun)
        }
    }
}

// MARK: - Attempts

extension Decision {
    /// Whether the attempt is the one its task waits for; anything else comes from the past.
    func isCurrent(_ attempt: AttemptID) -> Bool {
        guard isOpen(attempt), isWorkers(attempt.task) else { return false }
        return !state.tasks[attempt.task].flags.contains(.examined)
    }

    /// Whether the attempt is the present one of a task that is a graph, or that waits for an answer.
    func isOwn(_ attempt: AttemptID, _ handler: HandlerName) -> Bool {
        guard isOpen(attempt), !state.tasks[attempt.task].flags.contains(.examined) else { return false }
        return state.nodes[attempt.task].handler == handler && state.nodes[attempt.task].rules.loop == nil
    }

    private func isOpen(_ attempt: AttemptID) -> Bool {
        guard state.tasks.has(attempt.task) else { return false }
        let task = state.tasks[attempt.task]
        return Int(task.attempt) == attempt.number && (task.status == .queued || task.status == .running)
    }

    /// Whether workers make the task's result, rather than other tasks or somebody outside.
    func isWorkers(_ task: Int) -> Bool {
        // Whatever isn't a worker's has rules.
        guard let policies = state.nodes[task].policies else { return true }
        let handler = state.nodes[task].handler
        return policies.rules.loop == nil && handler != .graph && handler != .answer
    }

    func isCancelRequested(_ task: Int) -> Bool { state.tasks[task].flags.contains(.cancelRequested) }

    /// A report on an attempt that is over: nothing of it is applied.
    mutating func discard(_ attempt: AttemptID, _ what: String) {
        effects.append(.forget(attempt))
        guard state.tasks.has(attempt.task) else { return }
        // A revoked attempt that is dropped unstarted is what was asked for.
        if what == "cancelled", state.tasks[attempt.task].status == .cancelled { return }
        event(.reportDiscarded, attempt.task, attempt: attempt.number, ["report": .string(what)])
    }

    /// Somebody works on an attempt that is over: they are told to stop.
    mutating func revokeStale(_ attempt: AttemptID) {
        guard state.tasks.has(attempt.task) else { return }
        effects.append(.revoke(attempt, reason: "the attempt is over"))
    }

    mutating func revokeAgain(_ attempt: AttemptID) {
        effects.append(.revoke(attempt, reason: state.progress.ending?.error.message ?? "cancelled"))
    }

    /// The attempt has a worker. Short attempts say so only with their end, which is not worth an event of its own.
    mutating func start(_ task: Int, worker: WorkerID?, at: Timestamp?, reported: Bool) throws {
        if let worker, state.tasks[task].worker != worker {
            state.tasks[task].worker = worker
            store(task)
        }
        guard state.tasks[task].status == .queued else { return }
        try transition(task, to: .running)
        let queuedAt = state.tasks[task].queuedAt ?? now
        let startedAt = min(now, max(queuedAt, at ?? now))
        state.tasks[task].startedAt = startedAt
        disarm(task, .queuedTimeout)
        guard reported else { return }
        let timeouts = state.nodes[task].timeouts
        if let limit = timeouts.attempt { arm(task, .attemptTimeout, startedAt + limit) }
        if let limit = timeouts.heartbeat { arm(task, .heartbeat, now + limit) }
        watch(task)
        event(.taskStarted, task, attempt: Int(state.tasks[task].attempt), worker.map { ["worker": .string($0.rawValue)] })
    }

    mutating func heartbeat(_ task: Int) {
        if let limit = state.nodes[task].timeouts.heartbeat { arm(task, .heartbeat, now + limit) }
        watch(task)
    }

    /// A worker that says from time to time what it runs is believed only for so long: the attempt is lost with its silence, even
    /// where the broker has no message left to give to another.
    private mutating func watch(_ task: Int) {
        let announces = state.tasks[task].worker.map(settings.announces) ?? false
        guard announces || isWatched(task) else { return }
        arm(task, .lease, now + settings.lease)
    }

    private func isWatched(_ task: Int) -> Bool { state.tasks[task].timers.contains(TimerSet(.lease)) }

    /// A message that is given back too often says little of its task: connections that come and go do that as well.
    private mutating func givenUp(
        _ attempt: AttemptID, _ reason: String, _ isRejected: Bool, using generator: inout some RandomNumberGenerator
    ) throws {
        let task = attempt.task
        let isCancelled = isCancelRequested(task)
        if !isRejected, !isCancelled {
            // Whoever runs it needs no message.
            if isWatched(task) { return }
            if state.tasks[task].status == .running { return try lost(task, using: &generator) }
            state.tasks[task].losses += 1
            store(task)
            if state.tasks[task].losses < settings.poisonLimit {
                event(.attemptReturned, task, attempt: attempt.number, ["reason": .string(reason)])
                return effects.append(.sendAgain(attempt))
            }
        }
        let error = TaskError(type: TaskError.Kind.poisoned, message: reason)
        if !isCancelled, try fallBack(task, "failed", error) { return }
        try fail(task, error, isReported: true)
    }

    mutating func report(_ task: Int, _ fraction: Double?, _ message: String?, _ checkpoint: JSON?) {
        if let fraction {
            setProgress(task, Float(fraction.isNaN ? 0 : min(1, max(0, fraction))))
        }
        if let checkpoint { effects.append(.part(task: task, .checkpoint, checkpoint)) }
        store(task)
        var data: [String: JSONValue] = [:]
        if let fraction { data["fraction"] = .number(fraction) }
        if let message { data["message"] = .string(message) }
        event(.taskProgress, task, attempt: Int(state.tasks[task].attempt), data)
    }

    /// A worker holds a message that others may hold too.
    mutating func claim(
        _ attempt: AttemptID, _ worker: WorkerID, _ redelivered: Bool, using generator: inout some RandomNumberGenerator
    ) throws {
        guard isCurrent(attempt), !state.tasks[attempt.task].flags.contains(.leased) else {
            effects.append(.claimed(attempt, worker: worker, granted: false))
            effects.append(.forget(attempt))
            return
        }
        let holder = state.tasks[attempt.task].status == .running ? state.tasks[attempt.task].worker : nil
        switch holder {
        case worker?:
            effects.append(.claimed(attempt, worker: worker, granted: true))
        case nil where state.tasks[attempt.task].status == .queued:
            // Nobody is known to have started it. From here on somebody is, so a death counts.
            try start(attempt.task, worker: worker, at: nil, reported: true)
            effects.append(.claimed(attempt, worker: worker, granted: true))
        default:
            effects.append(.claimed(attempt, worker: worker, granted: false))
            // Delivered again means that the holder's connection is gone, and the holder most likely with it.
            if redelivered { try lost(attempt.task, using: &generator) }
            effects.append(.forget(attempt))
        }
    }

    mutating func lost(_ task: Int, using generator: inout some RandomNumberGenerator) throws {
        let attempt = state.attemptID(of: task)
        let holder = state.tasks[task].worker
        state.tasks[task].losses += 1
        let name = holder.map { " \($0)" } ?? ""
        event(.attemptLost, task, attempt: attempt.number, holder.map { ["worker": .string($0.rawValue)] })
        effects.append(.revoke(attempt, reason: "the attempt is over"))
        if state.tasks[task].losses >= settings.poisonLimit, !state.tasks[task].flags.contains(.cancelRequested) {
            let reason = "it was running when \(state.tasks[task].losses) workers in a row died, last\(name)"
            effects.append(.park(attempt, reason: reason))
            let error = TaskError(type: TaskError.Kind.poisoned, message: reason)
            if try fallBack(task, "lost", error) { return }
            return try fail(task, error, outcome: "lost")
        }
        let error = TaskError(type: TaskError.Kind.workerLost, message: "its worker\(name) died or was cut off")
        try attemptEnded(task, "lost", error, using: &generator)
    }

    /// The attempt is over without a result: again, or for good.
    mutating func attemptEnded(
        _ task: Int, _ outcome: String, _ error: TaskError, isReported: Bool = false,
        using generator: inout some RandomNumberGenerator
    ) throws {
        if isCancelRequested(task) { return try finishCancelled(task, confirmed: isReported) }
        if outcome == "failed" { state.tasks[task].losses = 0 }
        let retry = state.nodes[task].retry
        let attempt = Int(state.tasks[task].attempt)
        let made = attempt - Int(state.tasks[task].base)
        guard made < retry.maxAttempts, retry.retries(error) else {
            if try fallBack(task, outcome, error) { return }
            return try fail(task, error, outcome: outcome)
        }
        remember(task, outcome, error)
        effects.append(.error(task: task, error))
        disarmAttempt(task)
        leaveRunning(task)
        guard outcome == "failed" else { return try makeReady(task) }
        let delay = error.retryAfterMs.map { .milliseconds(max(0, $0)) } ?? retry.delay(afterAttempt: made, using: &generator)
        try transition(task, to: .retrying)
        state.tasks[task].dueAt = now + delay
        arm(task, .retry, now + delay)
        event(
            .taskRetrying, task, attempt: attempt,
            ["delayMs": .integer(delay.milliseconds), "error": .string(error.message), "type": .string(error.type)])
    }

    /// Offers the task to the handler that stands in for its own, once.
    ///
    /// - Returns: whether there is one left.
    mutating func fallBack(_ task: Int, _ outcome: String, _ error: TaskError) throws -> Bool {
        guard let fallback = state.nodes[task].rules.fallback, !state.tasks[task].flags.contains(.fallback) else { return false }
        remember(task, outcome, error)
        effects.append(.error(task: task, error))
        disarmAttempt(task)
        leaveRunning(task)
        state.tasks[task].flags.insert(.fallback)
        state.tasks[task].base = state.tasks[task].attempt
        state.tasks[task].rejections = 0
        state.tasks[task].losses = 0
        event(
            .taskRetrying, task, attempt: Int(state.tasks[task].attempt),
            ["fallback": .string(fallback.rawValue), "error": .string(error.message), "type": .string(error.type)])
        try makeReady(task)
        return true
    }

    /// The run's own progress is made of what its tasks report, not of what is done for them.
    mutating func setProgress(_ task: Int, _ value: Float) {
        if state.nodes[task].counts { state.progress.fraction += Double(value) - Double(state.tasks[task].progress) }
        state.tasks[task].progress = value
    }

    /// Puts the attempt on record before the next one takes its place.
    mutating func remember(_ task: Int, _ outcome: String, _ error: TaskError?) {
        let now = self.now
        let current = state.tasks[task]
        let isNews = !current.flags.contains(.cached)
        effects.append(
            .attempt(
                task: task,
                AttemptView(
                    number: Int(current.attempt), status: outcome, worker: current.worker, queuedAt: current.queuedAt,
                    startedAt: current.startedAt, finishedAt: now, error: error), isNews: isNews))
    }

    mutating func leaveRunning(_ task: Int) {
        setProgress(task, 0)
        state.tasks[task].worker = nil
        state.tasks[task].startedAt = nil
        state.tasks[task].flags.subtract([.leased, .examined, .cached])
    }
}

// MARK: - Time

extension Decision {
    mutating func timer(_ kind: TimerKind, _ task: Int, using generator: inout some RandomNumberGenerator)
        throws
    {
        if kind == .runTimeout {
            guard !state.progress.status.isFinal, let limit = state.header.timeout else { return }
            let message = "the run took longer than its timeout of \(limit.text)"
            return try end(as: .failed, TaskError(type: TaskError.Kind.timeout, message: message), reason: message)
        }
        guard state.tasks.has(task), state.tasks[task].timers.contains(TimerSet(kind)) else { return }
        disarm(task, kind)
        let status = state.tasks[task].status
        let timeouts = state.nodes[task].timeouts
        switch kind {
        case .start, .retry:
            guard status == .scheduled || status == .retrying else { return }
            try makeReady(task)
        case .answer:
            guard status == .running, let rule = state.nodes[task].rules.answer else { return }
            if let result = rule.defaultResult { return try examine(task, result, []) }
            let message = "nobody answered within its deadline of \((rule.deadline ?? .zero).text)"
            try fail(task, TaskError(type: TaskError.Kind.timeout, message: message, details: Self.which("answer")))
        case .attemptTimeout:
            guard status == .running, let limit = timeouts.attempt else { return }
            try timedOut(task, "the attempt ran longer than its timeout of \(limit.text)", "attempt", using: &generator)
        case .heartbeat:
            guard status == .running, let limit = timeouts.heartbeat else { return }
            try timedOut(task, "no heartbeat came for \(limit.text)", "heartbeat", using: &generator)
        case .queuedTimeout:
            guard status == .queued, let limit = timeouts.queued else { return }
            revokeAttempt(task, "it waited for a worker too long")
            try attemptEndedInQueue(task, limit, using: &generator)
        case .totalTimeout:
            guard !status.isFinal, let limit = timeouts.total else { return }
            let message = "the task took longer over all its attempts than its timeout of \(limit.text)"
            if status == .pending || status == .scheduled { return }
            try abandon(task, message)
            try fail(task, TaskError(type: TaskError.Kind.timeout, message: message, details: Self.which("total")))
        case .lease:
            guard status == .running else { return }
            try lost(task, using: &generator)
        case .cancelGrace:
            guard status == .running else { return }
            try finishCancelled(task, confirmed: false)
        case .runTimeout: break
        }
    }

    private mutating func timedOut(
        _ task: Int, _ message: String, _ which: String, using generator: inout some RandomNumberGenerator
    ) throws {
        try abandon(task, message)
        let error = TaskError(type: TaskError.Kind.timeout, message: message, details: Self.which(which))
        try attemptEnded(task, "failed", error, using: &generator)
    }

    private mutating func attemptEndedInQueue(
        _ task: Int, _ limit: Duration, using generator: inout some RandomNumberGenerator
    ) throws {
        let message = "no worker took it within its queued timeout of \(limit.text)"
        let error = TaskError(type: TaskError.Kind.timeout, message: message, details: Self.which("queued"))
        try attemptEnded(task, "failed", error, using: &generator)
    }

    private static func which(_ timeout: String) -> JSON { JSON(["timeout": .string(timeout)]) }

    mutating func arm(_ task: Int, _ kind: TimerKind, _ due: Timestamp) {
        if !state.tasks[task].timers.contains(TimerSet(kind)) {
            state.tasks[task].timers.insert(TimerSet(kind))
            store(task)
        }
        effects.append(.arm(task: task, kind, due: due))
    }

    mutating func disarm(_ task: Int, _ kind: TimerKind) {
        guard state.tasks[task].timers.remove(TimerSet(kind)) != nil else { return }
        effects.append(.disarm(task: task, kind))
        store(task)
    }

    mutating func disarmAttempt(_ task: Int) {
        for kind in [TimerKind.attemptTimeout, .queuedTimeout, .heartbeat, .lease, .cancelGrace, .answer] { disarm(task, kind) }
    }
}
