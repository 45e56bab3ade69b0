import BatonBroker
import BatonEngine
import BatonModel
import BatonStore
import BatonWire

/// What the core is asked to decide on, as the engine's events.
extension Batch {
    mutating func apply(_ input: Input) throws {
        switch input {
        case .report(let report, let delivery):
            try apply(report)
            after.deliveries.append(delivery)
        case .worker(.announcement(let announcement), let lostLevels, let delivery):
            if announcement.state == .starting { after.welcomes.append((announcement.controlQueue, delivery.message.messageID)) }
            try note(announcement.handlers)
            for running in announcement.running {
                if let attempt = AttemptID(running) { try decide(attempt.run, .heartbeat(attempt, worker: announcement.worker)) }
            }
            for level in lostLevels { try lost(.tasks(level)) }
            after.deliveries.append(delivery)
        case .worker(.seen, _, let delivery): after.deliveries.append(delivery)
        case .submission(let request): try submit(request)
        case .givenUp(let attempt, let reason, let isRejected, let delivery):
            try decide(attempt.run, .givenUp(attempt, reason: reason, isRejected: isRejected))
            after.deliveries.append(delivery)
        case .undeliverable(let attempt, let error, let entry):
            try decide(attempt.run, .undeliverable(attempt, error: error))
            after.settled.append(entry)
        case .cancel(let request): try cancel(request)
        case .command(let command):
            do {
                after.answers.append(try command.run(&self))
            } catch let error as OperationError {
                after.answers.append { command.refuse(error) }
            }
        case .lost(let queue, let stored):
            try lost(queue)
            after.answers.append { stored(true) }
        case .reconnected: break
        case .tick(let heard): after.answers.append(heard)
        }
    }

    private mutating func apply(_ report: Report) throws {
        let attempt = report.attempt
        let worker = report.worker
        let event: RunEvent
        switch report.content {
        case .started: event = .started(attempt, worker: worker, at: report.startedAt)
        case .completed(let result, let dispatch): event = try completed(report, result, dispatch)
        case .failed(let error): event = .failed(attempt, worker: worker, startedAt: report.startedAt, error: error)
        case .cancelled: event = .stopped(attempt, worker: worker)
        case .progress(let progress):
            event = .progress(
                attempt, worker: worker, fraction: progress.fraction, message: progress.message, checkpoint: progress.checkpoint)
        case .heartbeat: event = .heartbeat(attempt, worker: worker)
        case .lease: event = .lease(attempt, worker: worker ?? "")
        case .claim(let redelivered): event = .claim(attempt, worker: worker ?? "", redelivered: redelivered)
        case .log(let lines): return try log(lines, of: attempt)
        }
        try decide(attempt.run, event)
    }

    /// A result counts only within its limits, and where it fits its schema; so do the tasks that come with it.
    private mutating func completed(_ report: Report, _ result: JSON, _ dispatch: [JSON]) throws -> RunEvent {
        let attempt = report.attempt
        let failed = { (type: String, message: String) in
            RunEvent.failed(
                attempt, worker: report.worker, startedAt: report.startedAt,
                error: TaskError(type: type, message: message, retryable: false))
        }
        if let message = limits.refusal(ofResult: result) { return failed(TaskError.Kind.tooLarge, message) }
        if let problem = try problem(ofResult: result, of: attempt) {
            return .rejected(attempt, worker: report.worker, startedAt: report.startedAt, result: result, reason: problem)
        }
        if dispatch.isEmpty {
            return .completed(attempt, worker: report.worker, startedAt: report.startedAt, result: result)
        }
        guard dispatch.count <= Report.maximumDispatchedTasks else {
            return failed(
                TaskError.Kind.invalidDispatch,
                "it dispatches \(dispatch.count) tasks, more than \(Report.maximumDispatchedTasks): let one of them dispatch the rest")
        }
        var writer = JSONWriter()
        writer.array { writer in for task in dispatch { writer.write(task) } }
        do {
            let tasks = try GraphReader.read(dispatch: writer.bytes, limits: limits, checks: .standard)
            return .completed(
                attempt, worker: report.worker, startedAt: report.startedAt, result: result, dispatch: tasks)
        } catch {
            return failed(
                TaskError.Kind.invalidDispatch,
                "what it dispatches is refused: \(error.problems.prefix(5).map(\.description).joined(separator: "; "))")
        }
    }

    /// What the schema of a task says against a result.
    func problem(ofResult result: JSON, of attempt: AttemptID) throws -> String? {
        guard let run = try cache.run(attempt.run, transaction), run.state.tasks.has(attempt.task),
            let schema = run.state.nodes[attempt.task].policies?.rules.schemas.result
        else { return nil }
        return schemas.problem(result, schema).map { "the result doesn't fit its schema: \($0)" }
    }

    mutating func fire(_ key: TaskKey, _ kind: TimerKind) throws {
        try transaction.disarm(kind, at: key)
        guard let id = try cache[key.run]?.state.id ?? transaction.runID(of: key.run) else { return }
        try decide(id, .timer(kind, task: key.task))
    }

    private mutating func cancel(_ request: CancelRequest) throws {
        do {
            let first = after.revoked.count
            let view = try cancel(request.run, request.task, request.reason)
            after.cancels.append((request, view, attempts: after.revoked[first...].map(\.attempt)))
        } catch let error as OperationError {
            after.answers.append { request.answer(.failure(error)) }
        }
    }

    /// - Throws: `OperationError` where there is nothing of the kind.
    mutating func cancel(_ id: RunID, _ task: TaskID?, _ reason: String) throws -> CancelView {
        let run = try find(id)
        var index: Int?
        if let task {
            guard let found = try transaction.index(of: task, in: run.number) else {
                throw OperationError(.notFound, "run '\(id)' has no task '\(task)'")
            }
            index = found
        }
        let wasFinal = try status(of: index, run).isFinal
        if run.state.header.lineage.kind == .archive { throw OperationError.frozen(id) }
        if !wasFinal { try decide(id, index.map { .cancelTask($0, reason: reason) } ?? .cancelRun(reason: reason)) }
        let status = try status(of: index, run)
        return CancelView(
            run: id, task: task, outcome: wasFinal ? .alreadyEnded : status.isFinal ? .cancelled : .cancelling, status: status.name)
    }

    /// How a task or a run stands. One that isn't in memory has ended.
    private func status(of task: Int?, _ run: CachedRun) throws -> (name: String, isFinal: Bool) {
        guard let task else { return (run.state.progress.status.rawValue, run.state.progress.status.isFinal) }
        if run.state.tasks.has(task) {
            return (run.state.tasks[task].status.rawValue, run.state.tasks[task].status.isFinal)
        }
        let status = try transaction.dispatch(TaskKey(run.number, task))?.state.status ?? .completed
        return (status.rawValue, true)
    }

    /// - Throws: `OperationError` `.notFound`.
    func find(_ id: RunID) throws -> CachedRun {
        guard let run = try cache.run(id, transaction) else { throw OperationError(.notFound, "there is no run '\(id)'") }
        return run
    }
}

extension Limits {
    /// Why a result is too large, where it is.
    func refusal(ofResult result: JSON) -> String? {
        guard result.bytes.count > payloadBytes else { return nil }
        return "the result has \(result.bytes.count) bytes, more than the limit payloadBytes of \(payloadBytes): "
            + "store it elsewhere and return a reference"
    }
}

extension OperationError {
    static func frozen(_ run: RunID) -> OperationError {
        OperationError(.frozen, "run '\(run)' is an archive, which never changes: copy it, and change the copy")
    }
}
