@testable import BatonModel

/// Makes graphs that are valid, with each rule there or not.
struct RandomGraph {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func chance(_ part: Double = 0.3) -> Bool { Double.random(in: 0..<1, using: &generator) < part }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }
    private mutating func maybe<Value>(_ part: Double = 0.3, _ make: (inout RandomGraph) -> Value) -> Value? { chance(part) ? make(&self) : nil }

    mutating func graph(depth: Int = 0) -> Graph {
        let isSequential = chance(0.2)
        var graph = Graph(
            name: depth == 0 ? name("graph") : "graph", mode: isSequential ? .sequential : .graph,
            tasks: tasks(1...(depth == 0 ? 6 : 3), depth: depth, mayDepend: !isSequential))
        if depth == 0 {
            graph.key = maybe { $0.plainText() + "k" }
            graph.correlationID = maybe { $0.plainText() + "c" }
            graph.owner = maybe { $0.plainText() + "o" }
        } else if chance() {
            graph.name = name("inner")
        }
        graph.input = maybe { $0.payload() }
        graph.inputSchema = maybe { $0.object("type") }
        graph.timeout = maybe { $0.duration() }
        if chance(0.5) { graph.onFailure = pick(isSequential ? Graph.FailureMode.allCases : [.stop, .cancel, .compensate]) }
        return graph
    }

    mutating func tasks(_ count: ClosedRange<Int>, depth: Int, mayDepend: Bool = true) -> [TaskSpec] {
        let count = number(count)
        return (0..<count).map { task(at: $0, of: count, depth: depth, mayDepend: mayDepend) }
    }

    private mutating func task(at index: Int, of count: Int, depth: Int, mayDepend: Bool) -> TaskSpec {
        var task = TaskSpec(id: TaskID("t\(index)"), handler: HandlerName(name("h")))
        task.inputs = maybe { $0.object("i") }
        task.params = maybe { $0.payload() }
        if chance(), count > 1 { task.parent = TaskID("t\(index == 0 ? 1 : 0)") }
        if mayDepend {
            for other in 0..<index where chance() {
                var dependency = Dependency(TaskID("t\(other)"), on: pick(Dependency.Condition.allCases), as: maybe { _ in "d\(other)" })
                dependency.select = maybe { $0.expression() }
                dependency.requiresPart = dependency.select != nil && chance(0.5)
                task.dependencies.append(dependency)
            }
        }
        task.mergesFlat = chance()
        if chance() { task.queue = QueueName(name("q")) }
        task.priority = pick(Priority.allCases)
        switch number(0...3) {
        case 0: task.start = .after(duration())
        case 1: task.start = .at(Timestamp(milliseconds: Int64(number(0...4_000_000_000_000))))
        default: break
        }
        task.retry = maybe { $0.retry() }
        task.timeouts = timeouts()
        task.critical = chance(0.7)
        if chance(0.7) { task.rules = rules(at: index, of: count, depth: depth, handler: &task.handler) }
        return task
    }

    private mutating func rules(at index: Int, of count: Int, depth: Int, handler: inout HandlerName) -> TaskRules {
        var rules = TaskRules()
        rules.when = maybe { $0.expression() }
        rules.maxIterations = maybe { $0.number(1...1_000_000) }
        rules.context = maybe { ContextRule(window: $0.maybe(0.5) { $0.number(1...9) }) }
        if depth < 3 {
            if chance(0.2) { rules.continuations.onCompleted = tasks(1...2, depth: depth + 1) }
            if chance(0.2) { rules.continuations.onFailed = tasks(1...2, depth: depth + 1) }
            if chance(0.2) { rules.continuations.onCancelled = tasks(1...2, depth: depth + 1) }
        }
        rules.compensation = maybe { random in
            Compensation(
                HandlerName(random.name("undo")), params: random.maybe { $0.payload() }, queue: random.maybe { QueueName($0.name("q")) },
                retry: random.maybe { $0.retry() }, timeouts: random.timeouts())
        }
        if chance() {
            rules.loop = loop()
        } else {
            if chance() { rules.routing = routing(at: index, of: count) }
            rules.guardrails = maybe { random in
                Guardrails(
                    (0..<random.number(0...3)).map { _ in .init(HandlerName(random.name("v")), params: random.maybe { $0.payload() }) },
                    steps: random.number(0...1000), delay: random.chance() ? random.duration() : .zero)
            }
        }
        rules.schemas = Schemas(inputs: maybe { $0.object("type") }, result: maybe { $0.object("type") })
        rules.round = chance() ? number(1...Int(Int32.max)) : 1
        if depth < 3, chance(0.15) {
            rules.graph = graph(depth: depth + 1)
            handler = .graph
        } else if chance(0.15) {
            rules.answer = AnswerRule(deadline: maybe { $0.duration() })
            if rules.answer?.deadline != nil { rules.answer?.defaultResult = maybe(0.5) { $0.payload(orNull: true) } }
            handler = .answer
        } else {
            rules.fallback = maybe { HandlerName($0.name("f")) }
            rules.context?.compressor = maybe { ContextRule.Compressor(HandlerName($0.name("c")), limit: $0.number(1...1 << 20)) }
            rules.limit = maybe { random in
                let rate = random.maybe(0.5) { SharedLimit.Rate($0.number(1...1_000_000), per: $0.duration()) }
                return SharedLimit(key: random.maybe { $0.expression() }, concurrency: rate == nil || random.chance() ? random.number(1...99) : nil, rate: rate)
            }
            rules.breaker = maybe { BreakerRule(failures: $0.number(1...1_000_000), reset: $0.duration()) }
            rules.cache = maybe { CacheRule(ttl: $0.duration(), version: $0.text()) }
        }
        return rules
    }

    /// On to later tasks, or back to the decision itself.
    private mutating func routing(at index: Int, of count: Int) -> Routing {
        var routes: [Routing.Route] = [Routing.Route("again " + text(), to: [TaskID("t\(index)")])]
        for later in (index + 1)..<max(index + 1, count) where chance(0.6) {
            routes.append(Routing.Route("r\(later)", to: (later..<count).map { TaskID("t\($0)") }))
        }
        return Routing(routes, by: maybe { $0.expression() }, default: chance() ? pick(routes).name : nil)
    }

    private mutating func loop() -> Loop {
        let source: Loop.Source
        switch number(0...3) {
        case 0: source = .list(JSON(.array((0..<number(0...4)).map { .integer(Int64($0)) })))
        case 1: source = .csv("a,b\n" + text())
        case 2: source = .lines(text())
        default: source = .expression(expression(), format: pick(Loop.Format.allCases))
        }
        return Loop(
            source, maxParallel: pick([1, 10, 100_000]), as: pick(["item", "row"]), onItemFailure: pick(Loop.ItemFailure.allCases), collects: chance(0.5))
    }

    private mutating func retry() -> RetryPolicy {
        var policy = RetryPolicy(maxAttempts: number(1...1_000_000))
        policy.backoff = pick([.fixed, .linear, .exponential, .explicit([duration(), duration()])])
        policy.delay = duration()
        policy.factor = Double.random(in: 1...100, using: &generator)
        policy.maxDelay = duration()
        policy.jitter = Double.random(in: 0...1, using: &generator)
        policy.only = chance() ? [text(), text()] : []
        policy.never = chance() ? [text()] : []
        return policy
    }

    private mutating func timeouts() -> Timeouts {
        Timeouts(
            attempt: maybe { $0.duration() }, total: maybe { $0.duration() }, queued: maybe { $0.duration() }, heartbeat: maybe { $0.duration() })
    }

    mutating func duration() -> Duration { .milliseconds(pick([1, 250, 1000, 1500, 60_000, 86_400_000, Int64(number(1...10_000_000))])) }
    private mutating func name(_ start: String) -> String { start + pick(["", ".x", "_1", "-a.B"]) }
    private mutating func expression() -> String { pick(["a.b", "status.\"t 0\" == 'failed'", "[?x > `5`] | [0]", "length(@)"]) }
    /// As keys, owners and correlation ids may be.
    mutating func plainText() -> String { String(text().map { $0 == "\n" ? " " : $0 }) }

    mutating func text() -> String { pick(["", "a", "a b", "'\"\\/", "é…🙂", "line\nline", "yes", "12", "null", "#: - [x]"]) }

    private mutating func object(_ prefix: String) -> JSON {
        var writer = JSONWriter()
        let count = number(0...3)
        writer.object { for index in 0..<count { $0.field("\(prefix)\(index)", payload(orNull: true)) } }
        return writer.json
    }

    private mutating func payload(orNull: Bool = false) -> JSON {
        let values: [JSON] = [
            JSON(true), JSON(trusted: Array("12345678901234567890123".utf8)), JSON(trusted: Array("1.50".utf8)), JSON(trusted: Array("-1e-7".utf8)),
            JSON(.string(text())), JSON([1, [2, ["x": nil]]]), JSON(["a": "b", "c": 1.5]), .emptyObject,
        ]
        return pick(orNull ? values + [.null] : values)
    }
}
