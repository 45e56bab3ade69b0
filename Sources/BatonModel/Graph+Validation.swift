extension Graph {
    /// Checks the graph as a whole: names, ids, dependencies, cycles, routes, sizes. Time and memory are linear in tasks and
    /// dependencies.
    ///
    /// - Throws: `InvalidGraph` with every problem found (up to `limits.reportedProblems`) and its path.
    public func validate(limits: Limits = Limits(), checks: SyntaxChecks = .none) throws(InvalidGraph) {
        try problems(adding: ProblemList(limit: limits.reportedProblems), limits: limits, checks: checks).check()
    }

    /// - Parameters:
    ///   - path: where the graph is in a larger document; empty for one of its own.
    ///   - unread: what the reader put in place of a name that it couldn't read, and has reported; `nil` for what wasn't read.
    ///   - nesting: how many graphs and lists this one is in.
    func problems(
        adding earlier: ProblemList, at path: String = "", limits: Limits, checks: SyntaxChecks, unread: String? = nil, nesting: Int = 0
    ) -> ProblemList {
        var problems = earlier
        let place = { GraphReader.join(path, $0) }
        if name != unread, !NameRule.allows(name) {
            problems.add(place("name"), "'\(name)' is not a name: \(NameRule.explanation)")
        }
        for (field, text) in [("key", key), ("correlationId", correlationID), ("owner", owner)] {
            if let text, text.isEmpty || text.utf8.count > 255 { problems.add(place(field), "must have 1 to 255 bytes") }
            if let text, !PlainText.allows(text) { problems.add(place(field), PlainText.explanation) }
        }
        if let input, input.bytes.count > limits.payloadBytes {
            problems.add(place("input"), TaskListCheck.tooLarge(input, "payloadBytes", limits.payloadBytes))
        }
        if let inputSchema, let problem = checks.schema(inputSchema) { problems.add(place("inputSchema"), problem) }
        if let timeout, timeout <= .zero { problems.add(place("timeout"), "must be longer than 0") }
        if onFailure == .continue, mode != .sequential {
            problems.add(place("onFailure"), "'continue' belongs to 'mode: sequential'; in a graph, depend with 'required: false'")
        }
        if tasks.isEmpty, unread == nil { problems.add(place("tasks"), "is empty: a graph needs at least one task") }
        if tasks.count > limits.tasksPerGraph {
            problems.add(place("tasks"), "\(tasks.count) tasks are more than the limit tasksPerGraph of \(limits.tasksPerGraph)")
        }
        if mode == .sequential {
            for (index, task) in tasks.enumerated() where !task.dependencies.isEmpty {
                problems.add(
                    place("tasks[\(index)].dependencies"), "in 'mode: sequential' the order of the list decides: leave them out")
            }
        }
        let list = TaskListCheck(
            tasks, at: place("tasks"), mode: mode, limits: limits, checks: checks, unread: unread, nesting: nesting)
        return list.problems(adding: problems)
    }
}

/// Holds a list of tasks against its limits and against one another.
struct TaskListCheck {
    let tasks: [TaskSpec]
    let path: String
    let limits: Limits
    let checks: SyntaxChecks
    let mode: Graph.Mode
    /// What the reader put in place of a name that it couldn't read, and has reported; `nil` for what wasn't read.
    let unread: String?
    let nesting: Int

    init(
        _ tasks: [TaskSpec], at path: String, mode: Graph.Mode = .graph, limits: Limits, checks: SyntaxChecks, unread: String? = nil,
        nesting: Int = 0
    ) {
        self.tasks = tasks
        self.path = path
        self.mode = mode
        self.limits = limits
        self.checks = checks
        self.unread = unread
        self.nesting = nesting
    }

    func problems(adding earlier: ProblemList) -> ProblemList {
        var problems = earlier
        var indices: [TaskID: Int] = Dictionary(minimumCapacity: tasks.count)
        for (index, task) in tasks.enumerated() {
            addProblems(of: task, at: index, to: &problems)
            guard task.id.rawValue != unread else { continue }
            if let first = indices.updateValue(index, forKey: task.id) {
                indices[task.id] = first
                problems.add("\(path)[\(index)].id", "'\(task.id)' is the id of \(path)[\(first)] too")
            }
        }
        let back = backRoutes()
        let implied = checkWindows(&problems) ? impliedDependencies(indices, back) : [:]
        for (index, task) in tasks.enumerated() {
            addEdgeProblems(of: task, at: index, indices, implied[index] ?? [], to: &problems)
        }
        addCycle(indices, to: &problems)
        addRouteProblems(indices, back, to: &problems)
        return problems
    }

