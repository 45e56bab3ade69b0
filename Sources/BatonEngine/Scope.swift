import BatonModel
import JMESPath

/// What expressions of a task see: `input`, `inputs`, `status`, and each dependency's result by its name; of a continuation also
/// `origin`, of a loop's item the item. Built only as far as the expression looks.
struct Scope {
    let state: RunState
    let task: Int
    let payloads: any RunPayloads
    let results: [Int: JSON]
    let errors: [Int: TaskError]

    /// - Throws: `TaskError` where the expression can't be applied; else what the payloads throw.
    func evaluate(_ text: String) throws -> JMESPath.Value {
        try Self.applying(text) { expression in
            try expression.evaluate(.object(fields(for: expression.references)))
        }
    }

    /// - Throws: `TaskError` where the expression can't be applied to the value.
    static func evaluate(_ text: String, on json: JSON) throws -> JMESPath.Value {
        try applying(text) { try $0.evaluate(Value(json: json.bytes)) }
    }

    private static func applying(_ text: String, _ body: (Expression) throws -> Value) throws -> Value {
        do {
            return try body(try Expression.compiled(text))
        } catch let error as JMESPathError {
            throw inapplicable(text, error.message)
        } catch let error as Value.ParseError {
            // JSON knows numbers that expressions don't.
            throw inapplicable(text, "it looks at a value that expressions can't hold: \(error.message)")
        }
    }

    private static func inapplicable(_ text: String, _ reason: String) -> TaskError {
        TaskError(type: TaskError.Kind.expression, message: "the expression '\(text)' can't be applied: \(reason)", retryable: false)
    }

    private func fields(for names: Set<String>?) throws -> Value.Object {
        var object = Value.Object()
        let needs = { (name: String) in names?.contains(name) ?? true }
        if needs("input") { object.set("input", to: try Self.value(payloads.input())) }
        let node = state.nodes[task]
        let source = source(of: task)
        if needs("inputs") { object.set("inputs", to: try Self.value(payloads.inputs(of: source))) }
        var statuses = Value.Object()
        let edges = state.nodes.has(source) ? state.nodes[source].dependencies : []
        for (edge, dependency) in zip(edges, try edges.isEmpty ? [] : dependencies(of: source, names)) {
            let other = Int(edge.task)
            let status = state.tasks.has(other) ? state.tasks[other].status : .completed
            statuses.set(dependency.name, to: .string(status.rawValue))
            guard needs(dependency.name) else { continue }
            object.set(dependency.name, to: status == .completed ? try Self.value(result(of: other)) : .null)
        }
        if needs("status") { object.set("status", to: .object(statuses)) }
        if needs("origin"), node.role == .continuation { object.set("origin", to: try origin(Int(node.origin))) }
        if node.role == .item, let loop = state.nodes.has(Int(node.origin)) ? state.nodes[Int(node.origin)].rules.loop : nil {
            if needs(loop.alias) {
                object.set(loop.alias, to: try Self.value(payloads.item(Int(node.number), of: Int(node.origin))))
            }
            if needs("index") { object.set("index", to: .integer(Int64(node.number))) }
        }
        return object
    }

    /// An expression that looks at no dependency needs no names of them.
    private func dependencies(of task: Int, _ names: Set<String>?) throws -> [Dependency] {
        if let names, names.isSubset(of: ["input", "inputs"]) { return [] }
        return try payloads.dependencies(of: task)
    }

    /// The task whose inputs and dependencies these are: of a loop's item its loop.
    private func source(of task: Int) -> Int {
        guard state.nodes.has(task), state.nodes[task].role == .item, state.nodes[task].origin >= 0 else { return task }
        return Int(state.nodes[task].origin)
    }

    private func origin(_ task: Int) throws -> Value {
        var object = Value.Object()
        if state.nodes.has(task) { object.set("task", to: .string(state.nodes[task].id.rawValue)) }
        object.set("inputs", to: try Self.value(payloads.inputs(of: source(of: task))))
        object.set("result", to: try Self.value(result(of: task)))
        // An earlier attempt may have left one.
        let isCompleted = state.tasks.has(task) && state.tasks[task].status == .completed
        object.set("error", to: isCompleted ? .null : try Self.value((errors[task] ?? payloads.error(of: task))?.json))
        return .object(object)
    }

    private func result(of task: Int) throws -> JSON? { try results[task] ?? payloads.result(of: task) }

    private static func value(_ json: JSON?) throws -> Value {
        guard let json else { return .null }
        return try Value(json: json.bytes)
    }
}

extension Expression {
    /// Decisions are made one after another, so none may take long.
    static let limits = Limits(length: 65_536, steps: 1_000_000)

    static func compiled(_ text: String) throws(JMESPathError) -> Expression { try Expression(text, limits: limits) }
}

extension JSON {
    init(of value: JMESPath.Value) { self = JSON(trusted: value.json) }
}
