import BatonModel

/// Cancelling tasks, and the end of the run as a whole.
extension Decision {
    /// Cancels what has not started at once; what runs is told to stop.
    mutating func cancel(_ task: Int, _ reason: String) throws {
        let error = TaskError(type: TaskError.Kind.cancelled, message: reason)
        switch state.tasks[task].status {
        case .completed, .failed, .cancelled, .skipped: return
        case .running:
            guard !isCancelRequested(task) else { return }
            state.tasks[task].flags.insert(.cancelRequested)
            effects.append(.error(task: task, error))
            errors[task] = error
            store(task)
            event(.taskCancelling, task, attempt: Int(state.tasks[task].attempt), ["reason": .string(reason)])
            try stop(task, reason)
        case .queued, .pending, .scheduled, .retrying:
            try abandon(task, reason)
            effects.append(.error(task: task, error))
            errors[task] = error
            try conclude(task, as: .cancelled, error)
        }
    }

    /// Has what runs for the task stop, and waits for that where it can take long.
    private mutating func stop(_ task: Int, _ reason: String) throws {
        if state.tasks[task].flags.contains(.examined) {
            try abandon(task, reason)
            return try finishCancelled(task, confirmed: true)
        }
        if isWorkers(task) {
            revokeAttempt(task, reason)
            return arm(task, .cancelGrace, now + settings.cancelGrace)
        }
        if state.nodes[task].rules.loop != nil {
            for item in added(for: task, .item) { try cancel(item, reason) }
            if state.loops[task]?.open ?? 0 == 0 { try finishCancelled(task, confirmed: true) }
        } else if state.nodes[task].handler == .graph {
            effects.append(.cancelChild(state.attemptID(of: task), reason: reason))
        } else {
            try finishCancelled(task, confirmed: true)
        }
    }

    /// Takes back everything that is under way for the present attempt, without waiting for it.
    mutating func abandon(_ task: Int, _ reason: String) throws {
        let status = state.tasks[task].status
        let node = state.nodes[task]
        if node.policies?.rules.context?.compressor != nil, status == .pending {
            for compressor in added(for: task, .compressor) { try cancel(compressor, reason) }
        }
        guard status == .queued || status == .running else { return }
        if state.tasks[task].flags.contains(.examined) {
            for validator in added(for: task, .validator) { try cancel(validator, reason) }
        } else if isWorkers(task) {
            revokeAttempt(task, reason)
        } else if node.rules.loop != nil {
            for item in added(for: task, .item) { try cancel(item, reason) }
        } else if node.handler == .graph {
            effects.append(.cancelChild(state.attemptID(of: task), reason: reason))
        }
    }

    /// What was added for the task and has not ended.
    func added(for task: Int, _ role: TaskNode.Role) -> [Int] {
        state.nodes.addedIndices.filter {
            state.nodes[$0].role == role && Int(state.nodes[$0].origin) == task && !state.tasks[$0].status.isFinal
        }
    }

    mutating func finishCancelled(_ task: Int, confirmed: Bool) throws {
        if !confirmed {
            state.tasks[task].flags.insert(.stopUnconfirmed)
        } else if isWorkers(task) {
            effects.append(.forget(state.attemptID(of: task)))
        }
        try conclude(task, as: .cancelled, nil)
    }

    /// Decides the run's end, and stops all that is still open, but for what cleans up.
    mutating func end(as status: RunStatus, _ error: TaskError, reason: String) throws {
        if state.progress.ending == nil {
            state.progress.ending = RunProgress.Ending(status: status, error: error)
            event(.runCancelling, data: ["reason": .string(reason)])
        }
        for task in state.nodes.indices where state.nodes[task].counts && !state.tasks[task].status.isFinal {
            if !state.nodes[task].isCleanup { try cancel(task, reason) }
        }
    }

    mutating func revokeAttempt(_ task: Int, _ reason: String) {
        effects.append(.revoke(state.attemptID(of: task), reason: reason))
    }

    // MARK: - The run as a whole

    /// Once nothing is open any more, what has to be undone is undone, and then the run ends.
    mutating func settle() throws {
        try propagate()
        while state.open == 0, state.undoing == nil, !state.progress.status.isFinal {
            let status = outcome()
            if status != .completed, try undoNext() {
                try propagate()
                continue
            }
            finish(as: status)
        }
    }

    private mutating func finish(as status: RunStatus) {
        state.progress.status = status
        state.progress.finishedAt = now
        state.progress.fraction = 0
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
        let critical = state.nodes.indices.filter { state.nodes[$0].critical && state.nodes[$0].counts }
        for (status, result) in [(TaskStatus.failed, RunStatus.failed), (.cancelled, .cancelled)] {
            guard let first = critical.first(where: { state.tasks[$0].status == status }) else { continue }
            let type = status == .failed ? TaskError.Kind.runFailed : TaskError.Kind.cancelled
            let error = TaskError(type: type, message: "task \(state.nodes[first].id) \(status.rawValue)")
            state.progress.ending = RunProgress.Ending(status: result, error: error)
            return result
        }
        return .completed
    }

    // MARK: - Undoing

    /// Starts the compensation of the task that completed last, of those that have one. What cleaned up is left as it is.
    ///
    /// - Returns: whether there was one left.
    private mutating func undoNext() throws -> Bool {
        if state.toUndo == nil {
            state.toUndo = state.nodes.indices.filter { task in
                state.tasks[task].status == .completed && state.nodes[task].policies?.rules.compensation != nil
                    && state.tasks[task].flags.isDisjoint(with: [.undone, .linked]) && !state.nodes[task].isCleanup
            }.sorted { state.tasks[$0].order < state.tasks[$1].order }
        }
        guard let task = state.toUndo?.popLast() else { return false }
        let node = state.nodes[task]
        guard let compensation = node.rules.compensation else { return false }
        if state.progress.status != .compensating {
            state.progress.status = .compensating
            event(.runCompensating, data: state.progress.ending.map { Self.data($0.error) })
        }
        state.tasks[task].flags.insert(.undone)
        store(task)
        var spec = TaskSpec(id: name("compensate", of: task), handler: compensation.handler)
        spec.params = compensation.params
        spec.queue = compensation.queue ?? node.queue
        spec.priority = node.priority
        spec.retry = compensation.retry
        spec.timeouts = compensation.timeouts
        spec.critical = false
        let added = add(spec, .compensation, for: task)
        state.undoing = added
        try makeReady(added)
        return true
    }
}
