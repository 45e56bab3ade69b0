import BatonModel

/// What happens to a result before it counts: validators, and the routes that it chooses.
extension Decision {
    /// The task has a result, which its validators look at first.
    mutating func examine(_ task: Int, _ result: JSON, _ dispatch: [TaskSpec]) throws {
        guard let first = state.nodes[task].policies?.rules.guardrails?.validators.first else { return try accept(task, result, dispatch) }
        disarmAttempt(task)
        state.tasks[task].flags.insert(.examined)
        state.tasks[task].flags.subtract(.leased)
        store(task)
        effects.append(.part(task: task, .draft, Draft(result: result, dispatch: dispatch).json))
        try validate(task, first, 0)
    }

    private mutating func validate(_ task: Int, _ validator: Guardrails.Validator, _ number: Int) throws {
        let node = state.nodes[task]
        var spec = TaskSpec(id: TaskID("\(node.id)~validate@\(state.nextIndex)"), handler: validator.handler)
        spec.params = validator.params
        spec.queue = node.queue
        spec.priority = node.priority
        spec.critical = false
        try makeReady(add(spec, .validator, for: task, number: number))
    }

    mutating func validatorEnded(_ validator: Int) throws {
        let task = Int(state.nodes[validator].origin)
        let number = Int(state.nodes[validator].number)
        guard !isOutdated(validator), state.tasks.has(task), state.tasks[task].flags.contains(.examined),
            state.tasks[task].status == .running, let guardrails = state.nodes[task].rules.guardrails, guardrails.validators.indices.contains(number)
        else { return }
        let handler = guardrails.validators[number].handler
        guard state.tasks[validator].status == .completed else {
            let cause = try errors[validator] ?? payloads.error(of: validator)
            let message = "the validator \(handler) gave no verdict: \(cause?.message ?? state.tasks[validator].status.rawValue)"
            return try fail(task, TaskError(type: TaskError.Kind.rejected, message: message))
        }
        guard let stored = try payloads.part(.draft, of: task), var draft = Draft(stored) else {
            return try fail(task, TaskError(type: TaskError.Kind.rejected, message: "the result to be examined is gone"))
        }
        let verdict = try results[validator] ?? payloads.result(of: validator)
        let fields = Dictionary((verdict?.fields ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        switch fields["verdict"]?.value.string {
        case "pass": break
        case "change":
            draft.result = fields["result"] ?? .null
            if let schema = state.nodes[task].rules.schemas.result, let problem = settings.problem(draft.result, schema) {
                let reason = "\(handler) changes the result to one that doesn't fit its schema: \(problem)"
                return try reject(
                    task, draft.result, JSON(.string(reason)), TaskError(type: TaskError.Kind.invalidResult, message: reason))
            }
            effects.append(.part(task: task, .draft, draft.json))
        case "reject":
            let feedback = fields["feedback"] ?? .null
            let text = feedback.value.string ?? feedback.description
            let error = TaskError(type: TaskError.Kind.rejected, message: "\(handler) rejects the result: \(text)")
            return try reject(task, draft.result, feedback, error)
        default:
            let message = "the validator \(handler) must give {\"verdict\": \"pass\" | \"change\" | \"reject\", …}"
            return try fail(task, TaskError(type: TaskError.Kind.rejected, message: message))
        }
        if guardrails.validators.indices.contains(number + 1) {
            return try validate(task, guardrails.validators[number + 1], number + 1)
        }
        guard let tasks = draft.tasks() else {
            return try fail(task, TaskError(type: TaskError.Kind.invalidDispatch, message: "the tasks to follow can't be read any more"))
        }
        try accept(task, draft.result, tasks)
    }

    /// The result doesn't count; the task makes another one, as often as it may, and then its fallback.
    mutating func reject(_ task: Int, _ result: JSON, _ feedback: JSON, _ error: TaskError) throws {
        let guardrails = state.nodes[task].rules.guardrails ?? Guardrails()
        endExamination(task)
        event(
            .taskRejected, task, attempt: Int(state.tasks[task].attempt),
            ["reason": .string(error.message), "rejections": .integer(Int64(state.tasks[task].rejections) + 1)])
        guard state.tasks[task].rejections < guardrails.steps else {
            if try fallBack(task, "rejected", error) {
                effects.append(.part(task: task, .feedback, Self.feedback(result, feedback)))
                return
            }
            return try fail(task, error)
        }
        remember(task, "rejected", error)
        effects.append(.error(task: task, error))
        effects.append(.part(task: task, .feedback, Self.feedback(result, feedback)))
        disarmAttempt(task)
        leaveRunning(task)
        state.tasks[task].rejections += 1
        state.tasks[task].base = state.tasks[task].attempt
        guard guardrails.delay > .zero else { return try makeReady(task) }
        try transition(task, to: .retrying)
        state.tasks[task].dueAt = now + guardrails.delay
        arm(task, .retry, now + guardrails.delay)
    }

    private static func feedback(_ output: JSON, _ reason: JSON) -> JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("output", output)
            writer.field("reason", reason)
        }
        return writer.json
    }

