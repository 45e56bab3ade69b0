public import BatonModel

/// A graph as it is run: order, routes and loops brought to what decisions know, which is edges and items.
public struct PreparedGraph: Sendable {
    public var graph: Graph
    /// The items of loops whose lists are in the document, by task.
    public var items: [Int: [JSON]] = [:]

    /// - Throws: `UnreadableItems` where a text isn't what its format says; documents are checked for it before.
    public init(_ graph: Graph) throws {
        self.graph = graph
        if graph.mode == .sequential { chain() }
        let prepared = try PreparedTasks(self.graph.tasks)
        self.graph.tasks = prepared.tasks
        items = prepared.items
    }

    /// A graph as the store has it, which was prepared before.
    public init(stored graph: Graph, items: [Int: [JSON]]) {
        self.graph = graph
        self.items = items
    }

    /// The order of the list becomes dependencies. A window of k lets a task see the k before it.
    private mutating func chain() {
        let condition: Dependency.Condition = graph.onFailure == .continue ? .finished : .sequential
        for index in graph.tasks.indices.dropFirst() {
            let window = min(index, graph.tasks[index].hasRules ? graph.tasks[index].rules.context?.window ?? 1 : 1)
            graph.tasks[index].dependencies = (index - window..<index).map { Dependency(graph.tasks[$0].id, on: condition) }
        }
    }

    /// For each task the numbers of those that it depends on, in the order of its dependencies.
    public func dependencies() -> [[Int]] {
        var indices: [TaskID: Int] = Dictionary(minimumCapacity: graph.tasks.count)
        for (index, task) in graph.tasks.enumerated() { indices[task.id] = index }
        return graph.tasks.map { task in task.dependencies.compactMap { indices[$0.task] } }
    }
}

/// A list of tasks with routes and loops brought to edges and items.
struct PreparedTasks {
    private(set) var tasks: [TaskSpec]
    private(set) var items: [Int: [JSON]] = [:]

    /// - Throws: `UnreadableItems`.
    init(_ tasks: [TaskSpec]) throws {
        self.tasks = tasks
        route()
        for (index, task) in self.tasks.enumerated() where task.hasRules {
            guard var loop = task.rules.loop else { continue }
            switch loop.source {
            case .expression, .stored: continue
            case .list, .csv, .lines: items[index] = try Items.split(loop.source)
            }
            loop.source = .stored
            self.tasks[index].rules.loop = loop
        }
    }

    /// A task that a decision may choose waits for the decision.
    private mutating func route() {
        guard tasks.contains(where: { $0.hasRules && $0.rules.routing != nil }) else { return }
        var indices: [TaskID: Int] = [:]
        for (index, task) in tasks.enumerated() { indices[task.id] = index }
        let back = Graph(name: "g", tasks: tasks).backRoutes()
        for (index, task) in tasks.enumerated() where task.hasRules {
            for target in Set((task.rules.routing?.routes ?? []).flatMap(\.targets)).compactMap({ indices[$0] }).sorted() {
                if back.contains(RouteEdge(decision: index, target: target)) { continue }
                tasks[target].dependencies.append(Dependency(task.id, on: .routed))
            }
        }
    }
}
