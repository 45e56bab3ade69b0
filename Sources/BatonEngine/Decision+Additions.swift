import BatonModel

/// Tasks that are added to the run while it goes on.
extension Decision {
    /// A number that a run's tasks stay below, since the store keeps it in 24 bits.
    static let mostTasks = 16_700_000

    /// The name of what is added for a task: its own only the first time round, since names are never given twice.
    ///
    /// - Parameter index: the number it will have.
    func name(_ suffix: String, of task: Int, index: Int? = nil) -> TaskID {
        let index = index ?? state.nextIndex
        let text = "\(state.nodes[task].id)~\(suffix)"
        if text.utf8.count > 200 { return unnamed(of: task, index) }
        return TaskID(state.tasks[task].flags.contains(.again) ? "\(text)@\(index)" : text)
    }

    /// The name of what has none of its own, or too long a one: by its number, which no other task has.
    private func unnamed(of task: Int, _ index: Int) -> TaskID {
        TaskID("\(state.nodes[task].id.rawValue.prefix { $0 != "~" })~@\(index)")
    }

    /// The name of a task that the document, or a handler, calls by one that may be taken by something else of the same task.
    private func name(_ local: TaskID, _ role: TaskNode.Role, of task: Int, index: Int) -> TaskID {
        let text = local.rawValue
        let isTaken = Self.reserved.contains(text) || text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            || role == .dispatched && state.nodes[task].rules.continuations.onCompleted.contains { $0.id == local }
        return name(isTaken ? "\(text)@\(index)" : text, of: task, index: index)
    }

    /// What decisions themselves call the tasks that they add.
    private static let reserved: Set<String> = ["onFailed", "onCancelled", "compress", "compensate"]

    /// - Parameter spec: without dependencies.
    mutating func add(
        _ spec: TaskSpec, _ role: TaskNode.Role, for origin: Int, number: Int = 0, policies: TaskNode.Policies? = nil
    ) -> Int {
        let index = state.append(
            TaskNode(
                id: spec.id, handler: spec.handler, queue: spec.queue, priority: spec.priority, critical: spec.critical,
                start: spec.start, policies: policies ?? TaskNode.Policies(spec), role: role, origin: origin, number: number))
        payloads.add(spec, items: nil, at: index)
        effects.append(.append(task: index, spec))
        return index
    }

    /// What follows from the end of a task: the hooks that its worker can't be trusted to run, and the tasks declared to follow.
    mutating func addFollowers(of task: Int, _ status: TaskStatus) throws {
        let node = state.nodes[task]
        guard node.counts || node.role == .item else { return }
        let hook: TaskNode.Hook? = status == .failed ? .onFailed : status == .cancelled ? .onCancelled : nil
        if let hook, node.handler != .graph, node.handler != .answer, settings.hooks(node.handler).contains(hook) {
            var spec = TaskSpec(id: name(hook.rawValue, of: task), handler: node.handler)
            spec.queue = node.queue
            spec.priority = node.priority
            spec.critical = false
            try makeReady(add(spec, TaskNode.Role(hook), for: task))
        }
        guard node.policies != nil else { return }
        let continuations = node.rules.continuations
        switch status {
        case .completed: try add(continuations.onCompleted, .continuation, for: task)
        case .failed: try add(continuations.onFailed, .continuation, for: task)
        case .cancelled: try add(continuations.onCancelled, .continuation, for: task)
        case .skipped, .pending, .scheduled, .queued, .running, .retrying: break
        }
    }