    /// Validators look at nothing of the task any more.
    mutating func endExamination(_ task: Int) {
        guard state.tasks[task].flags.contains(.examined) else { return }
        state.tasks[task].flags.subtract(.examined)
        effects.append(.part(task: task, .draft, nil))
    }

    /// The result counts.
    mutating func accept(_ task: Int, _ result: JSON, _ dispatch: [TaskSpec]) throws {
        endExamination(task)
        if let routing = state.nodes[task].policies?.rules.routing {
            let choice: Choice
            do {
                choice = try choose(routing, result)
            } catch let error as TaskError {
                return try fail(task, error)
            }
            let targets = targets(of: choice.route, from: task)
            event(.taskRouted, task, data: ["route": .string(choice.route.name)])
            if !targets.back.isEmpty {
                return try iterate(task, targets.back, route: choice.route.name, result)
            }
            chosen[task] = Set(targets.on)
        }
        guard dispatch.count < Self.mostTasks - state.nextIndex else { return try fail(task, Self.tooManyTasks) }
        effects.append(.result(task: task, result))
        results[task] = result
        try conclude(task, as: .completed, nil)
        try add(dispatch, .dispatched, for: task)
    }

    static let tooManyTasks = TaskError(
        type: TaskError.Kind.tooLarge, message: "the run has had \(mostTasks) tasks, which is the most: begin a new run",
        retryable: false)
}

/// A result that is not final yet, with the tasks that are to follow it.
private struct Draft {
    var result: JSON
    private var dispatch: JSON?

    init(result: JSON, dispatch: [TaskSpec]) {
        self.result = result
        if dispatch.isEmpty { return }
        // A document has a name for every task; those that had none get back that they have none.
        var tasks = dispatch
        var unnamed: [JSONValue] = []
        for place in tasks.indices where tasks[place].id.rawValue == GraphReader.unread {
            tasks[place].id = TaskID("unnamed")
            unnamed.append(.integer(Int64(place)))
        }
        let document = Graph(name: "g", tasks: tasks).document.description
        self.dispatch = JSON(["document": .string(document), "unnamed": .array(unnamed)])
    }

    init?(_ json: JSON) {
        guard let fields = json.fields, let result = fields.first(where: { $0.name == "result" })?.value else { return nil }
        self.result = result
        dispatch = fields.first { $0.name == "dispatch" }?.value
    }

    var json: JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("result", result)
            writer.field("dispatch", dispatch)
        }
        return writer.json
    }

    /// - Returns: `nil` where they can't be read.
    func tasks() -> [TaskSpec]? {
        guard let dispatch = dispatch?.value else { return [] }
        guard let text = dispatch["document"]?.string, var tasks = try? GraphReader.read(checkedTasks: Array(text.utf8)) else {
            return nil
        }
        for place in (dispatch["unnamed"]?.array ?? []).compactMap(\.int) where tasks.indices.contains(place) {
            tasks[place].id = TaskID(GraphReader.unread)
        }
        return tasks
    }
}
