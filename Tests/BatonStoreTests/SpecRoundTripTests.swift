import BatonModel
import BatonStore
import Foundation
import Testing

/// That a task comes back as it was stored, whatever it has.
@Suite("Stored tasks", .timeLimit(.minutes(1)))
struct SpecRoundTripTests {
    private typealias Change = @Sendable (inout TaskSpec) -> Void

    private static let retry = RetryPolicy(
        maxAttempts: 9, backoff: .explicit([.milliseconds(1), .seconds(90)]), delay: .milliseconds(250), factor: 1.75,
        maxDelay: .seconds(7200), jitter: 0.125, only: ["a", "b\"\\"], never: ["c"])
    private static let timeouts = Timeouts(attempt: .milliseconds(1), total: .seconds(3600), queued: .seconds(61), heartbeat: .seconds(5))

    /// One thing each that a task can have.
    private static let changes: [Change] = [
        { $0.inputs = JSON(["deep": ["a": [1, 2.5, nil, "ü\n\u{1}"]]]) },
        { $0.params = JSON(["p": true]) },
        { $0.parent = "up" },
        { $0.mergesFlat = true },
        { $0.queue = "q" },
        { $0.priority = .low },
        { $0.start = .after(.milliseconds(1500)) },
        { $0.start = .at(Timestamp(milliseconds: 1_800_000_000_007)) },
        { $0.retry = retry },
        { $0.retry = RetryPolicy(maxAttempts: 1, backoff: .fixed) },
        { $0.retry = RetryPolicy(backoff: .linear) },
        { $0.timeouts = timeouts },
        { $0.critical = false },
        { $0.rules.when = "input.x > `1` && inputs.\"a b\" == 'c'" },
        {
            $0.rules.routing = Routing(
                [.init("approve", to: ["ship", "invoice"]), .init("no \"way\"", to: ["t0"])], by: "verdict", default: "approve")
        },
        { $0.rules.routing = Routing([.init("a", to: ["b"])]) },
        { $0.rules.maxIterations = 7 },
        { $0.rules.loop = Loop(.stored) },
        { $0.rules.loop = Loop(.stored, maxParallel: 3, as: "row", onItemFailure: .continue, collects: false) },
        { $0.rules.loop = Loop(.list(JSON([1, ["a": nil]]))) },
        { $0.rules.loop = Loop(.csv("a,b\n1,\"2\n3\"\n")) },
        { $0.rules.loop = Loop(.lines("one\r\ntwo")) },
        { $0.rules.loop = Loop(.expression("t0.rows", format: .list)) },
        { $0.rules.loop = Loop(.expression("t0.text", format: .csv), as: "line") },
        { $0.rules.context = ContextRule(window: 4) },
        { $0.rules.context = ContextRule(window: 2, compressor: .init("shorten", limit: 4096)) },
        { $0.rules.context = ContextRule() },
        {
            $0.rules.continuations = Continuations(
                onCompleted: [TaskSpec(id: "next", handler: "n", params: JSON(["k": 1]), retry: retry)],
                onFailed: [TaskSpec(id: "tell", handler: "mail"), TaskSpec(id: "log", handler: "l", dependencies: [Dependency("tell")])],
                onCancelled: [TaskSpec(id: "tidy", handler: "t", critical: false)])
        },
        { $0.rules.compensation = Compensation("undo") },
        { $0.rules.compensation = Compensation("undo", params: JSON([1]), queue: "slow", retry: retry, timeouts: timeouts) },
        {
            $0.rules.guardrails = Guardrails(
                [.init("check"), .init("judge", params: JSON(["strict": true]))], steps: 0, delay: .seconds(2))
        },
        { $0.rules.fallback = "plan-b" },
        { $0.rules.schemas = Schemas(inputs: JSON(["type": "object"]), result: JSON(["type": ["string", "null"]])) },
        { $0.rules.schemas = Schemas(result: JSON(true)) },
        {
            $0.handler = .graph
            $0.rules.graph = nested(tasks: 3, below: 3)
        },
        {
            $0.handler = .graph
            $0.rules.graph = nested(tasks: 400, below: 0)
        },
        {
            $0.handler = .answer
            $0.rules.answer = AnswerRule()
        },
        {
            $0.handler = .answer
            $0.rules.answer = AnswerRule(deadline: .seconds(172_800), default: .null)
        },
        { $0.rules.limit = SharedLimit(key: "inputs.customer", concurrency: 2, rate: .init(5, per: .seconds(60))) },
        { $0.rules.limit = SharedLimit(concurrency: 1) },
        { $0.rules.breaker = BreakerRule() },
        { $0.rules.breaker = BreakerRule(failures: 2, reset: .seconds(9)) },
        { $0.rules.cache = CacheRule(ttl: .seconds(60)) },
        { $0.rules.cache = CacheRule(ttl: .milliseconds(1), version: "2.1-β") },
        { $0.rules.round = 12 },
    ]

