import BatonModel

/// A graph as the dice say, with any of what the task model has.
struct RandomGraph {
    private var dice: Dice
    private let most: Int

    init(_ dice: Dice, atMost most: Int) {
        self.dice = dice
        self.most = most
    }

    mutating func make(_ number: Int) -> Graph {
        var graph = graph(name: "g\(number)", tasks: dice.from(2, to: most), depth: 0)
        graph.key = "k\(number)"
        return graph
    }

    private mutating func graph(name: String, tasks count: Int, depth: Int) -> Graph {
        var tasks: [TaskSpec] = []
        for index in 0..<count { tasks.append(task("t\(index)", after: tasks, depth: depth)) }
        if depth == 0 { addDecision(to: &tasks) }
        if depth == 0, dice.once(in: 5) { addList(to: &tasks) }
        let isSequence = dice.once(in: 10)
        if isSequence {
            for index in tasks.indices {
                tasks[index].dependencies = []
                tasks[index].rules.routing = nil
            }
        }
        let modes: [Graph.FailureMode] = isSequence ? [.stop, .cancel, .continue] : [.stop, .stop, .cancel, .compensate]
        var mode: Graph.FailureMode? = dice.pick(modes)
        if dice.once(in: 3), !isSequence { mode = nil }
        return Graph(
            name: name, input: JSON(["n": 1]), timeout: dice.once(in: 12) ? .seconds(dice.from(5, to: 120)) : nil,
            mode: isSequence ? .sequential : .graph, onFailure: mode, tasks: tasks)
    }

    private mutating func task(_ id: String, after earlier: [TaskSpec], depth: Int) -> TaskSpec {
        var task = TaskSpec(
            id: TaskID(id), handler: HandlerName(dice.pick(["work", "work", "work", "work", "flaky", "hang", "dispatch"])), inputs: JSON(["x": 1]))
        for other in earlier where dice.below(earlier.count + 1) < 2 {
            let condition = dice.pick([Dependency.Condition.completed, .completed, .completed, .finished, .failed])
            task.dependencies.append(Dependency(other.id, on: condition))
        }
        task.priority = Priority(rawValue: dice.below(4)) ?? .normal
        task.queue = dice.once(in: 4) ? "side" : .default
        task.critical = !dice.once(in: 5)
        if dice.once(in: 8) { task.start = .after(.milliseconds(dice.from(1, to: 9000))) }
        task.retry = dice.once(in: 4) ? .some(.none) : retry()
        if task.handler == "hang" || dice.once(in: 6) { task.timeouts = timeouts(isHung: task.handler == "hang") }
        addRules(to: &task, depth: depth)
        return task
    }

    private mutating func retry() -> RetryPolicy {
        let backoffs: [RetryPolicy.Backoff] = [.fixed, .linear, .exponential, .explicit([.milliseconds(10), .seconds(2)])]
        return RetryPolicy(
            maxAttempts: dice.from(2, to: 4), backoff: dice.pick(backoffs), delay: .milliseconds(dice.from(1, to: 2000)),
            never: dice.once(in: 3) ? ["refused"] : [])
    }

    private mutating func timeouts(isHung: Bool) -> Timeouts {
        var timeouts = Timeouts()
        if isHung || dice.once(in: 2) { timeouts.attempt = .seconds(dice.from(1, to: 20)) }
        if dice.once(in: 4) { timeouts.total = .seconds(dice.from(5, to: 60)) }
        if dice.once(in: 5) { timeouts.queued = .seconds(dice.from(5, to: 60)) }
        if dice.once(in: 3) { timeouts.heartbeat = .seconds(dice.from(3, to: 30)) }
        return timeouts
    }

    private mutating func addRules(to task: inout TaskSpec, depth: Int) {
        if let first = task.dependencies.first, dice.once(in: 6) {
            task.rules.when = first.condition == .completed ? "\(first.task).n > `0`" : "input.n == `1`"
        }
        if dice.once(in: 3) { task.rules.compensation = Compensation("undo", retry: RetryPolicy(maxAttempts: 4, delay: .milliseconds(50))) }
        if depth < 2, dice.once(in: 5) {
            let follower = TaskSpec(id: TaskID("\(task.id)-after"), handler: "work", priority: .high)
            switch dice.below(3) {
            case 0: task.rules.continuations.onCompleted = [follower]
            case 1: task.rules.continuations.onFailed = [follower]
            default: task.rules.continuations.onCancelled = [follower]
            }
        }
        switch dice.below(20) {
        case 0: task.rules.fallback = "work"
        case 1: task.rules.guardrails = Guardrails([Guardrails.Validator("check")], steps: 2, delay: .milliseconds(dice.below(500)))
        case 2, 3: task.rules.limit = SharedLimit(concurrency: dice.from(1, to: 2))
        case 4: task.rules.limit = SharedLimit(rate: SharedLimit.Rate(2, per: .seconds(3)))
        case 5: task.rules.breaker = BreakerRule(failures: 2, reset: .seconds(4))
        case 6: task.rules.cache = CacheRule(ttl: .seconds(30))
        case 7, 8:
            let items = JSON(.array((0..<dice.below(5)).map { .integer(Int64($0)) }))
            task.rules.loop = Loop(
                .list(items), maxParallel: dice.from(1, to: 2), onItemFailure: dice.pick([.stop, .continue]), collects: !dice.once(in: 3))
        case 9, 10:
            guard depth < 1 else { break }
            task.rules.graph = graph(name: "\(task.id)-inner", tasks: dice.from(1, to: 2), depth: depth + 1)
            task.handler = .graph
        case 11:
            task.handler = .answer
            task.rules.answer = AnswerRule(deadline: .seconds(dice.from(3, to: 30)), default: dice.once(in: 2) ? JSON(["by": "default"]) : nil)
        default: break
        }
        if task.handler == .graph || task.handler == .answer {
            task.timeouts = Timeouts()
            task.retry = nil
            task.inputs = task.handler == .graph ? JSON(["x": 1]) : nil
        }
    }

    /// A task whose result another one goes through.
    private mutating func addList(to tasks: inout [TaskSpec]) {
        tasks.append(TaskSpec(id: "list", handler: "list"))
        var each = TaskSpec(id: "each", handler: dice.pick(["work", "flaky"]), dependencies: [Dependency("list")])
        each.rules.loop = Loop(.expression("list.items", format: .list), maxParallel: dice.from(1, to: 3), onItemFailure: dice.pick([.stop, .continue]))
        each.rules.compensation = dice.once(in: 2) ? Compensation("undo", retry: RetryPolicy(maxAttempts: 3, delay: .milliseconds(50))) : nil
        tasks.append(each)
    }

    /// One decision with two or three ways on; one of them may lead back.
    private mutating func addDecision(to tasks: inout [TaskSpec]) {
        guard dice.once(in: 4) else { return }
        var decision = TaskSpec(id: "decide", handler: "decide", dependencies: [Dependency(tasks[0].id, on: .finished)])
        decision.rules.maxIterations = 2
        var routes = [Routing.Route("left", to: ["left"]), Routing.Route("right", to: ["right"])]
        if dice.once(in: 2) { routes.append(Routing.Route("again", to: [tasks[0].id])) }
        decision.rules.routing = Routing(routes, default: dice.once(in: 2) ? "left" : nil)
        tasks.append(decision)
        for id in ["left", "right"] { tasks.append(TaskSpec(id: TaskID(id), handler: "work", priority: Priority(rawValue: dice.below(4)) ?? .normal)) }
    }
}
