import BatonModel

/// Tasks becoming ready, ending, and what follows for others.
extension Decision {
    /// No other task holds the task up any more; perhaps its condition does, or time.
    mutating func release(_ task: Int) throws {
        // Most tasks have no rules, and theirs aren't looked at.
        if let policies = state.nodes[task].policies, try holds(task, policies.rules) { return }
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

    /// Whether its condition ends the task, or its context has to be made first.
    private mutating func holds(_ task: Int, _ rules: TaskRules) throws -> Bool {
        do {
            if let condition = rules.when, try !scope(task).evaluate(condition).isTruthy {
                try skip(
                    task, TaskError(type: TaskError.Kind.conditionFalse, message: "its condition '\(condition)' is not met"))
                return true
            }
            return try compress(task, rules)
        } catch let error as TaskError {
            try fail(task, error)
            return true
        }
    }

    func scope(_ task: Int) -> Scope {
        Scope(state: state, task: task, payloads: payloads, results: results, errors: errors)
    }

    /// A new attempt: by a worker, as a run or a loop of its own, or by whoever answers.
    mutating func makeReady(_ task: Int) throws {
        if state.tasks[task].status != .queued { try transition(task, to: .queued) }
        state.tasks[task].attempt += 1
        state.tasks[task].queuedAt = now
        state.tasks[task].dueAt = nil
        let node = state.nodes[task]
        let timeouts = node.timeouts
        if state.tasks[task].firstQueuedAt == nil {
            state.tasks[task].firstQueuedAt = now
            if let limit = timeouts.total { arm(task, .totalTimeout, now + limit) }
        }
        store(task)
        guard isWorkers(task) else { return try startOwn(task, node) }
        if let limit = timeouts.queued { arm(task, .queuedTimeout, now + limit) }
        effects.append(.ready(task: task))
        event(.taskQueued, task, attempt: Int(state.tasks[task].attempt))
    }

    /// What no worker makes is under way at once.
    private mutating func startOwn(_ task: Int, _ node: TaskNode) throws {
        try transition(task, to: .running)
        state.tasks[task].startedAt = now
        event(.taskStarted, task, attempt: Int(state.tasks[task].attempt))
        if node.rules.loop != nil { return try startLoop(task) }
        if let limit = node.timeouts.attempt { arm(task, .attemptTimeout, now + limit) }
        if node.handler == .graph {
            effects.append(.startChild(task: task))
        } else if let deadline = node.rules.answer?.deadline {
            arm(task, .answer, now + deadline)
        }
    }

    mutating func fail(_ task: Int, _ error: TaskError, outcome: String = "failed", isReported: Bool = false) throws {
        if isCancelRequested(task) { return try finishCancelled(task, confirmed: isReported) }
        if outcome == "lost" { remember(task, outcome, error) }
        effects.append(.error(task: task, error))
        errors[task] = error
        try conclude(task, as: .failed, error)
        let node = state.nodes[task]
        let endsRun = state.header.onFailure == .cancel || state.header.onFailure == .compensate
        if node.critical, node.counts, endsRun, state.progress.ending == nil, !state.progress.status.isFinal {
            let cause = TaskError(type: error.type, message: "\(node.id): \(error.message)")
            try end(as: .failed, cause, reason: "task \(node.id) failed")
        }
    }

    mutating func skip(_ task: Int, _ error: TaskError) throws {
        effects.append(.error(task: task, error))
        errors[task] = error
        try conclude(task, as: .skipped, error)
    }

    /// The task has reached its final state; what follows from it for others comes with `propagate`.
    mutating func conclude(_ task: Int, as status: TaskStatus, _ error: TaskError?) throws {
        let wasRunning = state.tasks[task].status == .running
        try transition(task, to: status)
        state.tasks[task].finishedAt = max(now, state.tasks[task].startedAt ?? now)
        state.tasks[task].dueAt = nil
        if wasRunning { setProgress(task, 0) }
        endExamination(task)
        if status == .completed, state.nodes[task].counts {
            state.progress.completions += 1
            state.tasks[task].order = Int32(clamping: state.progress.completions)
        }
        for kind in state.tasks[task].timers.kinds { disarm(task, kind) }
        let attempt = state.tasks[task].attempt == 0 ? nil : Int(state.tasks[task].attempt)
        switch status {
        case .completed:
            var data: [String: JSONValue] = [:]
            if let worker = state.tasks[task].worker { data["worker"] = .string(worker.rawValue) }
            if let startedAt = state.tasks[task].startedAt { data["startedAt"] = .string(startedAt.description) }
            if state.tasks[task].flags.contains(.cached) { data["cached"] = true }
            if state.tasks[task].flags.contains(.fallback), let fallback = state.nodes[task].rules.fallback {
                data["madeBy"] = .string(fallback.rawValue)
            }
            event(.taskCompleted, task, attempt: attempt, data)
        case .failed: event(.taskFailed, task, attempt: attempt, error.map(Self.data))
        case .cancelled:
            event(
                .taskCancelled, task, attempt: attempt,
                ["stopConfirmed": .bool(!state.tasks[task].flags.contains(.stopUnconfirmed))])
        case .skipped: event(.taskSkipped, task, attempt: attempt, error.map(Self.data))
        case .pending, .scheduled, .queued, .running, .retrying: break
        }
        ended.append(task)
        try addFollowers(of: task, status)
    }

    /// Lets the ends of tasks have their effect on others, until there is nothing left to follow.
    mutating func propagate() throws {
        while let task = ended.popLast() {
            switch state.nodes[task].role {
            case .item: try itemEnded(task)
            case .validator: try validatorEnded(task)
            case .compressor: try compressorEnded(task)
            case .compensation: state.undoing = nil
            case .onFailed, .onCancelled: break
            case nil, .continuation, .dispatched:
                for dependent in state.dependents[task] {
                    try resolve(Int(dependent.task), dependent.condition, after: task)
                }
                letGo(listOf: task)
            }
        }
    }

    /// One of the task's dependencies has ended. In a run that is being ended nothing follows from it any more, but for what
    /// cleans up.
    private mutating func resolve(_ task: Int, _ condition: Dependency.Condition, after dependency: Int) throws {
        guard state.tasks.has(task), state.tasks[task].status == .pending else { return }
        if state.progress.ending != nil, !state.nodes[task].isCleanup { return }
        state.tasks[task].waiting -= 1
        let outcome = state.tasks[dependency].status
        if condition == .routed, outcome == .completed {
            if chosen[dependency]?.contains(task) ?? false {
                state.tasks[task].flags.insert(.routed)
                store(task)
            }
        } else if try !isMet(condition, by: dependency), condition != .routed || isOnlyRoute(of: task) {
            return try skip(task, Self.skipping(because: state.nodes[dependency].id, outcome))
        }
        if state.tasks[task].waiting == 0 { try releaseRouted(task) }
    }

    /// Whether a task that has ended lets one that waits for it with this condition go on.
    func isMet(_ condition: Dependency.Condition, by dependency: Int) throws -> Bool {
        let status = state.tasks[dependency].status
        guard condition == .sequential, status == .skipped else { return condition.isMet(by: status) }
        return try (errors[dependency] ?? payloads.error(of: dependency))?.type == TaskError.Kind.conditionFalse
    }

    /// Releases a task whose dependencies have ended, if a decision chose it where that is needed.
    mutating func releaseRouted(_ task: Int) throws {
        let dependencies = state.nodes[task].dependencies
        if !state.tasks[task].flags.contains(.routed), dependencies.contains(where: { $0.condition == .routed }) {
            let names = dependencies.filter { $0.condition == .routed }.compactMap { state.nodes.has(Int($0.task)) ? state.nodes[Int($0.task)].id.rawValue : nil }
            let message = "\(names.joined(separator: ", ")) chose another branch"
            return try skip(task, TaskError(type: TaskError.Kind.branchNotTaken, message: message))
        }
        try release(task)
    }

    /// Whether only one decision can choose the task, so that its end decides.
    func isOnlyRoute(of task: Int) -> Bool {
        state.nodes[task].dependencies.count { $0.condition == .routed } == 1
    }

    static func skipping(because dependency: TaskID, _ outcome: TaskStatus) -> TaskError {
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

    // MARK: - State

    /// The one place where a status changes, but for `reset`.
    mutating func transition(_ task: Int, to status: TaskStatus) throws {
        let from = state.tasks[task].status
        guard from.canBecome(status) else {
            throw IllegalTransition(task: state.nodes[task].id, from: from, to: status)
        }
        state.tasks[task].status = status
        if state.nodes[task].counts {
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
