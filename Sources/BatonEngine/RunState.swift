public import BatonModel

/// A run as decisions see it: the graph, where each task stands, and the run as a whole.
///
/// A value without I/O and without a clock. It is changed by `begin` and `handle`, which say in `RunEffect`s what has to be
/// stored and told; whoever can't store them throws the changed value away and reads it anew.
public struct RunState: Sendable {
    public let header: RunHeader
    public private(set) var nodes: Slots<TaskNode>
    public internal(set) var tasks: Slots<TaskState>
    public internal(set) var progress: RunProgress
    /// Loops under way, by task.
    public internal(set) var loops: [Int: LoopState]
    /// For each task, those that wait for it, in the order of the document, and the outcome each waits for.
    private(set) var dependents: Slots<[TaskNode.Edge]>
    /// Tasks that count for the run and have not ended.
    var open = 0
    /// The compensation under way.
    var undoing: Int?
    /// What is still to be undone, the last to complete at the end; made when it is first asked for.
    var toUndo: [Int]?
    /// Before `begin`: the linked tasks that were passed over.
    var skippedLinks: Set<Int> = []
    /// What the items of each loop have in common.
    var itemPolicies: [Int: TaskNode.Policies] = [:]

    /// A new run, before `begin`.
    ///
    /// - Parameter graph: of a `PreparedGraph`.
    public init(_ graph: Graph, header: RunHeader) {
        var indices: [TaskID: Int] = Dictionary(minimumCapacity: graph.tasks.count)
        for (index, task) in graph.tasks.enumerated() { indices[task.id] = index }
        var interned = Interning()
        let nodes = graph.tasks.map { task in
            TaskNode(
                id: task.id, handler: interned.handler(task.handler), queue: interned.queue(task.queue),
                priority: task.priority, critical: task.critical, start: task.start, policies: interned.policies(task),
                dependencies: task.dependencies.compactMap { dependency in
                    indices[dependency.task].map { TaskNode.Edge(task: $0, condition: dependency.condition) }
                })
        }
        self.init(
            header: header, nodes: nodes, tasks: Array(repeating: TaskState(), count: nodes.count), progress: RunProgress())
        progress[.pending] = nodes.count
    }

    /// A run as it was stored.
    ///
    /// - Parameter nodes: of the document.
    /// - Parameter added: of those that were added since, all that have not ended; of those that count for the run also the ones that
    ///   failed, were cancelled, or have the flag `kept`.
    /// - Parameter count: how many tasks there have been.
    public init(
        header: RunHeader, nodes: [TaskNode], tasks: [TaskState], progress: RunProgress,
        added: [Int: (node: TaskNode, state: TaskState)] = [:], count: Int? = nil, loops: [Int: LoopState] = [:]
    ) {
        self.header = header
        self.nodes = Slots(nodes)
        self.tasks = Slots(tasks)
        self.progress = progress
        self.loops = loops
        self.dependents = Slots(Array(repeating: [], count: nodes.count))
        for (task, entry) in added {
            self.nodes.restore(entry.node, at: task)
            self.tasks.restore(entry.state, at: task)
            dependents.restore([], at: task)
            if entry.node.role == .compensation, !entry.state.status.isFinal { undoing = task }
        }
        if let count {
            self.nodes.reserve(count)
            self.tasks.reserve(count)
            dependents.reserve(count)
        }
        for index in 0..<nodes.count { connect(index) }
        for index in added.keys.sorted() { connect(index) }
    }

    private mutating func connect(_ index: Int) {
        if nodes[index].role == .item { nodes[index].policies = policiesOfItems(of: Int(nodes[index].origin)) }
        let node = nodes[index]
        for edge in node.dependencies where dependents.has(Int(edge.task)) {
            dependents[Int(edge.task)].append(TaskNode.Edge(task: index, condition: edge.condition))
        }
        let state = tasks[index]
        if state.status == .pending { tasks[index].waiting = waiting(index) }
        if node.counts, !state.status.isFinal { open += 1 }
    }

    /// How many of a task's dependencies have not ended.
    func waiting(_ task: Int) -> Int32 {
        nodes[task].dependencies.reduce(0) { count, edge in
            count + (tasks.has(Int(edge.task)) && !tasks[Int(edge.task)].status.isFinal ? 1 : 0)
        }
    }

    public var id: RunID { header.id }