    /// Each of its tasks has something, and depends on the one before.
    private static func nested(tasks count: Int, below levels: Int) -> Graph {
        var tasks = (0..<count).map { index in
            TaskSpec(
                id: TaskID("n\(index)"), handler: "h", inputs: JSON(["text": .string(String(repeating: "x", count: 20))]),
                dependencies: index == 0 ? [] : [Dependency(TaskID("n\(index - 1)"), as: "last", select: "a.b", requiresPart: true)],
                retry: index % 2 == 0 ? retry : nil)
        }
        if levels > 0 {
            tasks[0].handler = .graph
            tasks[0].inputs = nil
            tasks[0].rules.graph = nested(tasks: count, below: levels - 1)
        }
        return Graph(
            name: "inner", input: JSON(["a": 1]), inputSchema: JSON(["type": "object"]), timeout: .seconds(7), onFailure: .continue,
            tasks: tasks)
    }

    private static let dependencies = [
        Dependency("t0"), Dependency("t0", on: .failed), Dependency("t0", on: .finished, as: "first"),
        Dependency("t0", on: .routed), Dependency("t0", as: "t0"), Dependency("t0", as: "a \"b\"", select: "x[*].y"),
        Dependency("t0", select: "x || 'none'", requiresPart: true), Dependency("t0", requiresPart: true),
        Dependency("t0", on: .routed, as: "r", select: "x", requiresPart: true),
    ]

    private func roundTrip(_ specs: [TaskSpec], sourceLocation: SourceLocation = #_sourceLocation) throws {
        try StoreKind.withStore { store, reopen in
            let number = try store.write { transaction in
                let number = try transaction.insertRun([TaskState()])
                for (place, spec) in specs.enumerated() {
                    let definition = TaskDefinition(spec, dependencies: spec.dependencies.map { _ in 0 })
                    try transaction.insert(definition, TaskState(), at: TaskKey(number, place + 1))
                }
                return number
            }
            let reopened = try reopen()
            let definitions = try reopened.read { try $0.definitions(of: number) }.dropFirst()
            let loaded = try #require(try reopened.read { try $0.load("r1") })
            #expect(definitions.count == specs.count, sourceLocation: sourceLocation)
            for (place, (definition, spec)) in zip(definitions, specs).enumerated() {
                #expect(definition.spec == spec, sourceLocation: sourceLocation)
                #expect(definition.dependencies == spec.dependencies.map { _ in 0 }, sourceLocation: sourceLocation)
                let data = try #require(try reopened.read { try $0.dispatch(TaskKey(number, place + 1)) })
                #expect(data.spec == spec, sourceLocation: sourceLocation)
                let node = loaded.nodes[place + 1]
                #expect(node.policies == TaskNode.Policies(spec), sourceLocation: sourceLocation)
                #expect(node.dependencies.map(\.condition) == spec.dependencies.map(\.condition), sourceLocation: sourceLocation)
                #expect(node.critical == spec.critical && node.start == spec.start, sourceLocation: sourceLocation)
            }
        }
    }

    @Test("each setting and each rule comes back as it was")
    func single() throws {
        try roundTrip(
            Self.changes.enumerated().map { index, change in
                var spec = TaskSpec(id: TaskID("s\(index)"), handler: "h")
                change(&spec)
                return spec
            })
    }

    @Test("settings and rules come back as they were in any company")
    func combined() throws {
        var generator = SystemRandomNumberGenerator()
        try roundTrip(
            (0..<100).map { index in
                var spec = TaskSpec(id: TaskID("s\(index)"), handler: "h")
                for change in Self.changes.shuffled(using: &generator).prefix(8) { change(&spec) }
                // A document has one of these; they exclude each other.
                if spec.rules.graph != nil, spec.rules.answer != nil { spec.rules.answer = nil }
                if spec.handler != "h" { spec.handler = spec.rules.graph != nil ? .graph : .answer }
                spec.dependencies = Array(Self.dependencies.shuffled(using: &generator).prefix(3))
                return spec
            })
    }

    @Test("each kind of dependency comes back as it was, by every way of reading it")
    func dependencies() throws {
        var spec = TaskSpec(id: "s", handler: "h")
        spec.dependencies = Self.dependencies
        try roundTrip([spec])
        try StoreKind.withStore { store, _ in
            let read = try store.write { transaction in
                let number = try transaction.insertRun([TaskState()])
                try transaction.insert(
                    TaskDefinition(spec, dependencies: spec.dependencies.map { _ in 0 }), TaskState(), at: TaskKey(number, 1))
                return try transaction.dependencies(TaskKey(number, 1))
            }
            #expect(read == Self.dependencies)
        }
    }
}
