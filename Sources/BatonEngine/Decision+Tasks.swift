import BatonModel

/// Tasks becoming ready, ending, and what follows for others.
extension Decision {
    /// Nothing holds the task up any more but perhaps time.
    mutating func release(_ task: Int) throws(IllegalTransition) {
        let due: Timestamp =
            switch state.nodes[task].start {
            case .atOnce: now
            case .after(let delay): now + delay
            case .at(let time): time
            }
        guard due > now else { return try makeReady(task) }
        try transition(task, to: .scheduled)
        state.tasks[task].dueAt = due
        arm(task, .start, due)
        event(.taskScheduled, task, data: ["dueAt": .string(due.description)])
    }

    /// A new attempt, to be given to a worker.
    mutating func makeReady(_ task: Int) throws(IllegalTransition) {
        if state.tasks[task].status != .queued { try transition(task, to: .queued) }
        state.tasks[task].attempt += 1
        state.tasks[task].queuedAt = now
        state.tasks[task].dueAt = nil
        let timeouts = state.nodes[task].timeouts
        if state.tasks[task].firstQueuedAt == nil {
            state.tasks[task].firstQueuedAt = now
            if let limit = timeouts.total { arm(task, .totalTimeout, now + limit) }
        }
        if let limit = timeouts.queued { arm(task, .queuedTimeout, now + limit) }
        store(task)
        effects.append(.ready(task: task))
        event(.taskQueued, task, attempt: Int(state.tasks[task].attempt))
    }

    mutating func complete(_ task: Int, _ result: JSON) throws(IllegalTransition) {
        effects.append(.result(task: task, result))
        try finish(task, as: .completed, nil)
        try settle()
    }

    mutating func fail(_ task: Int, _ error: TaskError, outcome: String = "failed") throws(IllegalTransition) {
        if state.tasks[task].flags.contains(.cancelRequested) { return try finishCancelled(task, confirmed: true) }
        if outcome == "lost" { remember(task, outcome, error) }
        effects.append(.error(task: task, error))
        try finish(task, as: .failed, error)
        let node = state.nodes[task]
        if node.critical, node.hook == nil, state.header.onFailure == .cancel, state.progress.ending == nil {
            let reason = "task \(node.id) failed"
            let cause = TaskError(type: error.type, message: "\(node.id): \(error.message)")
            return try end(as: .failed, cause, reason: reason)
        }
        try settle()
    }

    mutating func finishCancelled(_ task: Int, confirmed: Bool) throws(IllegalTransition) {
        if confirmed {
            effects.append(.forget(state.attemptID(of: task)))
        } else {
            state.tasks[task].flags.insert(.stopUnconfirmed)
        }
        try finish(task, as: .cancelled, nil)
        try settle()
    }

    /// Ends the task, and then whatever ends with it.
    private mutating func finish(_ task: Int, as status: TaskStatus, _ error: TaskError?) throws(IllegalTransition) {
        var ended = [task]
        try conclude(task, as: status, error)
        // A list instead of recursion: a long chain of skipped tasks must not exhaust the stack.
        while let next = ended.popLast() {
            for dependent in state.dependents[next] {
                try resolve(Int(dependent.task), dependent.condition, after: next, &ended)
            }
        }
    }

    private mutating func conclude(_ task: Int, as status: TaskStatus, _ error: TaskError?) throws(IllegalTransition) {
        let wasRunning = state.tasks[task].status == .running
        try transition(task, to: status)
        state.tasks[task].finishedAt = now
        state.tasks[task].dueAt = nil
        if wasRunning {
            state.progress.fraction -= Double(state.tasks[task].progress)
            state.tasks[task].progress = 0
        }
        for kind in state.tasks[task].timers.kinds { disarm(task, kind) }
        let attempt = state.tasks[task].attempt == 0 ? nil : Int(state.tasks[task].attempt)
        switch status {
        case .completed:
            var data: [String: JSONValue] = [:]
            if let worker = state.tasks[task].worker { data["worker"] = .string(worker.rawValue) }
            if let startedAt = state.tasks[task].startedAt { data["startedAt"] = .string(startedAt.description) }
            event(.taskCompleted, task, attempt: attempt, data)
        case .failed: event(.taskFailed, task, attempt: attempt, error.map(Self.data))
        case .cancelled:
            event(
                .taskCancelled, task, attempt: attempt,
                ["stopConfirmed": .bool(!state.tasks[task].flags.contains(.stopUnconfirmed))])
        case .skipped: event(.taskSkipped, task, attempt: attempt, error.map(Self.data))
        case .pending, .scheduled, .queued, .running, .retrying: break
        }
        addHook(of: task, status)
    }

    /// One of the task's dependencies has ended. In a run that is being ended nothing follows from it any more.
    private mutating func resolve(
        _ task: Int, _ condition: Dependency.Condition, after dependency: Int, _ ended: inout [Int]
    ) throws(IllegalTransition) {
        guard state.tasks[task].status == .pending, state.progress.ending == nil else { return }
        state.tasks[task].waiting -= 1
        let outcome = state.tasks[dependency].status
        if !condition.isMet(by: outcome) {
            let error = Self.skipping(because: state.nodes[dependency].id, outcome)
            effects.append(.error(task: task, error))
            try conclude(task, as: .skipped, error)
            ended.append(task)
        } else if state.tasks[task].waiting == 0 {
            try release(task)
        }
    }

