import BatonModel

/// A task that a handler dispatches, before it is written as a task document. What the coordinator would refuse is refused
/// here, where the handler can still be told.
struct DispatchedTask: Sendable {
    /// The coordinator makes one where absent.
    var id: TaskID?
    var handler: HandlerName
    var inputs: JSON?
    var params: JSON?
    var after: [TaskID] = []
    var queue: QueueName?
    var priority: Priority?
    var delay: Duration?
    var time: Timestamp?
    var timeouts: Timeouts?
    var maxAttempts: Int?
    var round: Int?
    /// Written as it is, where present; the fields above are only checked then.
    var whole: JSON?

    static let longestDelay: Duration = .seconds(3650 * 86_400)

    init(handler: HandlerName, id: TaskID? = nil) {
        self.handler = handler
        self.id = id
    }

    init(_ spec: TaskSpec) {
        self.init(handler: spec.handler, id: spec.id)
        inputs = spec.inputs
        params = spec.params
        after = spec.dependencies.map(\.task)
        queue = spec.queue
        switch spec.start {
        case .atOnce: break
        case .after(let delay): self.delay = delay
        case .at(let time): self.time = time
        }
        // A list of one, without its brackets.
        let list = Graph(name: "dispatch", tasks: [spec]).document.fields?.first { $0.name == "tasks" }?.value
        whole = list.map { JSON(trusted: Array($0.bytes.dropFirst().dropLast())) }
    }

    /// - Throws: `TaskError` of type `invalidDispatch` that names the field.
    func document() throws(TaskError) -> JSON {
        try check()
        if let whole { return whole }
        var writer = JSONWriter(reserving: (inputs?.bytes.count ?? 0) + (params?.bytes.count ?? 0) + 256)
        writer.object { writer in
            writer.field("id", id?.rawValue)
            writer.field("handler", handler.rawValue)
            writer.field("inputs", inputs)
            writer.field("params", params)
            if !after.isEmpty {
                writer.name("dependencies")
                writer.array { for task in after { $0.write(task.rawValue) } }
            }
            if let queue, queue != .default { writer.field("queue", queue.rawValue) }
            if let priority, priority != .normal { writer.field("priority", priority.rawValue) }
            writer.field("delay", delay?.text)
            writer.field("at", time?.description)
            if let maxAttempts {
                writer.name("retry")
                writer.object { $0.field("maxAttempts", maxAttempts) }
            }
            if let timeouts, timeouts != .none { writer.field("timeouts", timeouts.document) }
            writer.field("round", round)
        }
        return writer.json
    }

    private func check() throws(TaskError) {
        try checkName("handler", handler.rawValue)
        if let id { try checkName("id", id.rawValue) }
        if let queue { try checkName("queue", queue.rawValue) }
        var seen: Set<TaskID> = []
        for task in after {
            try checkName("after", task.rawValue)
            if task == id { throw Self.invalid("after: '\(task)' can't wait for itself") }
            if !seen.insert(task).inserted { throw Self.invalid("after: '\(task)' is named twice") }
        }
        let limits = Limits()
        try checkSize("inputs", inputs, limits.payloadBytes)
        try checkSize("params", params, limits.paramsBytes)
        if !after.isEmpty, let inputs, !inputs.isObject {
            throw Self.invalid("inputs: must be an object, because the results of the tasks in 'after' are put beside its fields")
        }
        if delay != nil, time != nil { throw Self.invalid("delay: can't stand beside 'at': give one of them") }
        if let delay, delay < .zero || delay > Self.longestDelay {
            throw Self.invalid("delay: \(delay) is not from 0 to 3650 days")
        }
    }

    private func checkName(_ field: String, _ name: String) throws(TaskError) {
        guard !NameRule.allows(name) else { return }
        throw Self.invalid("\(field): '\(name.prefix(200))' is not a name: \(NameRule.explanation)")
    }

    private func checkSize(_ field: String, _ payload: JSON?, _ limit: Int) throws(TaskError) {
        guard let payload, payload.bytes.count > limit else { return }
        throw TaskError(
            type: TaskError.Kind.tooLarge,
            message: "dispatch: the \(field) have \(payload.bytes.count) bytes; the limit is \(limit)", retryable: false)
    }

    static func invalid(_ message: String) -> TaskError {
        TaskError(type: "invalidDispatch", message: "dispatch: \(message)", retryable: false)
    }
}
