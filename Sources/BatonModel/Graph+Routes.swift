import HeapModule

/// One target of a decision's routes.
package struct RouteEdge: Hashable, Sendable {
    package var decision: Int
    package var target: Int

    package init(decision: Int, target: Int) {
        self.decision = decision
        self.target = target
    }
}

extension Graph {
    /// The routes that lead back, to a task that the decision comes after.
    ///
    /// Where a circle can be entered from outside, or else at its first task of the document, there it begins, and the routes to that
    /// task are the ones that lead back. Circles are found by Tarjan's algorithm (1972) and opened by Kahn's (1962); both are linear.
    package func backRoutes() -> Set<RouteEdge> {
        guard tasks.contains(where: { $0.hasRules && $0.rules.routing != nil }) else { return [] }
        var indices: [TaskID: Int] = Dictionary(minimumCapacity: tasks.count)
        for (index, task) in tasks.enumerated() { indices[task.id] = index }
        var search = BackRoutes(self, indices)
        return search.find()
    }
}

private struct BackRoutes {
    private struct Edge {
        var target: Int
        var isRoute: Bool
    }

    private var next: [[Edge]]
    private var circle: [Int]

    init(_ graph: Graph, _ indices: [TaskID: Int]) {
        next = Array(repeating: [], count: graph.tasks.count)
        circle = Array(repeating: -1, count: graph.tasks.count)
        for (index, task) in graph.tasks.enumerated() {
            for dependency in task.dependencies {
                if let other = indices[dependency.task], other != index { next[other].append(Edge(target: index, isRoute: false)) }
            }
            guard task.hasRules, let routing = task.rules.routing else { continue }
            for target in Set(routing.routes.flatMap(\.targets)).sorted() {
                if let other = indices[target] { next[index].append(Edge(target: other, isRoute: true)) }
            }
        }
    }

    mutating func find() -> Set<RouteEdge> {
        findCircles()
        var hard = Array(repeating: 0, count: next.count)
        var soft = Array(repeating: 0, count: next.count)
        var isEntry = Array(repeating: false, count: next.count)
        for (source, edges) in next.enumerated() {
            for edge in edges {
                if edge.isRoute, circle[source] == circle[edge.target] {
                    soft[edge.target] += 1
                } else {
                    hard[edge.target] += 1
                    if circle[source] != circle[edge.target] { isEntry[edge.target] = true }
                }
            }
        }
        var back: Set<RouteEdge> = []
        var placed = Array(repeating: false, count: next.count)
        var free = next.indices.filter { hard[$0] == 0 && soft[$0] == 0 }
        // Only routes within their circle keep these back; entries come first.
        var held = Heap(next.indices.filter { hard[$0] == 0 && soft[$0] > 0 }.map { rank($0, isEntry) })
        while true {
            let task: Int
            if let first = free.popLast() {
                task = first
            } else if let first = held.popMin() {
                task = first % next.count
            } else {
                return back
            }
            if placed[task] { continue }
            placed[task] = true
            for edge in next[task] {
                let isSoft = edge.isRoute && circle[task] == circle[edge.target]
                if isSoft, placed[edge.target] {
                    back.insert(RouteEdge(decision: task, target: edge.target))
                    continue
                }
                if isSoft { soft[edge.target] -= 1 } else { hard[edge.target] -= 1 }
                guard hard[edge.target] == 0 else { continue }
                if soft[edge.target] == 0 { free.append(edge.target) } else { held.insert(rank(edge.target, isEntry)) }
            }
        }
    }

    private func rank(_ task: Int, _ isEntry: [Bool]) -> Int { isEntry[task] ? task : task + next.count }

    /// Gives each task the number of its circle; a task on none has one to itself.
    private mutating func findCircles() {
        var order = Array(repeating: -1, count: next.count)
        var lowest = order
        var onStack = Array(repeating: false, count: next.count)
        var stack: [Int] = []
        var path: [(task: Int, edge: Int)] = []
        var counter = 0
        for root in next.indices where order[root] < 0 {
            path.append((root, 0))
            while let (task, position) = path.last {
                if position == 0 {
                    order[task] = counter
                    lowest[task] = counter
                    counter += 1
                    stack.append(task)
                    onStack[task] = true
                }
                if position < next[task].count {
                    path[path.count - 1].edge += 1
                    let target = next[task][position].target
                    if order[target] < 0 {
                        path.append((target, 0))
                    } else if onStack[target] {
                        lowest[task] = min(lowest[task], order[target])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.task { lowest[parent] = min(lowest[parent], lowest[task]) }
                guard lowest[task] == order[task] else { continue }
                while let member = stack.popLast() {
                    onStack[member] = false
                    circle[member] = task
                    if member == task { break }
                }
            }
        }
    }
}