    private static func skipping(because dependency: TaskID, _ outcome: TaskStatus) -> TaskError {
        let type =
            switch outcome {
            case .failed: TaskError.Kind.dependencyFailed
            case .cancelled: TaskError.Kind.dependencyCancelled
            case .completed: TaskError.Kind.dependencyCompleted
            case .skipped, .pending, .scheduled, .queued, .running, .retrying: TaskError.Kind.dependencySkipped
            }
        return TaskError(
            type: type, message: "\(type): \(dependency)",
            details: JSON(["task": .string(dependency.rawValue), "status": .string(outcome.rawValue)]))
    }

    static func data(_ error: TaskError) -> [String: JSONValue] {
        ["type": .string(error.type), "message": .string(error.message)]
    }

    // MARK: - Cancelling

    /// Cancels what has not started at once; what runs is told to stop.
    mutating func cancel(_ task: Int, _ reason: String) throws(IllegalTransition) {
        let error = TaskError(type: TaskError.Kind.cancelled, message: reason)
        switch state.tasks[task].status {
        case .completed, .failed, .cancelled, .skipped: return
        case .running:
            guard !state.tasks[task].flags.contains(.cancelRequested) else { return }
            state.tasks[task].flags.insert(.cancelRequested)
            effects.append(.error(task: task, error))
            revokeAttempt(task, reason)
            arm(task, .cancelGrace, now + settings.cancelGrace)
            store(task)
            event(.taskCancelling, task, attempt: Int(state.tasks[task].attempt), ["reason": .string(reason)])
        case .queued:
            revokeAttempt(task, reason)
            effects.append(.error(task: task, error))
            try finish(task, as: .cancelled, error)
        case .pending, .scheduled, .retrying:
            effects.append(.error(task: task, error))
            try finish(task, as: .cancelled, error)
        }
    }

    /// Decides the run's end, and stops all that is still open.
    mutating func end(as status: RunStatus, _ error: TaskError, reason: String) throws(IllegalTransition) {
        if state.progress.ending == nil {
            state.progress.ending = RunProgress.Ending(status: status, error: error)
            event(.runCancelling, data: ["reason": .string(reason)])
        }
        for task in state.nodes.indices where state.nodes[task].hook == nil && !state.tasks[task].status.isFinal {
            try cancel(task, reason)
        }
        try settle()
    }

    mutating func revokeAttempt(_ task: Int, _ reason: String) {
        effects.append(.revoke(state.attemptID(of: task), reason: reason))
    }

    // MARK: - The run as a whole

    /// Once nothing is open any more, the run ends.
    mutating func settle() throws(IllegalTransition) {
        guard state.open == 0, !state.progress.status.isFinal else { return }
        let status = outcome()
        state.progress.status = status
        state.progress.finishedAt = now
        if state.header.timeout != nil { effects.append(.disarm(task: -1, .runTimeout)) }
        let data = state.progress.ending.map { Self.data($0.error) }
        switch status {
        case .completed: event(.runCompleted, data: data)
        case .failed: event(.runFailed, data: data)
        case .cancelled: event(.runCancelled, data: data)
        case .running, .compensating: break
        }
        effects.append(.finished)
    }

    private mutating func outcome() -> RunStatus {
        if let ending = state.progress.ending { return ending.status }
        if state.progress[.failed] + state.progress[.cancelled] == 0 { return .completed }
        let critical = state.nodes.indices.filter { state.nodes[$0].critical && state.nodes[$0].hook == nil }
        for (status, result) in [(TaskStatus.failed, RunStatus.failed), (.cancelled, .cancelled)] {
            guard let first = critical.first(where: { state.tasks[$0].status == status }) else { continue }
            let type = status == .failed ? TaskError.Kind.runFailed : TaskError.Kind.cancelled
            let error = TaskError(type: type, message: "task \(state.nodes[first].id) \(status.rawValue)")
            state.progress.ending = RunProgress.Ending(status: result, error: error)
            return result
        }
        return .completed
    }

    /// The life-cycle hooks that run as work of their own, since the worker may be dead.
    private mutating func addHook(of task: Int, _ status: TaskStatus) {
        guard status == .failed || status == .cancelled, state.nodes[task].hook == nil else { return }
        let hook: TaskNode.Hook = status == .failed ? .onFailed : .onCancelled
        let node = state.nodes[task]
        guard settings.hooks(node.handler).contains(hook) else { return }
        let index = state.append(
            TaskNode(
                id: TaskID("\(node.id)~\(hook.rawValue)"), handler: node.handler, queue: node.queue, priority: node.priority,
                critical: false, hook: hook, hookOf: task))
        effects.append(.append(task: index))
        // A new task is pending and may become queued, so this can't fail.
        try? makeReady(index)
    }

    // MARK: - State

    /// The one place where a status changes.
    mutating func transition(_ task: Int, to status: TaskStatus) throws(IllegalTransition) {
        let from = state.tasks[task].status
        guard from.canBecome(status) else {
            throw IllegalTransition(task: state.nodes[task].id, from: from, to: status)
        }
        state.tasks[task].status = status
        if state.nodes[task].hook == nil {
            state.progress[from] -= 1
            state.progress[status] += 1
            if status.isFinal { state.open -= 1 }
        }
        store(task)
    }

    mutating func store(_ task: Int) {
        if case .store(task) = effects.last { return }
        effects.append(.store(task: task))
    }

    mutating func event(
        _ type: EventType, _ task: Int? = nil, attempt: Int? = nil, _ data: [String: JSONValue]? = nil
    ) {
        effects.append(.event(type, task: task, attempt: attempt, data: data.flatMap { $0.isEmpty ? nil : JSON(.object($0)) }))
    }

    mutating func event(_ type: EventType, _ task: Int? = nil, data: [String: JSONValue]?) {
        event(type, task, attempt: nil, data)
    }
}