    /// The present attempt of a task.
    public func attemptID(of task: Int) -> AttemptID {
        AttemptID(run: header.id, task: task, number: Int(tasks[task].attempt))
    }

    /// Before `begin`: the task is another run's, which has completed it, or passed it over.
    public mutating func link(_ task: Int, isSkipped: Bool = false) {
        tasks[task].flags.insert(.linked)
        if isSkipped { skippedLinks.insert(task) }
    }

    /// Notes where the present attempt's message is; decisions don't depend on it.
    public mutating func mark(_ task: Int, _ place: TaskState.Flags) {
        tasks[task].flags.subtract([.published, .backlogged, .held])
        tasks[task].flags.formUnion(place)
    }

    public mutating func permit(_ task: Int, _ isPermitted: Bool) {
        if isPermitted { tasks[task].flags.insert(.permitted) } else { tasks[task].flags.remove(.permitted) }
    }

    /// Counts one more event in the run's history, and gives its id.
    public mutating func nextEventID() -> Int {
        progress.lastEvent += 1
        return progress.lastEvent
    }

    /// Lets go of a task that was added and has ended, once what it became is stored.
    public mutating func release(_ task: Int) {
        guard task >= nodes.listedCount, tasks.has(task), tasks[task].status.isFinal, !isNeeded(task) else { return }
        nodes.remove(task)
        tasks.remove(task)
        dependents.remove(task)
    }

    /// Whether an added task that has ended decides over others still: over the run's outcome, what is undone, or what depends
    /// on it.
    private func isNeeded(_ task: Int) -> Bool {
        let node = nodes[task]
        guard node.counts else { return false }
        switch tasks[task].status {
        case .failed, .cancelled: return true
        case .completed, .skipped, .pending, .scheduled, .queued, .running, .retrying:
            if tasks[task].flags.contains(.kept) { return true }
            return dependents[task].contains { tasks.has(Int($0.task)) && !tasks[Int($0.task)].status.isFinal }
        }
    }

    /// An item is executed as its loop says, but for what the loop does as a whole.
    mutating func policiesOfItems(of loop: Int) -> TaskNode.Policies? {
        if let known = itemPolicies[loop] { return known }
        guard nodes.has(loop), let policies = nodes[loop].policies else { return nil }
        var timeouts = policies.timeouts
        timeouts.total = nil
        let made = TaskNode.Policies(retry: policies.retry, timeouts: timeouts, rules: policies.rules.ofItems)
        itemPolicies[loop] = made
        return made
    }

    mutating func append(_ node: TaskNode) -> Int {
        let index = nodes.count
        nodes.append(node)
        tasks.append(TaskState())
        dependents.append([])
        tasks[index].waiting = Int32(node.dependencies.count)
        if node.counts {
            open += 1
            progress[.pending] += 1
        }
        return index
    }

    /// Lets tasks that were added together know who waits for them.
    mutating func connect(_ added: Range<Int>) {
        for index in added {
            for edge in nodes[index].dependencies {
                dependents[Int(edge.task)].append(TaskNode.Edge(task: index, condition: edge.condition))
            }
        }
    }

    /// The number that the next task to be added gets.
    var nextIndex: Int { nodes.count }
}

extension TaskRules {
    /// The rules of a loop that hold for each item.
    fileprivate var ofItems: TaskRules {
        var rules = TaskRules()
        rules.fallback = fallback
        rules.schemas = schemas
        rules.graph = graph
        rules.answer = answer
        rules.limit = limit
        rules.breaker = breaker
        rules.cache = cache
        return rules
    }
}

/// Gives equal names one storage, since a graph repeats few of them many times.
private struct Interning {
    private var handlers: [HandlerName: HandlerName] = [:]
    private var queues: [QueueName: QueueName] = [:]
    private var known: [TaskNode.Policies: TaskNode.Policies] = [:]

    mutating func handler(_ name: HandlerName) -> HandlerName { Self.intern(name, &handlers) }

    mutating func queue(_ name: QueueName) -> QueueName { Self.intern(name, &queues) }

    mutating func policies(_ task: TaskSpec) -> TaskNode.Policies? {
        TaskNode.Policies(task).map { Self.intern($0, &known) }
    }

    private static func intern<Value: Hashable>(_ value: Value, _ known: inout [Value: Value]) -> Value {
        if let earlier = known[value] { return earlier }
        known[value] = value
        return value
    }
}