    /// Adds a list of tasks that may depend on one another.
    mutating func add(_ specs: [TaskSpec], _ role: TaskNode.Role, for origin: Int) throws {
        if specs.isEmpty { return }
        let prepared = try PreparedTasks(specs)
        let isCleanup = cleansUp(origin)
        let first = state.nextIndex
        var indices: [TaskID: Int] = [:]
        var names: [TaskID] = []
        for (place, spec) in specs.enumerated() {
            // One without an id of its own is named by its number, which no other task has.
            let isNamed = spec.id.rawValue != GraphReader.unread
            let index = first + place
            names.append(isNamed ? name(spec.id, role, of: origin, index: index) : unnamed(of: origin, index))
            if isNamed { indices[spec.id] = first + place }
        }
        for (place, original) in prepared.tasks.enumerated() {
            var spec = original
            spec.id = names[place]
            var edges: [TaskNode.Edge] = []
            for (position, dependency) in original.dependencies.enumerated() {
                guard let index = indices[dependency.task] else { continue }
                spec.dependencies[position].task = names[index - first]
                spec.dependencies[position].alias = dependency.name
                edges.append(TaskNode.Edge(task: index, condition: dependency.condition))
            }
            if original.hasRules, let routing = original.rules.routing {
                let routes = routing.routes.map { route in
                    Routing.Route(route.name, to: route.targets.compactMap { indices[$0].map { names[$0 - first] } })
                }
                spec.rules.routing = Routing(routes, by: routing.expression, default: routing.defaultRoute)
            }
            spec.parent = original.parent.flatMap { indices[$0] }.map { names[$0 - first] }
            let index = state.append(
                TaskNode(
                    id: spec.id, handler: spec.handler, queue: spec.queue, priority: spec.priority, critical: spec.critical,
                    start: spec.start, policies: TaskNode.Policies(spec), dependencies: edges, role: role, origin: origin,
                    number: isCleanup ? TaskNode.cleanup : 0))
            payloads.add(spec, items: prepared.items[place], at: index)
            effects.append(.append(task: index, spec))
            event(.taskAdded, index, data: ["for": .string(state.nodes[origin].id.rawValue), "role": .string(role.rawValue)])
            if let items = prepared.items[place] { effects.append(.items(task: index, items)) }
        }
        let added = first..<first + specs.count
        state.connect(added)
        for task in added { keep(task) }
        if let ending = state.progress.ending, !isCleanup {
            for task in added { try cancel(task, ending.error.message) }
        }
        for task in added where state.nodes[task].dependencies.isEmpty && state.tasks[task].status == .pending { try release(task) }
    }

    /// Whether what follows from the task cleans up: then it runs to its end whatever becomes of the run.
    private func cleansUp(_ task: Int) -> Bool {
        let node = state.nodes[task]
        switch node.role {
        case .onFailed, .onCancelled, .compensation: return true
        case .item, .validator, .compressor: return state.nodes.has(Int(node.origin)) && state.nodes[Int(node.origin)].isCleanup
        case nil, .continuation, .dispatched:
            let status = state.tasks[task].status
            return node.isCleanup || status == .failed || status == .cancelled
        }
    }

    /// Whether the task for which this one was added has begun anew without it.
    func isOutdated(_ task: Int) -> Bool { state.tasks[task].flags.contains(.again) }

    /// Marks the task, and those that it depends on, where something may come back to them after their end.
    private mutating func keep(_ task: Int) {
        let node = state.nodes[task]
        if node.rules.compensation != nil || !node.dependencies.isEmpty { state.tasks[task].flags.insert(.kept) }
        for edge in node.dependencies { state.tasks[Int(edge.task)].flags.insert(.kept) }
    }

    /// Lists whose tasks depend on one another are kept together, since a route or a rerun may come back to each of them, until all
    /// have ended well.
    mutating func letGo(listOf task: Int) {
        guard state.tasks[task].flags.contains(.kept) else { return }
        let origin = state.nodes[task].origin
        let role = state.nodes[task].role
        var list: [Int] = []
        for other in state.nodes.addedIndices where state.nodes[other].origin == origin && state.nodes[other].role == role {
            guard state.tasks[other].flags.contains(.kept) else { continue }
            switch state.tasks[other].status {
            case .completed, .skipped: list.append(other)
            case .pending, .scheduled, .queued, .running, .retrying, .failed, .cancelled: return
            }
        }
        for other in list where state.nodes[other].rules.compensation == nil {
            state.tasks[other].flags.remove(.kept)
            store(other)
        }
    }
}
