/// Reads a graph document, and says everything that is wrong with it.
///
/// Payloads (`input`, `inputs`, `params`) are taken as text, without decoding them.
public struct GraphReader {
    var problems: ProblemList
    let limits: Limits
    let checks: SyntaxChecks
    /// Whether the text is Baton's own, which may say what users' documents may not.
    let isChecked: Bool
    private var isTruncated = false
    /// Graphs within graphs, and continuations within continuations.
    var nesting = 0

    /// Stands for a name that was missing or no text, which has been reported.
    package static let unread = "?"

    /// - Parameter checks: what to hold expressions and schemas against; by default they are taken as they are.
    /// - Throws: `InvalidGraph` with each problem and its path.
    public static func read(
        json bytes: [UInt8], limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidGraph) -> Graph {
        var reader = GraphReader(limits: limits, checks: checks)
        let graph: Graph = try reader.document(bytes) { (reader, json) throws(JSONError) in try reader.graph("", &json) }
        // The tasks behind the limit aren't there to be depended on.
        if reader.isTruncated { try reader.problems.check() }
        reader.problems = graph.problems(adding: reader.problems, limits: limits, checks: checks, unread: unread)
        try reader.problems.check()
        return graph
    }

    /// Reads a list of tasks that a handler dispatches. They may name one another, and need no ids.
    ///
    /// - Throws: `InvalidGraph` with paths from `dispatch[0]` on.
    package static func read(
        dispatch bytes: [UInt8], limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidGraph) -> [TaskSpec] {
        var reader = GraphReader(limits: limits, checks: checks)
        let tasks = try reader.document(bytes) { (reader, json) throws(JSONError) in
            try reader.tasks("dispatch", &json, needsIDs: false)
        }
        if reader.isTruncated { try reader.problems.check() }
        let list = TaskListCheck(tasks, at: "dispatch", limits: limits, checks: checks, unread: unread)
        reader.problems = list.problems(adding: reader.problems)
        try reader.problems.check()
        return tasks
    }

    /// Reads one task that was checked with its graph before, as the store keeps it.
    ///
    /// - Throws: `InvalidGraph`.
    package static func read(checkedTask bytes: [UInt8]) throws(InvalidGraph) -> TaskSpec {
        var reader = GraphReader(limits: .none, checks: .none, isChecked: true)
        let task = try reader.document(bytes) { (reader, json) throws(JSONError) in try reader.task("task", &json) }
        try reader.problems.check()
        return task
    }

    /// Reads tasks that were checked before, from a document that holds them.
    ///
    /// - Throws: `InvalidGraph`.
    package static func read(checkedTasks bytes: [UInt8]) throws(InvalidGraph) -> [TaskSpec] {
        var reader = GraphReader(limits: .none, checks: .none, isChecked: true)
        let graph: Graph = try reader.document(bytes) { (reader, json) throws(JSONError) in try reader.graph("", &json) }
        try reader.problems.check()
        return graph.tasks
    }

    private init(limits: Limits, checks: SyntaxChecks, isChecked: Bool = false) {
        self.limits = limits
        self.checks = checks
        self.isChecked = isChecked
        self.problems = ProblemList(limit: limits.reportedProblems)
    }

    private mutating func document<Value>(
        _ bytes: [UInt8], _ body: (inout GraphReader, inout JSONReader) throws(JSONError) -> Value
    ) throws(InvalidGraph) -> Value {
        do throws(JSONError) {
            var json = JSONReader(bytes)
            let value = try body(&self, &json)
            try json.finish()
            return value
        } catch {
            throw InvalidGraph("the document is not JSON: \(error)")
        }
    }

    private static let graphFields = [
        "name", "key", "correlationId", "owner", "input", "inputSchema", "timeout", "mode", "onFailure", "tasks",
    ]
    private static let nestedFields = ["name", "input", "inputSchema", "timeout", "mode", "onFailure", "tasks"]

    /// - Parameter path: empty for the document itself; else of the task that is a graph.
    mutating func graph(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Graph {
        let isNested = !path.isEmpty
        var graph = Graph(name: isNested ? "graph" : Self.unread, tasks: [])
        guard try json.peek() == .object else {
            problems.add(path, "\(isNested ? "" : "the document ")must be an object with a name and tasks")
            try json.skipValue()
            return graph
        }
        var onFailure: Graph.FailureMode?
        let known = isNested ? Self.nestedFields : Self.graphFields
        let seen = try object(path, &json, known: known) { (reader, name, place, json) throws(JSONError) in
            guard known.contains(name) else { return false }
            switch name {
            case "name": graph.name = try reader.name(place, &json)
            case "key": graph.key = try reader.string(place, &json)
            case "correlationId": graph.correlationID = try reader.string(place, &json)
            case "owner": graph.owner = try reader.string(place, &json)
            case "input": graph.input = try reader.payload(&json)
            case "inputSchema": graph.inputSchema = try reader.payload(&json)
            case "timeout": graph.timeout = try reader.duration(place, &json)
            case "mode": graph.mode = try reader.choice(place, &json, Graph.Mode.self) ?? .graph
            case "onFailure": onFailure = try reader.choice(place, &json, Graph.FailureMode.self)
            default: graph.tasks = try reader.tasks(place, &json)
            }
            return true
        }
        graph.onFailure = onFailure ?? Graph.defaultOnFailure(graph.tasks)
        guard let seen else { return graph }
        let place = { GraphReader.join(path, $0) }
        if !seen.contains("tasks") { problems.add(place("tasks"), "is missing: a graph needs a list of tasks") }
        if !isNested, !seen.contains("name") {
            problems.add("name", "is missing: a graph needs a name of \(NameRule.explanation)")
        }
        return graph
    }

    mutating func tasks(_ path: String, _ json: inout JSONReader, needsIDs: Bool = true) throws(JSONError) -> [TaskSpec] {
        var tasks: [TaskSpec] = []
        var count = 0
        let earlier = problems.count
        try list(path, &json, of: "tasks") { (reader, place, json) throws(JSONError) in
            if count < reader.limits.tasksPerGraph {
                tasks.append(try reader.task(place, &json, needsID: needsIDs))
            } else {
                try json.skipValue()
            }
            count += 1
        }
        if count == 0, needsIDs, path.hasSuffix("tasks"), problems.count == earlier {
            problems.add(path, "is empty: a graph needs at least one task")
        }
        if count > limits.tasksPerGraph {
            isTruncated = true
            problems.add(path, "\(count) tasks are more than the limit tasksPerGraph of \(limits.tasksPerGraph)")
        }
        return tasks
    }
}
