import BatonModel

/// Makes tasks of steps, once all of them are there: names those that have no id, and resolves what they say of one another.
struct GraphAssembly {
    private var steps: [ObjectIdentifier: [StepDraft]] = [:]
    private var ids: [StepReference: TaskID] = [:]
    private var taken: Set<String> = []
    /// The last number given to each stem.
    private var numbers: [String: Int] = [:]
    private(set) var problems: [GraphProblem] = []

    /// - Throws: `InvalidGraph` with everything that couldn't be encoded or doesn't fit together.
    static func tasks(of draft: GraphDraft) throws(InvalidGraph) -> [TaskSpec] {
        var assembly = GraphAssembly()
        assembly.finish(draft)
        assembly.name(draft)
        let tasks = assembly.tasks(of: draft, at: "tasks")
        guard assembly.problems.isEmpty else { throw InvalidGraph(problems: assembly.problems) }
        return tasks
    }

    /// Ids that were given come first, so that those that are made keep clear of them.
    private mutating func finish(_ draft: GraphDraft) {
        let list = draft.finish()
        steps[ObjectIdentifier(draft)] = list
        for step in list {
            if let id = step.id { taken.insert(id.rawValue) }
            for (_, draft) in step.continuations { finish(draft) }
        }
    }

    /// Unique in the whole document, because continuations become tasks of the same run.
    private mutating func name(_ draft: GraphDraft) {
        for (index, step) in (steps[ObjectIdentifier(draft)] ?? []).enumerated() {
            ids[StepReference(draft: draft, index: index)] = step.id ?? unusedID(step.stem)
            for (_, draft) in step.continuations { name(draft) }
        }
    }

    private mutating func unusedID(_ stem: String) -> TaskID {
        var number = numbers[stem] ?? 0
        var id: String
        repeat {
            number += 1
            let suffix = number == 1 ? "" : "-\(number)"
            id = String(stem.prefix(NameRule.maximumLength - suffix.utf8.count)) + suffix
        } while !taken.insert(id).inserted
        numbers[stem] = number
        return TaskID(id)
    }

    private mutating func tasks(of draft: GraphDraft, at path: String) -> [TaskSpec] {
        (steps[ObjectIdentifier(draft)] ?? []).enumerated().map { index, step in
            let place = "\(path)[\(index)]"
            var problems = step.problems.map { GraphProblem(path: "\(place).\($0.path)", message: $0.message) }
            var task = step.spec
            task.id = id(StepReference(draft: draft, index: index))
            step.resolve(in: &task) { reference, field in
                if reference.draft !== draft {
                    problems.append(
                        GraphProblem(
                            path: "\(place).\(field)", message: "'\(handler(reference))' is a step of another graph or list of tasks"))
                }
                return id(reference)
            } report: { field, message in
                problems.append(GraphProblem(path: "\(place).\(field)", message: message))
            }
            self.problems += problems
            for (kind, draft) in step.continuations { task.rules.continuations[keyPath: kind.tasks] += tasks(of: draft, at: "\(place).\(kind)") }
            return task
        }
    }

    private func id(_ reference: StepReference) -> TaskID { ids[reference] ?? TaskID("unknown") }

    private func handler(_ reference: StepReference) -> HandlerName {
        steps[ObjectIdentifier(reference.draft)]?[reference.index].spec.handler ?? HandlerName(id(reference).rawValue)
    }
}
