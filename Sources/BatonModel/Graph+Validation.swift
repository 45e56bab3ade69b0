extension Graph {
    /// Checks the graph as a whole: names, ids, dependencies, cycles, sizes. Time and memory are linear in tasks and
    /// dependencies.
    ///
    /// - Throws: `InvalidGraph` with every problem found (up to `limits.reportedProblems`) and its path.
    public func validate(limits: Limits = Limits()) throws(InvalidGraph) {
        try problems(adding: ProblemList(limit: limits.reportedProblems), limits: limits).check()
    }

    func problems(adding earlier: ProblemList, limits: Limits) -> ProblemList {
        var problems = earlier
        // What the reader put in place of a name that it couldn't read has been reported by it.
        let unread = earlier.isEmpty ? nil : GraphReader.unread
        if name != unread, !NameRule.allows(name) {
            problems.add("name", "'\(name)' is not a name: \(NameRule.explanation)")
        }
        for (field, text) in [("key", key), ("correlationId", correlationID), ("owner", owner)] {
            if let text, text.isEmpty || text.utf8.count > 255 { problems.add(field, "must have 1 to 255 bytes") }
        }
        if let input, input.bytes.count > limits.payloadBytes {
            problems.add("input", Self.tooLarge(input, "payloadBytes", limits.payloadBytes))
        }
        if let timeout, timeout <= .zero { problems.add("timeout", "must be longer than 0") }
        if tasks.isEmpty, earlier.isEmpty { problems.add("tasks", "is empty: a graph needs at least one task") }
        if tasks.count > limits.tasksPerGraph {
            problems.add("tasks", "\(tasks.count) tasks are more than the limit tasksPerGraph of \(limits.tasksPerGraph)")
        }

        var indices: [TaskID: Int] = Dictionary(minimumCapacity: tasks.count)
        for (index, task) in tasks.enumerated() {
            task.addProblems(at: index, to: &problems, limits: limits, unread: unread)
            guard task.id.rawValue != unread else { continue }
            if let first = indices.updateValue(index, forKey: task.id) {
                indices[task.id] = first
                problems.add("tasks[\(index)].id", "'\(task.id)' is the id of tasks[\(first)] too")
            }
        }
        for (index, task) in tasks.enumerated() { addEdgeProblems(of: task, at: index, indices, to: &problems, unread: unread) }
        addCycle(indices, to: &problems)
        return problems
    }

    private func addEdgeProblems(of task: TaskSpec, at index: Int, _ indices: [TaskID: Int], to problems: inout ProblemList, unread: String?) {
        if let parent = task.parent {
            if parent == task.id {
                problems.add("tasks[\(index)].parent", "a task can't be its own parent")
            } else if indices[parent] == nil {
                problems.add("tasks[\(index)].parent", "there is no task '\(parent)'")
            }
        }
        guard !task.dependencies.isEmpty else { return }
        var targets: Set<TaskID> = []
        var names: Set<String> = []
        for (position, dependency) in task.dependencies.enumerated() {
            let path = { "tasks[\(index)].dependencies[\(position)]" }
            if dependency.task.rawValue == unread { continue }
            if dependency.task == task.id {
                problems.add(path(), "a task can't depend on itself")
            } else if indices[dependency.task] == nil {
                problems.add(path(), "there is no task '\(dependency.task)'")
            }
            if !targets.insert(dependency.task).inserted {
                problems.add(path(), "'\(dependency.task)' is named twice")
            } else if dependency.alias == "" {
                problems.add(path() + ".as", "must not be empty")
            } else if !names.insert(dependency.name).inserted {
                problems.add(path() + ".as", "another dependency is already seen as '\(dependency.name)'")
            }
        }
        guard let inputs = task.inputs else { return }
        guard let fields = inputs.fields else {
            problems.add(
                "tasks[\(index)].inputs", "must be an object, because the results of the dependencies are put beside its fields")
            return
        }
        guard !task.mergesFlat else { return }
        for field in fields where names.contains(field.name) {
            problems.add(
                "tasks[\(index)].inputs.\(field.name)", "has the name of a dependency: give the dependency another one with 'as'")
        }
    }

    /// Kahn's algorithm (1962): what can't be put in order lies on a cycle or behind one; one cycle is then walked and named.
    private func addCycle(_ indices: [TaskID: Int], to problems: inout ProblemList) {
        var waiting = [Int32](repeating: 0, count: tasks.count)
        var starts = [Int32](repeating: 0, count: tasks.count + 1)
        forEachEdge(indices) { dependent, dependency in
            waiting[dependent] += 1
            starts[dependency + 1] += 1
        }
        guard starts.contains(where: { $0 > 0 }) else { return }
        for index in tasks.indices { starts[index + 1] += starts[index] }
        var dependents = [Int32](repeating: 0, count: Int(starts[tasks.count]))
        var next = starts
        forEachEdge(indices) { dependent, dependency in
            dependents[Int(next[dependency])] = Int32(dependent)
            next[dependency] += 1
        }
        var ordered = tasks.indices.filter { waiting[$0] == 0 }
        var position = 0
        while position < ordered.count {
            let index = ordered[position]
            position += 1
            for dependent in dependents[Int(starts[index])..<Int(starts[index + 1])] {
                waiting[Int(dependent)] -= 1
                if waiting[Int(dependent)] == 0 { ordered.append(Int(dependent)) }
            }
        }
        guard var current = tasks.indices.first(where: { waiting[$0] > 0 }) else { return }

        // Each task left over has a dependency left over, so following them must come back to a task already seen.
        var place: [Int: Int] = [:]
        var path: [Int] = []
        while place[current] == nil {
            place[current] = path.count
            path.append(current)
            let next = tasks[current].dependencies.lazy.compactMap { indices[$0.task] }
                .first { waiting[$0] > 0 && $0 != current }
            guard let next else { return }
            current = next
        }
        let cycle = path[(place[current] ?? 0)...]
        let shown = cycle.count <= 12 ? Array(cycle) : Array(cycle.prefix(12))
        let names = (shown + [current]).map { tasks[$0].id.rawValue }
        let text = cycle.count <= 12 ? names.joined(separator: " → ") : names.dropLast().joined(separator: " → ") + " → …"
        problems.add("tasks[\(current)].dependencies", "the tasks wait for one another in a circle: \(text)")
    }

    /// Known targets only, and none of a task to itself: those are reported on their own.
    private func forEachEdge(_ indices: [TaskID: Int], _ body: (_ dependent: Int, _ dependency: Int) -> Void) {
        for (index, task) in tasks.enumerated() {
            for dependency in task.dependencies {
                if let target = indices[dependency.task], target != index { body(index, target) }
            }
        }
    }

    fileprivate static func tooLarge(_ payload: JSON, _ limit: String, _ bytes: Int) -> String {
        "\(payload.bytes.count) bytes are more than the limit \(limit) of \(bytes)"
    }
}

extension TaskSpec {
    fileprivate func addProblems(at index: Int, to problems: inout ProblemList, limits: Limits, unread: String?) {
        let check = { (field: String, name: String, problems: inout ProblemList) in
            if name != unread, !NameRule.allows(name) {
                problems.add("tasks[\(index)].\(field)", "'\(name)' is not a name: \(NameRule.explanation)")
            }
        }
        check("id", id.rawValue, &problems)
        check("handler", handler.rawValue, &problems)
        if queue != .default { check("queue", queue.rawValue, &problems) }
        if let inputs, inputs.bytes.count > limits.payloadBytes {
            problems.add("tasks[\(index)].inputs", Graph.tooLarge(inputs, "payloadBytes", limits.payloadBytes))
        }
        if let params, params.bytes.count > limits.paramsBytes {
            problems.add("tasks[\(index)].params", Graph.tooLarge(params, "paramsBytes", limits.paramsBytes))
        }
        if dependencies.count > limits.dependenciesPerTask {
            problems.add(
                "tasks[\(index)].dependencies",
                "\(dependencies.count) are more than the limit dependenciesPerTask of \(limits.dependenciesPerTask)")
        }
    }
}
