/// Reads a graph document, and says everything that is wrong with it.
///
/// Payloads (`input`, `inputs`, `params`) are taken as text, without decoding them.
public struct GraphReader {
    private var problems: ProblemList
    private let limits: Limits
    private var isTruncated = false

    /// Stands for a name that was missing or no text, which has been reported.
    static let unread = "?"

    /// - Throws: `InvalidGraph` with each problem and its path.
    public static func read(json bytes: [UInt8], limits: Limits = Limits()) throws(InvalidGraph) -> Graph {
        var reader = GraphReader(limits: limits)
        let graph: Graph
        do throws(JSONError) {
            var json = JSONReader(bytes)
            graph = try reader.graph(&json)
            try json.finish()
        } catch {
            throw InvalidGraph("the document is not JSON: \(error)")
        }
        // The tasks behind the limit aren't there to be depended on.
        if reader.isTruncated { try reader.problems.check() }
        reader.problems = graph.problems(adding: reader.problems, limits: limits)
        try reader.problems.check()
        return graph
    }

    private init(limits: Limits) {
        self.limits = limits
        self.problems = ProblemList(limit: limits.reportedProblems)
    }

    private mutating func graph(_ json: inout JSONReader) throws(JSONError) -> Graph {
        var graph = Graph(name: Self.unread, tasks: [])
        guard try json.peek() == .object else {
            problems.add("", "the document must be an object with a name and tasks")
            try json.skipValue()
            return graph
        }
        var seen: Set<String> = []
        try json.readObject { (name, json) throws(JSONError) in
            guard once(name, &seen, "") else { return try json.skipValue() }
            switch name {
            case "name": graph.name = try self.name(name, &json)
            case "key": graph.key = try string(name, &json)
            case "correlationId": graph.correlationID = try string(name, &json)
            case "owner": graph.owner = try string(name, &json)
            case "input": graph.input = try payload(&json)
            case "timeout": graph.timeout = try duration(name, &json)
            case "mode":
                let mode = try string(name, &json)
                if let mode, mode != "graph" {
                    problems.add(name, "'\(mode)' is not a mode this version runs: leave it out or say graph")
                }
            case "onFailure":
                graph.onFailure = try choice(name, &json, Graph.FailureMode.self, "'compensate' is not run by this version") ?? .stop
            case "tasks":
                guard try json.peek() == .array else {
                    problems.add(name, "must be a list of tasks")
                    return try json.skipValue()
                }
                var index = 0
                var tasks: [TaskSpec] = []
                try json.readArray { (json) throws(JSONError) in
                    if index < limits.tasksPerGraph {
                        tasks.append(try task("tasks[\(index)]", &json))
                    } else {
                        try json.skipValue()
                    }
                    index += 1
                }
                graph.tasks = tasks
                if index == 0 { problems.add(name, "is empty: a graph needs at least one task") }
                if index > limits.tasksPerGraph {
                    isTruncated = true
                    problems.add(name, "\(index) tasks are more than the limit tasksPerGraph of \(limits.tasksPerGraph)")
                }
            default: try unknown(name, "", &json, known: Self.graphFields)
            }
        }
        if !seen.contains("tasks") { problems.add("tasks", "is missing: a graph needs a list of tasks") }
        if !seen.contains("name") { problems.add("name", "is missing: a graph needs a name of \(NameRule.explanation)") }
        return graph
    }

    private mutating func task(_ path: String, _ json: inout JSONReader) throws(JSONError) -> TaskSpec {
        var task = TaskSpec(id: TaskID(Self.unread), handler: HandlerName(Self.unread))
        guard try json.peek() == .object else {
            problems.add(path, "must be an object with an id and a handler")
            try json.skipValue()
            return task
        }
        var seen: Set<String> = []
        try json.readObject { (name, json) throws(JSONError) in
            guard once(name, &seen, path) else { return try json.skipValue() }
            let place = "\(path).\(name)"
            switch name {
            case "id": task.id = TaskID(try self.name(place, &json))
            case "handler": task.handler = HandlerName(try self.name(place, &json))
            case "inputs": task.inputs = try payload(&json)
            case "params": task.params = try payload(&json)
            case "parent": task.parent = try string(place, &json).map(TaskID.init(rawValue:))
            case "dependencies": task.dependencies = try dependencies(place, &json)
            case "merge":
                let merge = try string(place, &json)
                task.mergesFlat = merge == "flat"
                if let merge, merge != "flat", merge != "named" {
                    problems.add(place, "'\(merge)' is not one of named, flat")
                }
            case "queue":
                if try json.peek() == .string {
                    task.queue = QueueName(try self.name(place, &json))
                } else {
                    try wrongType(place, "a text", &json)
                }
            case "priority":
                guard let number = try integer(place, &json) else { return }
                if let priority = Priority(rawValue: number) {
                    task.priority = priority
                } else {
                    problems.add(place, "\(number) is not a priority: 0 urgent, 1 high, 2 normal, 3 low")
                }
            case "delay":
                if let delay = try duration(place, &json) { task.start = .after(delay) }
            case "at":
                guard let text = try string(place, &json) else { return }
                if let time = Timestamp(text) {
                    task.start = .at(time)
                } else {
                    problems.add(place, "'\(text)' is not a time such as 2026-12-01T08:00:00Z")
                }
            case "retry": task.retry = try retry(place, &json)
            case "timeouts": task.timeouts = try timeouts(place, &json)
            case "critical": task.critical = try bool(place, &json) ?? true
            default: try unknown(name, path, &json, known: Self.taskFields)
            }
        }
        if seen.contains("delay"), seen.contains("at") {
            problems.add("\(path).delay", "can't stand beside 'at': give one of them")
        }
        if !seen.contains("id") { problems.add("\(path).id", "is missing") }
        if !seen.contains("handler") { problems.add("\(path).handler", "is missing: name the handler that runs the task") }
        return task
    }

