import BatonModel

/// Loops: one execution for each item, expanded as they are needed.
extension Decision {
    mutating func startLoop(_ task: Int) throws {
        guard let loop = state.nodes[task].rules.loop else { return }
        let total: Int
        switch loop.source {
        case .stored: total = try payloads.itemCount(of: task)
        case .list, .csv, .lines, .expression:
            do {
                let items = try self.items(task, loop.source)
                effects.append(.items(task: task, items))
                total = items.count
            } catch let error as TaskError {
                return try fail(task, error)
            } catch let error as UnreadableItems {
                return try fail(task, TaskError(type: TaskError.Kind.invalidItems, message: error.description, retryable: false))
            }
        }
        guard total < Self.mostTasks - state.nextIndex else { return try fail(task, Self.tooManyTasks) }
        state.loops[task] = LoopState(total: total)
        try advance(task, loop)
    }

    private func items(_ task: Int, _ source: Loop.Source) throws -> [JSON] {
        guard case .expression(let text, let format) = source else { return try Items.split(source) }
        return try Items.split(JSON(of: try scope(task).evaluate(text)), as: format)
    }

    mutating func itemEnded(_ item: Int) throws {
        let task = Int(state.nodes[item].origin)
        guard !isOutdated(item), state.tasks.has(task), state.tasks[task].status == .running,
            let loop = state.nodes[task].rules.loop, var progress = state.loops[task]
        else { return }
        progress.open -= 1
        if state.tasks[item].status != .completed {
            progress.failed += 1
            if progress.firstFailure == nil {
                let message = try (errors[item] ?? payloads.error(of: item))?.message ?? state.tasks[item].status.rawValue
                progress.firstFailure = "item \(state.nodes[item].number): \(message.prefix(1000))"
            }
        }
        state.loops[task] = progress
        setProgress(task, Float(progress.ended) / Float(max(1, progress.total)))
        store(task)
        try advance(task, loop)
    }

    /// Starts what may be started, or ends the loop.
    private mutating func advance(_ task: Int, _ loop: Loop) throws {
        guard var progress = state.loops[task] else { return }
        let isStopping = isCancelRequested(task) || (progress.failed > 0 && loop.onItemFailure == .stop)
        if !isStopping {
            let node = state.nodes[task]
            let policies = state.policiesOfItems(of: task)
            while progress.open < loop.maxParallel, progress.next < progress.total {
                var spec = TaskSpec(id: name(String(progress.next), of: task), handler: node.handler)
                spec.queue = node.queue
                spec.priority = node.priority
                spec.critical = false
                let item = add(spec, .item, for: task, number: progress.next, policies: policies)
                progress.next += 1
                progress.open += 1
                try makeReady(item)
            }
            state.loops[task] = progress
        }
        effects.append(.loop(task: task, progress))
        guard progress.open == 0 else { return }
        if isCancelRequested(task) { return try finishCancelled(task, confirmed: true) }
        if isStopping {
            let message = "\(progress.firstFailure ?? "an item failed") (\(progress.failed) of \(progress.ended) items failed)"
            return try fail(task, TaskError(type: TaskError.Kind.itemFailed, message: message))
        }
        if progress.next == progress.total { try finishLoop(task, loop, progress) }
    }

    private mutating func finishLoop(_ task: Int, _ loop: Loop, _ progress: LoopState) throws {
        guard loop.collects else {
            let counts: JSONValue = ["count": .integer(Int64(progress.total)), "failed": .integer(Int64(progress.failed))]
            return try accept(task, JSON(counts), [])
        }
        if progress.total == 0 { return try accept(task, JSON([]), []) }
        var latest: [Int: JSON] = [:]
        for (item, result) in results where state.nodes.has(item) {
            let node = state.nodes[item]
            if node.role == .item, Int(node.origin) == task { latest[Int(node.number)] = result }
        }
        let list = try payloads.collected(task, count: progress.total, adding: latest, limit: settings.loopResultBytes)
        guard let list else {
            let message = "the items' results have more than \(settings.loopResultBytes) bytes together: "
                + "say 'collect: false', and let each item store its result or give a reference"
            return try fail(task, TaskError(type: TaskError.Kind.tooLarge, message: message, retryable: false))
        }
        try accept(task, list, [])
    }

    /// The run that the task is has ended.
    mutating func childEnded(
        _ task: Int, _ status: RunStatus, _ result: JSON, _ error: TaskError?, using generator: inout some RandomNumberGenerator
    ) throws {
        if isCancelRequested(task) { return try finishCancelled(task, confirmed: true) }
        if status == .completed { return try examine(task, result, []) }
        let message = "its graph \(status.rawValue): \(error?.message ?? "without a reason")"
        let cause = TaskError(type: error?.type ?? TaskError.Kind.runFailed, message: message)
        try attemptEnded(task, "failed", cause, isReported: true, using: &generator)
    }
}
