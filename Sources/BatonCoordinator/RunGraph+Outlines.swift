import BatonModel
import BatonStore

extension RunGraph {
    /// - Parameter child: the run that an attempt of a task is, if it is one.
    init(_ run: StoredRun, _ outlines: [TaskOutline], child: (AttemptID) throws -> RunID?) rethrows {
        var ids: [Int: TaskID] = Dictionary(minimumCapacity: outlines.count)
        for outline in outlines { ids[outline.index] = outline.node.id }
        // What was added for an item is as little a node as the item.
        let shown = outlines.filter { $0.node.origin < 0 || ids[Int($0.node.origin)] != nil }
        var undone: [Int: Bool] = [:]
        for outline in shown where outline.node.role == .compensation && outline.state.status.isFinal {
            undone[Int(outline.node.origin)] = outline.state.status == .completed
        }
        var nodes: [Node] = []
        nodes.reserveCapacity(shown.count)
        for outline in shown {
            var node = Node(outline, causedBy: ids[Int(outline.node.origin)])
            if outline.state.flags.contains(.undone) { node.undone = undone[outline.index] }
            if outline.node.handler == .graph, outline.state.attempt > 0 {
                node.child = try child(AttemptID(run: run.header.id, task: outline.index, number: Int(outline.state.attempt)))
            }
            nodes.append(node)
        }
        self.init(
            run: run.header.id, name: run.header.name, status: run.progress.status, nodes: nodes,
            edges: Self.edges(shown, ids))
    }

    private static func edges(_ outlines: [TaskOutline], _ ids: [Int: TaskID]) -> [Edge] {
        var routes: [TaskID: [TaskID: [String]]] = [:]
        var hasEnded: [Int: Bool] = [:]
        for outline in outlines {
            hasEnded[outline.index] = outline.state.status == .completed
            for route in outline.node.rules.routing?.routes ?? [] {
                for target in route.targets { routes[outline.node.id, default: [:]][target, default: []].append(route.name) }
            }
        }
        var edges: [Edge] = []
        var forward: [TaskID: Set<TaskID>] = [:]
        for outline in outlines {
            let isChosen = outline.state.flags.contains(.routed)
            for (edge, alias) in zip(outline.node.dependencies, outline.aliases) {
                guard let from = ids[Int(edge.task)] else { continue }
                guard edge.condition == .routed else {
                    edges.append(
                        Edge(
                            from: from, to: outline.node.id, kind: .dependency, on: edge.condition, required: edge.condition != .finished,
                            label: alias == from.rawValue ? nil : alias))
                    continue
                }
                forward[from, default: []].insert(outline.node.id)
                edges.append(
                    Edge(
                        from: from, to: outline.node.id, kind: .route, label: routes[from]?[outline.node.id]?.joined(separator: ", "),
                        taken: hasEnded[Int(edge.task)] == true ? isChosen : nil))
            }
            if let role = outline.node.role, let from = ids[Int(outline.node.origin)] {
                edges.append(Edge(from: from, to: outline.node.id, kind: Edge.Kind(role)))
            }
        }
        let known = Set(ids.values)
        for outline in outlines {
            guard let targets = routes[outline.node.id] else { continue }
            for (target, names) in targets.sorted(by: { $0.key < $1.key }) {
                guard known.contains(target), forward[outline.node.id]?.contains(target) != true else { continue }
                edges.append(Edge(from: outline.node.id, to: target, kind: .back, label: names.joined(separator: ", ")))
            }
        }
        return edges
    }
}

extension RunGraph.Edge.Kind {
    fileprivate init(_ role: TaskNode.Role) {
        switch role {
        case .compensation: self = .compensation
        case .validator, .compressor: self = .check
        case .onFailed, .onCancelled, .continuation, .dispatched, .item: self = .continuation
        }
    }
}

extension RunGraph.Node {
    fileprivate init(_ outline: TaskOutline, causedBy: TaskID?) {
        let node = outline.node
        self.init(
            id: node.id, handler: node.handler, status: outline.state.status, attempts: Int(outline.state.attempt),
            maxAttempts: node.retry.maxAttempts, priority: node.priority, queue: node.queue, critical: node.critical, parent: outline.parent,
            role: node.role, causedBy: node.role == nil ? nil : causedBy)
        compensation = node.rules.compensation?.handler
        items = outline.loop.map { LoopView(total: $0.total, ended: $0.ended, running: $0.open, failed: $0.failed) }
        if outline.state.iteration > 0 { iteration = Int(outline.state.iteration) }
        switch outline.state.status {
        case .failed, .cancelled, .skipped, .retrying: error = outline.error.map { String($0.message.prefix(300)) }
        case .pending, .scheduled, .queued, .running, .completed: break
        }
    }
}

extension RunTimeline {
    /// - Parameter limit: on the attempts that are shown.
    init(_ run: StoredRun, _ tasks: [TaskAttempts], at now: Timestamp, limit: Int) {
        var bars: [Bar] = []
        for task in tasks {
            for attempt in task.attempts {
                guard let queuedAt = attempt.queuedAt ?? attempt.startedAt else { continue }
                bars.append(
                    Bar(
                        task: task.id, handler: task.handler, role: task.role, attempt: attempt.number, status: attempt.status,
                        worker: attempt.worker, queuedAt: queuedAt, startedAt: attempt.startedAt, finishedAt: attempt.finishedAt,
                        error: attempt.status == "completed" ? nil : attempt.error.map { String($0.message.prefix(300)) }))
            }
        }
        let isCut = bars.count > limit
        self.init(
            run: run.header.id, name: run.header.name, status: run.progress.status, createdAt: run.header.createdAt,
            finishedAt: run.progress.finishedAt, at: now, bars: isCut ? Array(bars.prefix(limit)) : bars, isCut: isCut ? true : nil)
    }
}