    private mutating func dependencies(_ path: String, _ json: inout JSONReader) throws(JSONError) -> [Dependency] {
        guard try json.peek() == .array else {
            problems.add(path, "must be a list of tasks' ids")
            try json.skipValue()
            return []
        }
        var list: [Dependency] = []
        try json.readArray { (json) throws(JSONError) in
            let place = "\(path)[\(list.count)]"
            switch try json.peek() {
            case .string: list.append(Dependency(TaskID(try name(place, &json))))
            case .object: list.append(try dependency(place, &json))
            default:
                problems.add(place, "must be a task's id, or an object with 'task'")
                try json.skipValue()
                // Keeps the places of those that follow.
                list.append(Dependency(TaskID(Self.unread)))
            }
        }
        return list
    }

    private mutating func dependency(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Dependency {
        var dependency = Dependency(TaskID(Self.unread))
        var required: Bool?
        var condition: Dependency.Condition?
        var seen: Set<String> = []
        try json.readObject { (name, json) throws(JSONError) in
            guard once(name, &seen, path) else { return try json.skipValue() }
            let place = "\(path).\(name)"
            switch name {
            case "task": dependency.task = TaskID(try self.name(place, &json))
            case "required": required = try bool(place, &json)
            case "as": dependency.alias = try string(place, &json)
            case "on": condition = try choice(place, &json, Dependency.Condition.self)
            default: try unknown(name, path, &json, known: Self.dependencyFields)
            }
        }
        if !seen.contains("task") { problems.add("\(path).task", "is missing: name the task to wait for") }
        if required == true, let condition, condition != .completed {
            problems.add("\(path).on", "'\(condition.rawValue)' contradicts 'required: true', which waits for completion")
        }
        dependency.condition = condition ?? (required == false ? .finished : .completed)
        return dependency
    }

    private mutating func retry(_ path: String, _ json: inout JSONReader) throws(JSONError) -> RetryPolicy? {
        guard try isObject(path, &json) else { return nil }
        var policy = RetryPolicy.default
        var backoff: String?
        var delays: [Duration] = []
        var seen: Set<String> = []
        try json.readObject { (name, json) throws(JSONError) in
            guard once(name, &seen, path) else { return try json.skipValue() }
            let place = "\(path).\(name)"
            switch name {
            case "maxAttempts":
                guard let number = try integer(place, &json) else { return }
                if (1...1_000_000).contains(number) {
                    policy.maxAttempts = number
                } else {
                    problems.add(place, "\(number) must be from 1 to 1000000")
                }
            case "backoff":
                backoff = try string(place, &json)
                switch backoff {
                case "fixed": policy.backoff = .fixed
                case "linear": policy.backoff = .linear
                case "exponential", nil: policy.backoff = .exponential
                case "explicit": break
                case .some(let other): problems.add(place, "'\(other)' is not one of fixed, linear, exponential, explicit")
                }
            case "delay": policy.delay = try duration(place, &json) ?? policy.delay
            case "delays":
                guard try json.peek() == .array else {
                    problems.add(place, "must be a list of durations")
                    return try json.skipValue()
                }
                var index = 0
                try json.readArray { (json) throws(JSONError) in
                    if let delay = try duration("\(place)[\(index)]", &json) { delays.append(delay) }
                    index += 1
                }
            case "factor":
                guard let number = try number(place, &json) else { return }
                if number >= 1, number <= 100 {
                    policy.factor = number
                } else {
                    problems.add(place, "\(number) must be from 1 to 100")
                }
            case "maxDelay": policy.maxDelay = try duration(place, &json) ?? policy.maxDelay
            case "jitter":
                guard let number = try number(place, &json) else { return }
                if number >= 0, number <= 1 {
                    policy.jitter = number
                } else {
                    problems.add(place, "\(number) must be from 0 to 1")
                }
            case "only": policy.only = try strings(place, &json)
            case "never": policy.never = try strings(place, &json)
            default: try unknown(name, path, &json, known: Self.retryFields)
            }
        }
        if !delays.isEmpty, backoff == nil || backoff == "explicit" {
            policy.backoff = .explicit(delays)
        } else if !delays.isEmpty {
            problems.add("\(path).delays", "belongs to 'backoff: explicit'")
        } else if backoff == "explicit" {
            problems.add("\(path).delays", "is missing: 'backoff: explicit' needs a list of durations")
        }
        return policy
    }

    private mutating func timeouts(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Timeouts {
        guard try isObject(path, &json) else { return .none }
        var timeouts = Timeouts()
        var seen: Set<String> = []
        try json.readObject { (name, json) throws(JSONError) in
            guard once(name, &seen, path) else { return try json.skipValue() }
            let place = "\(path).\(name)"
            switch name {
            case "attempt": timeouts.attempt = try limit(place, &json)
            case "total": timeouts.total = try limit(place, &json)
            case "queued": timeouts.queued = try limit(place, &json)
            case "heartbeat": timeouts.heartbeat = try limit(place, &json)
            default: try unknown(name, path, &json, known: Self.timeoutFields)
            }
        }
        return timeouts
    }
}

// MARK: - Fields of one type

extension GraphReader {
    private static let graphFields = [
        "name", "key", "correlationId", "owner", "input", "timeout", "mode", "onFailure", "tasks",
    ]
    private static let taskFields = [
        "id", "handler", "inputs", "params", "parent", "dependencies", "merge", "queue", "priority", "delay", "at", "retry",
        "timeouts", "critical",
    ]
    private static let dependencyFields = ["task", "required", "as", "on"]
    private static let retryFields = [
        "maxAttempts", "backoff", "delay", "delays", "factor", "maxDelay", "jitter", "only", "never",
    ]
    private static let timeoutFields = ["attempt", "total", "queued", "heartbeat"]

    private mutating func once(_ name: String, _ seen: inout Set<String>, _ path: String) -> Bool {
        guard seen.insert(name).inserted else {
            problems.add(Self.join(path, name), "is given twice")
            return false
        }
        return true
    }

    private mutating func unknown(_ name: String, _ path: String, _ json: inout JSONReader, known: [String]) throws(JSONError) {
        problems.add(Self.join(path, name), "is not a field this version knows: \(known.joined(separator: ", "))")
        try json.skipValue()
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// A null counts as absent.
    private mutating func payload(_ json: inout JSONReader) throws(JSONError) -> JSON? {
        let value = try json.readRaw()
        return value.isNull ? nil : value
    }

    private mutating func isObject(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Bool {
        if try json.peek() == .object { return true }
        problems.add(path, "must be an object")
        try json.skipValue()
        return false
    }

    private mutating func wrongType(_ path: String, _ expected: String, _ json: inout JSONReader) throws(JSONError) {
        let found = try json.peek()
        problems.add(path, "must be \(expected), but is \(found == .null ? "null" : "a value of type \(found.rawValue)")")
        try json.skipValue()
    }

    private mutating func string(_ path: String, _ json: inout JSONReader) throws(JSONError) -> String? {
        if try json.peek() == .string { return try json.readString() }
        try wrongType(path, "a text", &json)
        return nil
    }

    /// A text that is checked with the graph as a whole, once all ids are known.
    private mutating func name(_ path: String, _ json: inout JSONReader) throws(JSONError) -> String {
        guard let text = try string(path, &json) else { return Self.unread }
        if text == Self.unread { problems.add(path, "'\(text)' is not a name: \(NameRule.explanation)") }
        return text
    }

    private mutating func strings(_ path: String, _ json: inout JSONReader) throws(JSONError) -> [String] {
        guard try json.peek() == .array else {
            try wrongType(path, "a list of texts", &json)
            return []
        }
        var list: [String] = []
        var index = 0
        try json.readArray { (json) throws(JSONError) in
            if let text = try string("\(path)[\(index)]", &json) { list.append(text) }
            index += 1
        }
        return list
    }

    private mutating func bool(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Bool? {
        if try json.peek() == .bool { return try json.readBool() }
        try wrongType(path, "true or false", &json)
        return nil
    }

    private mutating func number(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Double? {
        if try json.peek() == .number { return Double(try json.readNumberText()) }
        try wrongType(path, "a number", &json)
        return nil
    }

    private mutating func integer(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Int? {
        guard let value = try number(path, &json) else { return nil }
        if let integer = Int(exactly: value) { return integer }
        problems.add(path, "\(value) must be a whole number")
        return nil
    }

    private mutating func duration(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Duration? {
        guard let text = try string(path, &json) else { return nil }
        if let duration = Duration(text: text) { return duration }
        problems.add(path, "'\(text)' is not \(Duration.textExplanation)")
        return nil
    }

    private mutating func limit(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Duration? {
        guard let duration = try duration(path, &json) else { return nil }
        if duration > .zero { return duration }
        problems.add(path, "must be longer than 0")
        return nil
    }

    private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ path: String, _ json: inout JSONReader, _ type: Choice.Type, _ remark: String? = nil
    ) throws(JSONError) -> Choice? {
        guard let text = try string(path, &json) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        problems.add(path, "'\(text)' is not one of \(known)" + (remark.map { " (\($0))" } ?? ""))
        return nil
    }
}
