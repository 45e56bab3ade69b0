/// What is put beside a task's own inputs: results under the names of those that gave them, and the item of a loop.
extension TaskListCheck {
    /// The routes that lead back, in the order in which the tasks will run.
    func backRoutes() -> Set<RouteEdge> {
        guard tasks.contains(where: { $0.hasRules && $0.rules.routing != nil }) else { return [] }
        var tasks = tasks
        if mode == .sequential {
            for index in tasks.indices.dropFirst() { tasks[index].dependencies = [Dependency(tasks[index - 1].id)] }
        }
        return Graph(name: "g", tasks: tasks).backRoutes()
    }

    /// Whose results tasks see without saying so: the tasks before them in sequential mode, and decisions that lead to them.
    func impliedDependencies(_ indices: [TaskID: Int], _ back: Set<RouteEdge>) -> [Int: [TaskID]] {
        var implied: [Int: [TaskID]] = [:]
        if mode == .sequential {
            for index in tasks.indices.dropFirst() where tasks[index].inputs != nil {
                var seen: Set<TaskID> = []
                implied[index] = tasks[(index - window(at: index))..<index].map(\.id).filter { $0.rawValue != unread && seen.insert($0).inserted }
            }
        }
        for (index, task) in tasks.enumerated() where task.hasRules {
            guard let routing = task.rules.routing else { continue }
            for target in Set(routing.routes.flatMap(\.targets)) {
                guard let other = indices[target], !back.contains(RouteEdge(decision: index, target: other)) else { continue }
                if implied[other]?.contains(task.id) != true { implied[other, default: []].append(task.id) }
            }
        }
        return implied
    }

    /// Each item is a task's input.
    func addItemProblems(_ items: JSON, _ place: String, to problems: inout ProblemList) {
        var reader = JSONReader(items.bytes)
        var count = 0
        do throws(JSONError) {
            try reader.readArray { (reader) throws(JSONError) in
                let item = try reader.readRaw()
                if item.bytes.count > limits.payloadBytes {
                    problems.add("\(place)[\(count)]", Self.tooLarge(item, "payloadBytes", limits.payloadBytes))
                }
                count += 1
            }
        } catch {
            problems.add(place, "must be a list")
        }
        if count > limits.tasksPerGraph {
            problems.add(place, "\(count) items are more than the limit tasksPerGraph of \(limits.tasksPerGraph)")
        }
    }

    /// In sequential mode: how many of the tasks before this one it sees.
    private func window(at index: Int) -> Int {
        min(index, max(1, tasks[index].hasRules ? tasks[index].rules.context?.window ?? 1 : 1))
    }

    /// Each result that a window shows is a dependency, and a few bytes of a document could ask for any number of them.
    ///
    /// - Returns: whether the windows are small enough.
    func checkWindows(_ problems: inout ProblemList) -> Bool {
        guard mode == .sequential else { return true }
        var total = 0
        for index in tasks.indices {
            total += max(0, window(at: index) - 1)
            guard total > limits.tasksPerGraph else { continue }
            problems.add(
                "\(path)[\(index)].context.window",
                "the windows up to here show \(total) results, more than the limit tasksPerGraph of \(limits.tasksPerGraph)")
            return false
        }
        return true
    }

    /// - Parameters:
    ///   - implied: of these no dependency is declared.
    ///   - declared: the names under which the declared dependencies are seen.
    func addInputProblems(
        of task: TaskSpec, at index: Int, _ implied: [TaskID], _ declared: Set<String>, to problems: inout ProblemList
    ) {
        var names = declared
        for id in implied where !names.insert(id.rawValue).inserted {
            problems.add(
                "\(path)[\(index)].dependencies",
                "one is seen as '\(id)', which is the name of a task whose result is passed on to this one: give it another with 'as'")
        }
        let loop = task.hasRules ? task.rules.loop : nil
        if loop?.alias == "index" {
            problems.add("\(path)[\(index)].forEach.as", "'index' is where an execution sees the place of its item: choose another name")
        } else if let loop, !task.mergesFlat {
            for name in [loop.alias, "index"] where names.contains(name) {
                problems.add("\(path)[\(index)].forEach.as", "'\(name)' is the name of a dependency too: give one of them another with 'as'")
            }
        }
        guard let inputs = task.inputs, !names.isEmpty || loop != nil else { return }
        guard let fields = inputs.fields else {
            let what = names.isEmpty ? "the loop's item is" : "the results of the dependencies are"
            problems.add("\(path)[\(index)].inputs", "must be an object, because \(what) put beside its fields")
            return
        }
        guard !task.mergesFlat else { return }
        for field in fields where names.contains(field.name) {
            let remedy = declared.contains(field.name) ? "give the dependency another one with 'as'" : "rename the field"
            problems.add("\(path)[\(index)].inputs.\(field.name)", "has the name of a dependency: \(remedy)")
        }
    }
}
