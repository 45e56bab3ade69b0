public import BatonModel

/// A run as decisions see it: the graph, where each task stands, and the run as a whole.
///
/// A value without I/O and without a clock. It is changed by `begin` and `handle`, which say in `RunEffect`s what has to be
/// stored and told; whoever can't store them throws the changed value away and reads it anew.
public struct RunState: Sendable {
    public let header: RunHeader
    public private(set) var nodes: [TaskNode]
    public internal(set) var tasks: [TaskState]
    public internal(set) var progress: RunProgress
    /// For each task, those that wait for it, in the order of the document, and the outcome each waits for.
    private(set) var dependents: [[TaskNode.Edge]]
    /// Tasks that have not ended; hooks' work is left out.
    var open = 0

    /// A new run, before `begin`.
    public init(_ graph: Graph, header: RunHeader) {
        var indices: [TaskID: Int] = Dictionary(minimumCapacity: graph.tasks.count)
        for (index, task) in graph.tasks.enumerated() { indices[task.id] = index }
        var interned = Interning()
        let nodes = graph.tasks.map { task in
            TaskNode(
                id: task.id, handler: interned.handler(task.handler), queue: interned.queue(task.queue),
                priority: task.priority, critical: task.critical, start: task.start,
                policies: interned.policies(task.retry, task.timeouts),
                dependencies: task.dependencies.compactMap { dependency in
                    indices[dependency.task].map { TaskNode.Edge(task: $0, condition: dependency.condition) }
                })
        }
        self.init(header: header, nodes: nodes, tasks: Array(repeating: TaskState(), count: nodes.count), progress: RunProgress())
    }

    /// A run as it was stored.
    public init(header: RunHeader, nodes: [TaskNode], tasks: [TaskState], progress: RunProgress) {
        self.header = header
        self.nodes = nodes
        self.tasks = tasks
        self.progress = progress
        self.dependents = Array(repeating: [], count: nodes.count)
        var counts = RunProgress().counts
        var fraction = 0.0
        for (index, node) in nodes.enumerated() {
            for edge in node.dependencies { dependents[Int(edge.task)].append(TaskNode.Edge(task: index, condition: edge.condition)) }
            let state = tasks[index]
            if state.status == .pending {
                self.tasks[index].waiting = node.dependencies.reduce(0) { $0 + (tasks[Int($1.task)].status.isFinal ? 0 : 1) }
            }
            guard node.hook == nil else { continue }
            counts[state.status.position] += 1
            if !state.status.isFinal { open += 1 }
            if state.status == .running { fraction += Double(state.progress) }
        }
        self.progress.counts = counts
        self.progress.fraction = fraction
    }

    public var id: RunID { header.id }

    /// The present attempt of a task.
    public func attemptID(of task: Int) -> AttemptID {
        AttemptID(run: header.id, task: task, number: Int(tasks[task].attempt))
    }

    /// Notes where the present attempt's message is; decisions don't depend on it.
    public mutating func mark(_ task: Int, published: Bool, backlogged: Bool) {
        tasks[task].flags.subtract([.published, .backlogged])
        if published { tasks[task].flags.insert(.published) }
        if backlogged { tasks[task].flags.insert(.backlogged) }
    }

    /// Counts one more event in the run's history, and gives its id.
    public mutating func nextEventID() -> Int {
        progress.lastEvent += 1
        return progress.lastEvent
    }

    mutating func append(_ node: TaskNode) -> Int {
        nodes.append(node)
        tasks.append(TaskState())
        dependents.append([])
        return nodes.count - 1
    }
}

/// Gives equal names one storage, since a graph repeats few of them many times.
private struct Interning {
    private var handlers: [HandlerName: HandlerName] = [:]
    private var queues: [QueueName: QueueName] = [:]
    private var known: [TaskNode.Policies: TaskNode.Policies] = [:]

    mutating func handler(_ name: HandlerName) -> HandlerName { Self.intern(name, &handlers) }

    mutating func queue(_ name: QueueName) -> QueueName { Self.intern(name, &queues) }

    mutating func policies(_ retry: RetryPolicy?, _ timeouts: Timeouts) -> TaskNode.Policies? {
        retry == nil && timeouts == .none ? nil : Self.intern(TaskNode.Policies(retry: retry, timeouts: timeouts), &known)
    }

    private static func intern<Value: Hashable>(_ value: Value, _ known: inout [Value: Value]) -> Value {
        if let earlier = known[value] { return earlier }
        known[value] = value
        return value
    }
}
