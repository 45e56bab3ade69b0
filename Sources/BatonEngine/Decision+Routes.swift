import BatonModel

/// Decisions: which tasks follow a result, and going back to earlier ones.
extension Decision {
    struct Choice {
        var route: Routing.Route
    }

    /// - Throws: `TaskError` where the result names no known route and there is no default.
    func choose(_ routing: Routing, _ result: JSON) throws -> Choice {
        let name = try routeName(routing, result)
        if let name, let route = routing.routes.first(where: { $0.name == name }) { return Choice(route: route) }
        if let fallback = routing.defaultRoute, let route = routing.routes.first(where: { $0.name == fallback }) {
            return Choice(route: route)
        }
        let known = routing.routes.map(\.name).joined(separator: ", ")
        let message = name.map { "'\($0)' is not one of its routes: \(known)" }
            ?? "the result names no route: give one of \(known), or an object with it as 'route'"
        throw TaskError(type: TaskError.Kind.unknownRoute, message: message, retryable: false)
    }

    private func routeName(_ routing: Routing, _ result: JSON) throws -> String? {
        if let text = routing.expression {
            let value = try Scope.evaluate(text, on: result)
            switch value {
            case .string(let name): return name
            case .null: return nil
            default: return JSON(of: value).description
            }
        }
        let value = result.value
        switch value.object.map({ $0["route"] ?? .null }) ?? value {
        case .string(let name): return name
        case .bool(let flag): return flag ? "true" : "false"
        case .integer(let number): return String(number)
        case .null, .number, .array, .object: return nil
        }
    }

    /// The targets of a route that follow the decision, and those that come before it.
    func targets(of route: Routing.Route, from decision: Int) -> (on: [Int], back: [Int]) {
        let wanted = Set(route.targets)
        var on: [Int] = []
        for edge in state.dependents[decision] where edge.condition == .routed && state.nodes.has(Int(edge.task)) {
            let id = state.nodes[Int(edge.task)].id
            if wanted.contains(id) { on.append(Int(edge.task)) }
        }
        if on.count == wanted.count { return (on, []) }
        let back = state.nodes.indices.filter { wanted.contains(state.nodes[$0].id) && !on.contains($0) }
        return (on, back)
    }

    /// Runs earlier tasks again, and all that follows from them, with what the decision said.
    mutating func iterate(_ decision: Int, _ targets: [Int], route: String, _ result: JSON) throws {
        for target in targets {
            let limit = state.nodes[target].rules.maxIterations ?? settings.maxIterations
            guard state.tasks[target].iteration < limit else {
                let message = "the route '\(route)' led back to \(state.nodes[target].id) more than its maxIterations of \(limit) times"
                return try fail(decision, TaskError(type: TaskError.Kind.tooManyIterations, message: message, retryable: false))
            }
        }
        if let gone = targets.first(where: isCalledOff) {
            let message = "the route '\(route)' leads back to \(state.nodes[gone].id), which was cancelled"
            return try fail(decision, TaskError(type: TaskError.Kind.dependencyCancelled, message: message, retryable: false))
        }
        // What was cancelled stays so, whatever leads back to it.
        let following = descendants(of: targets).filter { !isCalledOff($0) }
        if following.contains(decision) {
            remember(decision, "completed", nil)
        } else {
            // The circle was entered behind the target, so nothing will come by the decision again on its own.
            effects.append(.result(task: decision, result))
            results[decision] = result
            try conclude(decision, as: .completed, nil)
            try propagate()
        }
        var feedback: [(Int, JSON, Int32)] = []
        for target in targets {
            var writer = JSONWriter()
            let output = try results[target] ?? payloads.result(of: target)
            writer.object { writer in
                writer.field("from", state.nodes[decision].id.rawValue)
                writer.field("route", route)
                writer.field("output", output)
                writer.field("reason", result)
            }
            feedback.append((target, writer.json, state.tasks[target].iteration))
        }
        let reason = "\(state.nodes[decision].id) led back to \(state.nodes[targets[0]].id)"
        for task in following { try reset(task, reason, isOver: task == decision) }
        for (target, json, iteration) in feedback {
            state.tasks[target].iteration = iteration + 1
            effects.append(.part(task: target, .feedback, json))
        }
        try restart(following)
    }

