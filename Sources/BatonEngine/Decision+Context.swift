import BatonModel

/// What a task sees of the tasks before it, where a handler makes that smaller first.
extension Decision {
    /// - Returns: whether the task has to wait for its compressor.
    mutating func compress(_ task: Int, _ rules: TaskRules) throws -> Bool {
        guard let compressor = rules.context?.compressor, !state.tasks[task].flags.contains(.compressed) else { return false }
        let context = try MergedInputs.context(MergedInputs.window(MergedInputs.visible(parts(task), isFlat: false), rules.context))
        let size = context.reduce(2) { $0 + $1.name.utf8.count + $1.value.bytes.count + 4 }
        guard size > compressor.limit else {
            state.tasks[task].flags.insert(.compressed)
            store(task)
            return false
        }
        let node = state.nodes[task]
        var spec = TaskSpec(id: name("compress", of: task), handler: compressor.handler)
        spec.queue = node.queue
        spec.priority = node.priority
        spec.critical = false
        try makeReady(add(spec, .compressor, for: task))
        return true
    }

    private func parts(_ task: Int) throws -> [MergedInputs.Part] {
        var parts: [MergedInputs.Part] = []
        for (edge, dependency) in zip(state.nodes[task].dependencies, try payloads.dependencies(of: task)) {
            let other = Int(edge.task)
            let status = state.tasks.has(other) ? state.tasks[other].status : .completed
            let result = status == .completed ? try results[other] ?? payloads.result(of: other) : nil
            let finishedAt = state.tasks.has(other) ? state.tasks[other].finishedAt : nil
            parts.append(MergedInputs.Part(dependency, status: status, finishedAt: finishedAt, result: result, error: nil))
        }
        return parts
    }

    mutating func compressorEnded(_ compressor: Int) throws {
        let task = Int(state.nodes[compressor].origin)
        guard !isOutdated(compressor), state.tasks.has(task), state.tasks[task].status == .pending else { return }
        guard state.tasks[compressor].status == .completed, let context = try results[compressor] ?? payloads.result(of: compressor)
        else {
            let cause = try errors[compressor] ?? payloads.error(of: compressor)
            let name = state.nodes[compressor].handler
            let message = "the compressor \(name) gave no context: \(cause?.message ?? state.tasks[compressor].status.rawValue)"
            return try fail(task, TaskError(type: TaskError.Kind.dependencyFailed, message: message))
        }
        effects.append(.part(task: task, .context, context))
        state.tasks[task].flags.insert(.compressed)
        store(task)
        try release(task)
    }
}
