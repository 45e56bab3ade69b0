/// One task of a document.
extension GraphReader {
    static let taskFields = [
        "id", "handler", "inputs", "params", "parent", "dependencies", "merge", "queue", "priority", "delay", "at", "retry",
        "timeouts", "critical",
    ]

    /// - Parameter needsID: whether a task without an id is a mistake; else it gets the id `?` to be replaced.
    mutating func task(_ path: String, _ json: inout JSONReader, needsID: Bool = true) throws(JSONError) -> TaskSpec {
        var task = TaskSpec(id: TaskID(Self.unread), handler: HandlerName(Self.unread))
        guard try json.peek() == .object else {
            problems.add(path, "must be an object with an id and a handler")
            try json.skipValue()
            return task
        }
        var rules = TaskRules()
        let known = Self.taskFields + Self.ruleFields
        let seen = try object(path, &json, known: known) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "id": task.id = TaskID(try reader.name(place, &json))
            case "handler": task.handler = HandlerName(try reader.name(place, &json))
            case "inputs": task.inputs = try reader.payload(&json)
            case "params": task.params = try reader.payload(&json)
            case "parent": task.parent = try reader.string(place, &json).map(TaskID.init(rawValue:))
            case "dependencies": task.dependencies = try reader.dependencies(place, &json)
            case "merge":
                let merge = try reader.string(place, &json)
                task.mergesFlat = merge == "flat"
                if let merge, merge != "flat", merge != "named" {
                    reader.problems.add(place, "'\(merge)' is not one of named, flat")
                }
            case "queue": if let queue = try reader.queue(place, &json) { task.queue = queue }
            case "priority":
                guard let number = try reader.integer(place, &json) else { return true }
                if let priority = Priority(rawValue: number) {
                    task.priority = priority
                } else {
                    reader.problems.add(place, "\(number) is not a priority: 0 urgent, 1 high, 2 normal, 3 low")
                }
            case "delay": if let delay = try reader.duration(place, &json) { task.start = .after(delay) }
            case "at":
                guard let text = try reader.string(place, &json) else { return true }
                if let time = Timestamp(text) {
                    task.start = .at(time)
                } else {
                    reader.problems.add(place, "'\(text)' is not a time such as 2026-12-01T08:00:00Z")
                }
            case "retry": task.retry = try reader.retry(place, &json)
            case "timeouts": task.timeouts = try reader.timeouts(place, &json)
            case "critical": task.critical = try reader.bool(place, &json) ?? true
            default: return try reader.rule(name, place, &rules, &json)
            }
            return true
        } ?? []
        if seen.contains("delay"), seen.contains("at") {
            problems.add("\(path).delay", "can't stand beside 'at': give one of them")
        }
        if needsID, !seen.contains("id") { problems.add("\(path).id", "is missing") }
        nameHandler(of: &task, rules, seen, path)
        finish(&rules, seen, path)
        if rules != .none { task.rules = rules }
        return task
    }

    /// Each task has one thing that makes its result: a handler, a graph of its own, or an answer from outside.
    private mutating func nameHandler(of task: inout TaskSpec, _ rules: TaskRules, _ seen: Set<String>, _ path: String) {
        let others = ["graph", "answer"].filter(seen.contains)
        if let other = others.first {
            // What is read back from the store names the stand-in.
            let isStandIn = task.handler == .graph || task.handler == .answer
            if others.count > 1 || (seen.contains("handler") && !isStandIn) {
                problems.add("\(path).\(other)", "can't stand beside \(others.count > 1 ? "'answer'" : "'handler'"): give one of them")
            }
            task.handler = other == "graph" ? .graph : .answer
        } else if !seen.contains("handler") {
            problems.add("\(path).handler", "is missing: name the handler that runs the task")
        } else if task.handler == .graph || task.handler == .answer {
            problems.add("\(path).handler", "'\(task.handler)' is Baton's own: give the task a 'graph' or an 'answer' instead")
        }
    }

    mutating func queue(_ path: String, _ json: inout JSONReader) throws(JSONError) -> QueueName? {
        if try json.peek() == .string { return QueueName(try name(path, &json)) }
        try wrongType(path, "a text", &json)
        return nil
    }

    private mutating func dependencies(_ path: String, _ json: inout JSONReader) throws(JSONError) -> [Dependency] {
        var dependencies: [Dependency] = []
        guard try json.peek() == .array else {
            problems.add(path, "must be a list of tasks' ids")
            try json.skipValue()
            return []
        }
        try list(path, &json, of: "tasks' ids") { (reader, place, json) throws(JSONError) in
            switch try json.peek() {
            case .string: dependencies.append(Dependency(TaskID(try reader.name(place, &json))))
            case .object: dependencies.append(try reader.dependency(place, &json))
            default:
                reader.problems.add(place, "must be a task's id, or an object with 'task'")
                try json.skipValue()
                // Keeps the places of those that follow.
                dependencies.append(Dependency(TaskID(Self.unread)))
            }
        }
        return dependencies
    }

    private mutating func dependency(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Dependency {
        var dependency = Dependency(TaskID(Self.unread))
        var required: Bool?
        var condition: Dependency.Condition?
        let known = ["task", "required", "as", "on", "select"]
        let seen = try object(path, &json, known: known) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "task": dependency.task = TaskID(try reader.name(place, &json))
            case "required": required = try reader.bool(place, &json)
            case "as": dependency.alias = try reader.string(place, &json)
            case "on":
                condition = try reader.choice(place, &json, Dependency.Condition.self)
                if let condition, !condition.isPublic, !reader.isChecked {
                    let origin = condition == .routed ? "routes: name this task in the 'routes' of the other" : "'mode: sequential'"
                    reader.problems.add(place, "'\(condition.rawValue)' is made by \(origin)")
                }
            case "select":
                guard try json.peek() == .object else {
                    dependency.select = try reader.expression(place, &json)
                    return true
                }
                let seen = try reader.object(place, &json, known: ["expression", "required"]) { (reader, name, place, json) throws(JSONError) in
                    switch name {
                    case "expression": dependency.select = try reader.expression(place, &json)
                    case "required": dependency.requiresPart = try reader.bool(place, &json) ?? false
                    default: return false
                    }
                    return true
                }
                if let seen, !seen.contains("expression") { reader.problems.add("\(place).expression", "is missing") }
            default: return false
            }
            return true
        } ?? []
        if !seen.contains("task") { problems.add("\(path).task", "is missing: name the task to wait for") }
        if required == true, let condition, condition != .completed {
            problems.add("\(path).on", "'\(condition.rawValue)' contradicts 'required: true', which waits for completion")
        }
        dependency.condition = condition ?? (required == false ? .finished : .completed)
        return dependency
    }
}