    private func addEdgeProblems(
        of task: TaskSpec, at index: Int, _ indices: [TaskID: Int], _ implied: [TaskID], to problems: inout ProblemList
    ) {
        if let parent = task.parent {
            if parent == task.id {
                problems.add("\(path)[\(index)].parent", "a task can't be its own parent")
            } else if indices[parent] == nil {
                problems.add("\(path)[\(index)].parent", "there is no task '\(parent)'")
            }
        }
        guard !task.dependencies.isEmpty || !implied.isEmpty || task.hasRules else { return }
        var targets: Set<TaskID> = []
        var names: Set<String> = []
        for (position, dependency) in task.dependencies.enumerated() {
            let place = { "\(path)[\(index)].dependencies[\(position)]" }
            if dependency.task.rawValue == unread { continue }
            if dependency.task == task.id {
                problems.add(place(), "a task can't depend on itself")
            } else if indices[dependency.task] == nil {
                problems.add(place(), "there is no task '\(dependency.task)'")
            }
            if !targets.insert(dependency.task).inserted {
                problems.add(place(), "'\(dependency.task)' is named twice")
            } else if dependency.alias == "" {
                problems.add(place() + ".as", "must not be empty")
            } else if !names.insert(dependency.name).inserted {
                problems.add(place() + ".as", "another dependency is already seen as '\(dependency.name)'")
            }
        }
        addInputProblems(of: task, at: index, implied.filter { !targets.contains($0) }, names, to: &problems)
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
        var walk: [Int] = []
        while place[current] == nil {
            place[current] = walk.count
            walk.append(current)
            let next = tasks[current].dependencies.lazy.compactMap { indices[$0.task] }
                .first { waiting[$0] > 0 && $0 != current }
            guard let next else { return }
            current = next
        }
        let cycle = walk[(place[current] ?? 0)...]
        let shown = cycle.count <= 12 ? Array(cycle) : Array(cycle.prefix(12))
        let names = (shown + [current]).map { tasks[$0].id.rawValue }
        let text = cycle.count <= 12 ? names.joined(separator: " → ") : names.dropLast().joined(separator: " → ") + " → …"
        problems.add("\(path)[\(current)].dependencies", "the tasks wait for one another in a circle: \(text)")
    }

    /// Known targets only, and none of a task to itself: those are reported on their own.
    private func forEachEdge(_ indices: [TaskID: Int], _ body: (_ dependent: Int, _ dependency: Int) -> Void) {
        for (index, task) in tasks.enumerated() {
            for dependency in task.dependencies {
                if let target = indices[dependency.task], target != index { body(index, target) }
            }
        }
    }

    static func tooLarge(_ payload: JSON, _ limit: String, _ bytes: Int) -> String {
        "\(payload.bytes.count) bytes are more than the limit \(limit) of \(bytes)"
    }

    private func addProblems(of task: TaskSpec, at index: Int, to problems: inout ProblemList) {
        let place = { (field: String) in "\(path)[\(index)].\(field)" }
        let check = { (field: String, name: String, problems: inout ProblemList) in
            if name != unread, !NameRule.allows(name) {
                problems.add(place(field), "'\(name)' is not a name: \(NameRule.explanation)")
            }
        }
        check("id", task.id.rawValue, &problems)
        check("handler", task.handler.rawValue, &problems)
        if task.queue != .default { check("queue", task.queue.rawValue, &problems) }
        if let inputs = task.inputs, inputs.bytes.count > limits.payloadBytes {
            problems.add(place("inputs"), Self.tooLarge(inputs, "payloadBytes", limits.payloadBytes))
        }
        if let params = task.params, params.bytes.count > limits.paramsBytes {
            problems.add(place("params"), Self.tooLarge(params, "paramsBytes", limits.paramsBytes))
        }
        if task.dependencies.count > limits.dependenciesPerTask {
            problems.add(
                place("dependencies"),
                "\(task.dependencies.count) are more than the limit dependenciesPerTask of \(limits.dependenciesPerTask)")
        }
        if task.hasRules { addRuleProblems(of: task, at: index, to: &problems, check: check) }
    }
}
