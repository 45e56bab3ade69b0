import BatonModel

/// A step while its graph is being built.
struct StepDraft: Sendable {
    /// What the task will have without knowing of other steps; its id is a stand-in.
    var spec: TaskSpec
    /// As given; else one is made of the stem.
    var id: TaskID?
    /// By default the last part of the handler's name.
    var stem: String
    /// Inputs that were given one by one, to stand beside the spec's own.
    var fields: [(name: String, value: JSON)] = []
    private(set) var dependencies: [StepDependency] = []
    private var places: [StepReference: Int] = [:]
    var parent: StepReference?
    var when: StepExpression?
    var loop: (expression: StepExpression, format: Loop.Format)?
    var limitKey: StepExpression?
    var routes: [(name: String, targets: [StepReference])] = []
    var routeExpression: String?
    var defaultRoute: String?
    var continuations: [(kind: Continuation, draft: GraphDraft)] = []
    /// Paths are within the task.
    private(set) var problems: [GraphProblem] = []

    enum Continuation: Sendable {
        case onCompleted, onFailed, onCancelled

        var tasks: WritableKeyPath<Continuations, [TaskSpec]> {
            switch self {
            case .onCompleted: \.onCompleted
            case .onFailed: \.onFailed
            case .onCancelled: \.onCancelled
            }
        }
    }

    init(_ handler: HandlerName) {
        spec = TaskSpec(id: "", handler: handler)
        let part = handler.rawValue.split(separator: ".").last.map(String.init) ?? ""
        stem = NameRule.allows(part) ? part : "task"
    }

    mutating func report(_ path: String, _ message: String) { problems.append(GraphProblem(path: path, message: message)) }

    /// Reports what couldn't be encoded.
    mutating func take(_ value: EncodedValue, for path: String) -> JSON? {
        if let problem = value.problem { report(path, problem) }
        return value.json
    }

    /// - Parameter condition: `nil` where any will do.
    mutating func depend(on step: StepReference, _ condition: Dependency.Condition?, _ use: StepDependency.Use? = nil) {
        let place = places[step] ?? dependencies.count
        if place == dependencies.count {
            places[step] = place
            dependencies.append(StepDependency(step))
        }
        if let condition {
            if let other = dependencies[place].condition, other != condition {
                let names = [other, condition].map { "'\($0.rawValue)'" }.joined(separator: " and ")
                report("dependencies[\(place)]", "waits for both \(names): a result, unless taken as optional, needs 'completed'")
            }
            dependencies[place].condition = condition
        }
        if let use { dependencies[place].uses.append(use) }
    }

    /// Gives what was named as a step the id of its task.
    ///
    /// - Parameter id: of a step; reports those of other lists.
    func resolve(
        in task: inout TaskSpec, id: (_ step: StepReference, _ field: String) -> TaskID, report: (_ field: String, _ message: String) -> Void
    ) {
        let own = ownInputs(report)
        task.inputs = own
        let isNamed = dependencies.allSatisfy(\.isOneField)
        task.mergesFlat = !isNamed
        task.dependencies = dependencies.map { $0.dependency(id($0.step, "dependencies"), isNamed: isNamed, report) }
        reportCollisions(own, dependencies, report)

        let names = task.dependencies.map(\.name)
        let name = { (step: StepReference) in
            places[step].map { names[$0] } ?? id(step, "when").rawValue
        }
        task.parent = parent.map { id($0, "parent") }
        var rules = task.rules
        rules.when = when?.text(name)
        if let loop { rules.loop?.source = .expression(loop.expression.text(name), format: loop.format) }
        rules.limit?.key = limitKey?.text(name)
        if !routes.isEmpty || routeExpression != nil || defaultRoute != nil {
            let routes = routes.map { route in Routing.Route(route.name, to: route.targets.map { id($0, "routes.\(route.name)") }) }
            rules.routing = Routing(routes, by: routeExpression, default: defaultRoute)
        }
        task.rules = rules
    }

    private func ownInputs(_ report: (String, String) -> Void) -> JSON? {
        guard !fields.isEmpty else { return spec.inputs }
        var all = fields
        if let inputs = spec.inputs {
            guard let own = inputs.fields else {
                report("inputs", "must be an object for '\(fields[0].name)' to stand beside its fields")
                return inputs
            }
            all = own + fields
        }
        var writer = JSONWriter()
        writer.object { for field in all { $0.field(field.name, field.value) } }
        return writer.json
    }

    /// Names that inputs would have twice, as far as they are known.
    private func reportCollisions(_ own: JSON?, _ dependencies: [StepDependency], _ report: (String, String) -> Void) {
        var names: Set<String> = []
        let given = (own?.fields ?? []).map(\.name) + dependencies.flatMap { $0.uses.compactMap(\.field) }
        for name in given where !names.insert(name).inserted { report("inputs.\(name)", "is given twice") }
        if let loop = spec.rules.loop, names.contains(loop.alias) {
            report("inputs.\(loop.alias)", "is the item of 'forEach' already: leave one of them out")
        }
    }
}
