import BatonEngine
import BatonModel
import BatonStore
import BatonWire

/// What people look at beside the runs: how handlers do, and what attempts log.
extension Batch {
    /// An attempt that was not its task's last one has ended.
    mutating func observe(_ attempt: AttemptView, of task: Int, _ run: CachedRun) {
        guard let started = attempt.startedAt ?? attempt.queuedAt, attempt.startedAt != nil || attempt.status == "lost" else { return }
        let finished = attempt.finishedAt ?? now
        let state = run.state.tasks[task]
        observe(run.state.nodes[task], isFallbacks: state.flags.contains(.fallback) && attempt.number > Int(state.base)) { statistics in
            switch attempt.status {
            case "completed": statistics.completed += 1
            case "failed", "rejected": statistics.failed += 1
            case "lost": statistics.lost += 1
            case "cancelled": statistics.cancelled += 1
            default: return
            }
            let execution = SlowExecution(
                run: run.state.id, task: run.state.nodes[task].id, attempt: attempt.number,
                milliseconds: Double((max(started, finished) - started).milliseconds), finishedAt: finished)
            Self.add(execution, queued: attempt.queuedAt, started: started, to: &statistics)
        }
    }

    /// A task has ended, and its last attempt with it.
    mutating func observe(_ ending: EventType, of task: Int, _ run: CachedRun) {
        let state = run.state.tasks[task]
        let isFallbacks = state.flags.contains(.fallback)
        if state.flags.contains(.cached) {
            if ending == .taskCompleted { observe(run.state.nodes[task], isFallbacks: isFallbacks) { $0.cached += 1 } }
            return
        }
        guard let started = state.startedAt else { return }
        let finished = state.finishedAt ?? now
        observe(run.state.nodes[task], isFallbacks: isFallbacks) { statistics in
            switch ending {
            case .taskCompleted: statistics.completed += 1
            case .taskFailed: statistics.failed += 1
            case .taskCancelled: statistics.cancelled += 1
            default: return
            }
            let execution = SlowExecution(
                run: run.state.id, task: run.state.nodes[task].id, attempt: Int(state.attempt),
                milliseconds: Double((max(started, finished) - started).milliseconds), finishedAt: finished)
            Self.add(execution, queued: state.queuedAt, started: started, to: &statistics)
        }
    }

    private mutating func observe(_ node: TaskNode, isFallbacks: Bool, _ body: (inout HandlerStatistics) -> Void) {
        // What no worker runs has no executions; those of a loop are its items'.
        guard node.isWorkers else { return }
        let handler = isFallbacks ? node.rules.fallback ?? node.handler : node.handler
        observed.insert(handler)
        body(&statistics[handler, default: HandlerStatistics()])
    }

    private static func add(
        _ execution: SlowExecution, queued: Timestamp?, started: Timestamp, to statistics: inout HandlerStatistics
    ) {
        if execution.attempt > 1 { statistics.retries += 1 }
        statistics.runTime.add(.milliseconds(execution.milliseconds))
        if let queued { statistics.queueTime.add(started - queued) }
        statistics.note(execution)
    }

    /// Keeps an attempt's lines, up to the limit. Late ones count too: they may say why the attempt was lost.
    func log(_ lines: JSON, of attempt: AttemptID) throws {
        guard let run = try cache.run(attempt.run, transaction), attempt.task >= 0, attempt.task < run.state.tasks.count,
            run.state.header.lineage.kind != .archive
        else { return }
        let key = TaskKey(run.number, attempt.task)
        let count = try transaction.logCount(of: key, attempt: attempt.number)
        let room = LogLine.maximumLines - count
        guard room >= 0 else { return }
        var kept = Report.lines(of: lines, now: now)
        if kept.count > room { kept = Array(kept.prefix(room)) + [.truncated(at: now)] }
        try transaction.append(logs: kept, attempt: attempt.number, of: key, after: count)
    }

    /// Failures may come when no worker of the handler is left, and after a restart.
    func note(_ handlers: [WorkerAnnouncement.Handler]) throws {
        for handler in handlers where NameRule.allows(handler.name.rawValue) {
            let hooks = Set(handler.hooks.compactMap(TaskNode.Hook.init(rawValue:)))
            if try transaction.hooks(of: handler.name) != hooks { try transaction.put(hooks: hooks, of: handler.name) }
        }
    }
}
