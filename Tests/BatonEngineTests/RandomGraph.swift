import BatonModel

/// Graphs that use everything there is, in odd combinations.
struct RandomGraph {
    private var generator: SeededGenerator
    private let conditions: [Dependency.Condition] = [.completed, .failed, .finished]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func make() -> Graph {
        let isSequential = generator.chance(6)
        let mode = isSequential ? Graph.FailureMode.continue : [.stop, .cancel, .compensate].randomElement(using: &generator) ?? .stop
        let tasks = tasks(generator.number(1...8), prefix: "t", depth: 0, isOrdered: !isSequential)
        return Graph(
            name: "g", input: json(["n": 1]), timeout: generator.chance(8) ? .seconds(3600) : nil,
            mode: isSequential ? .sequential : .graph, onFailure: mode, tasks: tasks)
    }

    /// What a handler sends along.
    mutating func dispatch() -> [TaskSpec] {
        var tasks = tasks(generator.number(1...3), prefix: "d", depth: 2, isOrdered: true)
        if generator.chance(3), tasks.count == 1 { tasks[0].id = "?" }
        return tasks
    }

    private mutating func tasks(_ count: Int, prefix: String, depth: Int, isOrdered: Bool) -> [TaskSpec] {
        let ids = (0..<count).map { TaskID("\(prefix)\($0)") }
        var tasks = ids.enumerated().map { index, id in
            var spec = task(id, retry: retry(), critical: !generator.chance(3))
            if isOrdered {
                for earlier in ids[..<index] where generator.chance(3) {
                    spec.dependencies.append(Dependency(earlier, on: conditions.randomElement(using: &generator) ?? .completed))
                }
            }
            if generator.chance(5) { spec.start = .after(.milliseconds(generator.number(1...50))) }
            if generator.chance(8) { spec.timeouts.total = .seconds(generator.number(1...20)) }
            if generator.chance(8) { spec.timeouts.attempt = .milliseconds(generator.number(1...500)) }
            if generator.chance(2) { addRules(to: &spec, ids, depth: depth) }
            return spec
        }
        if isOrdered, generator.chance(2) { tasks.shuffle(using: &generator) }
        let mode = isOrdered ? Graph.Mode.graph : .sequential
        for index in tasks.indices where tasks[index].hasRules && tasks[index].rules.routing != nil {
            if (try? Graph(name: "g", mode: mode, tasks: tasks).validate(checks: .standard)) == nil { tasks[index].rules.routing = nil }
        }
        return tasks
    }

    private mutating func retry() -> RetryPolicy {
        RetryPolicy(maxAttempts: generator.number(1...3), delay: .milliseconds(10), jitter: 0)
    }

    private mutating func addRules(to spec: inout TaskSpec, _ ids: [TaskID], depth: Int) {
        var rules = TaskRules()
        if generator.chance(6) { rules.when = ["`true`", "`false`", "input.n", "abs('x')", "status"].randomElement(using: &generator) }
        if generator.chance(4) {
            rules.continuations = Continuations(
                onCompleted: followers(depth), onFailed: followers(depth), onCancelled: followers(depth))
        }
        if generator.chance(3) { rules.compensation = Compensation("undo", retry: retry()) }
        if generator.chance(8) { rules.context = ContextRule(compressor: .init("compress", limit: 3)) }
        switch generator.number(0...6) {
        case 0:
            rules.loop = Loop(
                generator.chance(4) ? .expression("[input.n, input.n]", format: .list) : .list(json(.array((0..<generator.number(0...5)).map { .integer(Int64($0)) }))),
                maxParallel: generator.number(1...3), onItemFailure: generator.chance(2) ? .stop : .continue, collects: !generator.chance(4))
            if generator.chance(3) { rules.fallback = "second" }
        case 1:
            spec.handler = .graph
            rules.graph = Graph(name: "n", tasks: [task("x")])
        case 2:
            spec.handler = .answer
            rules.answer = AnswerRule(deadline: .seconds(generator.number(1...100)), default: generator.chance(2) ? json("late") : nil)
        case 3, 4:
            let routes = (0..<generator.number(1...3)).map { number in
                Routing.Route("r\(number)", to: ids.filter { _ in generator.chance(2) } + [ids.randomElement(using: &generator) ?? spec.id])
            }
            rules.routing = Routing(
                routes.map { .init($0.name, to: Array(Set($0.targets)).sorted { $0.rawValue < $1.rawValue }) },
                default: generator.chance(2) ? "r0" : nil)
        default: break
        }
        if rules.loop == nil, generator.chance(4) {
            rules.guardrails = Guardrails(
                (0..<generator.number(1...2)).map { .init(HandlerName("validate\($0)")) }, steps: generator.number(0...2),
                delay: generator.chance(2) ? .zero : .milliseconds(5))
        }
        if spec.handler == "h", generator.chance(4) { rules.fallback = "second" }
        if spec.handler != "h" { rules.context = nil }
        spec.rules = rules
    }

    private mutating func followers(_ depth: Int) -> [TaskSpec] {
        guard depth < 2, generator.chance(2) else { return [] }
        return tasks(generator.number(1...3), prefix: ["f", "onFailed", "1"].randomElement(using: &generator) ?? "f", depth: depth + 1, isOrdered: true)
    }
}