    /// Whether somebody wants the task not to run.
    private func isCalledOff(_ task: Int) -> Bool { state.tasks[task].status == .cancelled || isCancelRequested(task) }

    /// The tasks and all that depends on them, in the order of their numbers.
    func descendants(of tasks: [Int]) -> [Int] {
        var found = Set(tasks)
        var open = tasks
        while let task = open.popLast() {
            for edge in state.dependents[task] where state.tasks.has(Int(edge.task)) {
                if found.insert(Int(edge.task)).inserted { open.append(Int(edge.task)) }
            }
        }
        return found.sorted()
    }

    /// As if the task had never started; only the numbers of its attempts go on.
    ///
    /// - Parameter isOver: whether its attempt has ended, and is on record.
    mutating func reset(_ task: Int, _ reason: String, isOver: Bool = false) throws {
        let status = state.tasks[task].status
        let flags = state.tasks[task].flags
        for role in [TaskNode.Role.item, .validator, .compressor] {
            for other in added(for: task, role) {
                state.tasks[other].flags.insert(.again)
                store(other)
            }
        }
        if !status.isFinal {
            if status == .running, !isOver { remember(task, "cancelled", nil) }
            if !isOver { try abandon(task, reason) }
            if status == .running { leaveRunning(task) }
            for kind in state.tasks[task].timers.kinds { disarm(task, kind) }
        } else if state.tasks[task].attempt > state.tasks[task].base {
            try rememberEnd(of: task)
        }
        state.loops[task] = nil
        let old = state.tasks[task]
        var fresh = TaskState()
        fresh.attempt = old.attempt
        fresh.base = old.attempt
        // Where its message is stays known, so that it can be taken back.
        fresh.flags = flags.intersection([.published, .backlogged, .held, .permitted, .again, .kept])
        let hadCompressor = state.nodes[task].rules.context?.compressor != nil
        if status.isFinal || old.attempt > 0 || hadCompressor { fresh.flags.insert(.again) }
        state.tasks[task] = fresh
        if state.nodes[task].counts {
            state.progress[status] -= 1
            state.progress[.pending] += 1
            if status.isFinal { state.open += 1 }
        }
        effects.append(.clear(task: task))
        store(task)
        event(.taskReset, task, data: ["reason": .string(reason)])
    }

    /// Puts an ended task's last attempt on record, which its state will no longer show.
    private mutating func rememberEnd(of task: Int) throws {
        let current = state.tasks[task]
        effects.append(
            .attempt(
                task: task,
                AttemptView(
                    number: Int(current.attempt), status: current.status.rawValue, worker: current.worker,
                    queuedAt: current.queuedAt, startedAt: current.startedAt, finishedAt: current.finishedAt,
                    error: current.status == .completed ? nil : try errors[task] ?? payloads.error(of: task)), isNews: false))
        results[task] = nil
        errors[task] = nil
    }

    /// Tasks that followed from an end which no longer stands don't count against the run any more.
    private mutating func retireFollowers(of tasks: [Int]) {
        let reset = Set(tasks)
        let names = Set(tasks.map { state.nodes[$0].id })
        for task in state.nodes.addedIndices where state.nodes[task].counts {
            let status = state.tasks[task].status
            guard status == .failed || status == .cancelled, !reset.contains(task), follows(task, from: names) else { continue }
            state.tasks[task].status = .skipped
            state.progress[status] -= 1
            state.progress[.skipped] += 1
            store(task)
            event(.taskSkipped, task, data: ["message": "what it followed from runs again"])
        }
    }

