import BatonModel
import BatonStore

/// Which tasks of a run are used again.
struct Selection {
    private let definitions: [TaskDefinition]
    private let indices: [TaskID: Int]

    init(_ definitions: [TaskDefinition]) {
        self.definitions = definitions
        indices = Dictionary(definitions.enumerated().map { ($1.spec.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Returns: their numbers, in order.
    /// - Throws: `OperationError` `.invalid` with every problem, such as a dependency that would be left outside.
    func tasks(_ request: ReuseRequest) throws(OperationError) -> [Int] {
        guard let names = request.tasks else { return Array(definitions.indices) }
        var problems: [GraphProblem] = []
        if names.isEmpty { problems.append(GraphProblem(path: "tasks", message: "is empty: leave it out for all tasks")) }
        var chosen: Set<Int> = []
        for (place, name) in names.enumerated() {
            if let index = indices[name] {
                chosen.insert(index)
            } else {
                problems.append(GraphProblem(path: "tasks[\(place)]", message: "there is no task '\(name)'"))
            }
        }
        // Each of the widenings can bring in tasks that another one widens again.
        let children = children
        let dependents = dependents
        var last = -1
        while chosen.count != last {
            last = chosen.count
            if request.children ?? true { widen(&chosen) { children[$0] ?? [] } }
            if request.upstream == true { widen(&chosen) { definitions[$0].dependencies } }
            if request.dependents == true { widen(&chosen) { dependents[$0] ?? [] } }
        }
        let linked = Set((request.link ?? []).compactMap { indices[$0] })
        for index in chosen.sorted() where !linked.contains(index) {
            for outside in definitions[index].dependencies where !chosen.contains(outside) {
                let task = definitions[index].spec.id
                problems.append(
                    GraphProblem(
                        path: "tasks",
                        message: "'\(task)' depends on '\(definitions[outside].spec.id)', which would be left outside: "
                            + "add it, or say 'upstream'"))
            }
        }
        guard problems.isEmpty else {
            throw OperationError(.invalid, "the request has \(problems.count) problems", problems: Array(problems.prefix(100)))
        }
        return chosen.sorted()
    }

    private func widen(_ chosen: inout Set<Int>, by next: (Int) -> [Int]) {
        var open = Array(chosen)
        while let task = open.popLast() {
            for other in next(task) where chosen.insert(other).inserted { open.append(other) }
        }
    }

    private var children: [Int: [Int]] {
        Dictionary(grouping: definitions.indices.filter { definitions[$0].spec.parent != nil }) { index in
            definitions[index].spec.parent.flatMap { indices[$0] } ?? -1
        }
    }

    private var dependents: [Int: [Int]] {
        var dependents: [Int: [Int]] = [:]
        for (index, definition) in definitions.enumerated() {
            for dependency in definition.dependencies { dependents[dependency, default: []].append(index) }
        }
        return dependents
    }
}