    /// Lets tasks that were reset go on from where their dependencies stand.
    mutating func restart(_ tasks: [Int]) throws {
        retireFollowers(of: tasks)
        for task in tasks { state.tasks[task].waiting = state.waiting(task) }
        for task in tasks where state.tasks[task].status == .pending {
            for edge in state.nodes[task].dependencies where edge.condition == .routed {
                if try isChosen(task, by: Int(edge.task)) { state.tasks[task].flags.insert(.routed) }
            }
            let unmet = try state.nodes[task].dependencies.first { edge in
                guard state.tasks.has(Int(edge.task)), state.tasks[Int(edge.task)].status.isFinal,
                    try !isMet(edge.condition, by: Int(edge.task))
                else { return false }
                return edge.condition != .routed || isOnlyRoute(of: task)
            }
            if let unmet {
                let other = Int(unmet.task)
                try skip(task, Self.skipping(because: state.nodes[other].id, state.tasks[other].status))
            } else if state.tasks[task].waiting == 0 {
                try releaseRouted(task)
            }
        }
    }

    /// Whether a decision that stands has chosen the task.
    private func isChosen(_ task: Int, by decision: Int) throws -> Bool {
        guard state.tasks.has(decision), state.tasks[decision].status == .completed,
            let routing = state.nodes[decision].rules.routing,
            let result = try results[decision] ?? payloads.result(of: decision)
        else { return false }
        guard let choice = try? choose(routing, result) else { return false }
        return targets(of: choice.route, from: decision).on.contains(task)
    }

    // MARK: - Running an ended run again

    mutating func rerun(_ rerun: Rerun) throws {
        guard state.progress.status.isFinal else { return }
        let own = state.nodes.indices.filter { state.nodes[$0].counts && !state.tasks[$0].flags.contains(.linked) }
        let broken = own.filter { task in
            switch state.tasks[task].status {
            case .failed, .cancelled: true
            default: state.tasks[task].flags.contains(.undone)
            }
        }
        let tasks: [Int]
        switch rerun {
        case .all: tasks = own.filter { $0 < state.nodes.listedCount }
        case .failed: tasks = withoutFollowers(descendants(of: broken))
        case .from(let first):
            let known = first.filter { state.tasks.has($0) && state.nodes[$0].counts }
            if known.isEmpty { return }
            let undone = broken.filter { state.tasks[$0].flags.contains(.undone) }
            tasks = withoutFollowers(descendants(of: known + undone))
        }
        if tasks.isEmpty { return }
        state.progress.status = .running
        state.progress.ending = nil
        state.progress.finishedAt = nil
        state.toUndo = nil
        event(.runRestarted, data: ["tasks": .integer(Int64(tasks.count))])
        if let timeout = state.header.timeout { effects.append(.arm(task: -1, .runTimeout, due: now + timeout)) }
        for task in tasks { try reset(task, "the run goes on") }
        try restart(tasks)
    }

    /// What followed from a task that is run again follows anew; and what another run has completed stays as it is.
    private func withoutFollowers(_ tasks: [Int]) -> [Int] {
        let names = Set(tasks.map { state.nodes[$0].id })
        return tasks.filter { !follows($0, from: names) && !state.tasks[$0].flags.contains(.linked) }
    }

    /// Whether the task was added for one of these, or for what was: its name begins with all that it follows from.
    private func follows(_ task: Int, from names: Set<TaskID>) -> Bool {
        guard state.nodes[task].role != nil else { return false }
        let text = state.nodes[task].id.rawValue
        return text.indices.contains { text[$0] == "~" && names.contains(TaskID(String(text[..<$0]))) }
    }

    /// Before the run begins: the task shows what another run has completed.
    mutating func takeOver(_ task: Int) throws {
        if state.skippedLinks.contains(task) {
            return try skip(task, TaskError(type: TaskError.Kind.conditionFalse, message: "it was skipped in the run that it is linked to"))
        }
        state.tasks[task].status = .completed
        state.tasks[task].finishedAt = now
        state.progress[.pending] -= 1
        state.progress[.completed] += 1
        state.progress.completions += 1
        state.tasks[task].order = Int32(clamping: state.progress.completions)
        state.open -= 1
        store(task)
        event(.taskCompleted, task, data: ["linked": true])
        ended.append(task)
        guard let routing = state.nodes[task].rules.routing, let result = try payloads.result(of: task),
            let choice = try? choose(routing, result)
        else { return }
        chosen[task] = Set(targets(of: choice.route, from: task).on)
    }
}
