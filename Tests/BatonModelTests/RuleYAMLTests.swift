import Testing

@testable import BatonModel

@Suite("Rules as they are written in YAML", .timeLimit(.minutes(1)))
struct B4RuleYAML {
    /// The rules of task `a`, which is given these lines; `b`, `c` and `d` are there too.
    private func rules(_ lines: String, handler: String? = "h") throws -> TaskRules {
        let own = lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
        let text = "name: g\ntasks:\n  - id: a\n\(handler.map { "    handler: \($0)\n" } ?? "")\(own)"
            + "  - {id: b, handler: h}\n  - {id: c, handler: h}\n  - {id: d, handler: h}\n"
        return try #require(try GraphReader.read(yaml: text, checks: RuleChecks.strict).tasks.first).rules
    }

    private func expect(_ lines: String, handler: String? = "h", _ change: (inout TaskRules) -> Void, line: SourceLocation = #_sourceLocation) throws {
        var expected = TaskRules()
        change(&expected)
        #expect(try rules(lines, handler: handler) == expected, sourceLocation: line)
    }

    @Test("C2: a condition and routes, with one target or several")
    func routes() throws {
        try expect("when: \"input.total > `100`\"") { $0.when = "input.total > `100`" }
        try expect("routes: {approve: [b, c], reject: d}") {
            $0.routing = Routing([.init("approve", to: ["b", "c"]), .init("reject", to: ["d"])])
        }
        try expect("defaultRoute: no\nroute: verdict.kind\nroutes:\n  yes: b\n  no: [c]") {
            $0.routing = Routing([.init("yes", to: ["b"]), .init("no", to: ["c"])], by: "verdict.kind", default: "no")
        }
        try expect("routes: {again: a, done: b}\nmaxIterations: 5") {
            $0.routing = Routing([.init("again", to: ["a"]), .init("done", to: ["b"])])
            $0.maxIterations = 5
        }
    }

    @Test("C3: a loop over a list, a text or what an expression gives")
    func loops() throws {
        try expect("forEach: {items: [1, x, {a: b}]}") { $0.loop = Loop(.list(JSON([1, "x", ["a": "b"]]))) }
        try expect("forEach:\n  csv: |\n    name,age\n    Ada,36\n  maxParallel: 3\n  as: person") {
            $0.loop = Loop(.csv("name,age\nAda,36\n"), maxParallel: 3, as: "person")
        }
        try expect("forEach:\n  lines: |\n    one\n    two\n  collect: false") { $0.loop = Loop(.lines("one\ntwo\n"), collects: false) }
        try expect("forEach: {from: input.rows, onItemFailure: continue}") {
            $0.loop = Loop(.expression("input.rows", format: .list), onItemFailure: .continue)
        }
        try expect("forEach: {format: csv, from: input.text}") { $0.loop = Loop(.expression("input.text", format: .csv)) }
    }

    @Test("B9: a window, and a compressor")
    func context() throws {
        try expect("context: {window: 3}") { $0.context = ContextRule(window: 3) }
        try expect("context: {compress: {handler: summarise, limit: 4000}}") { $0.context = ContextRule(compressor: .init("summarise", limit: 4000)) }
    }

    @Test("B8: a part of a result, asked for or required")
    func select() throws {
        let text = """
            name: g
            tasks:
              - {id: a, handler: h}
              - {id: b, handler: h}
              - id: c
                handler: h
                dependencies:
                  - {task: a, select: total}
                  - {task: b, as: price, select: {expression: "items[0].price", required: true}}
            """
        #expect(
            try GraphReader.read(yaml: text).tasks[2].dependencies == [
                Dependency("a", select: "total"), Dependency("b", as: "price", select: "items[0].price", requiresPart: true),
            ])
    }

    @Test("D2, D3: what follows each end")
    func continuations() throws {
        let lines = """
            onCompleted:
              - {id: ship, handler: ship}
              - {id: tell, handler: mail, dependencies: [ship]}
            onFailed:
              - {id: alert, handler: page, priority: 0}
            onCancelled:
              - {id: clean, handler: sweep, delay: 5m}
            """
        try expect(lines) {
            $0.continuations = Continuations(
                onCompleted: [TaskSpec(id: "ship", handler: "ship"), TaskSpec(id: "tell", handler: "mail", dependencies: [Dependency("ship")])],
                onFailed: [TaskSpec(id: "alert", handler: "page", priority: .urgent)],
                onCancelled: [TaskSpec(id: "clean", handler: "sweep", start: .after(.seconds(300)))])
        }
    }

    @Test("D5: a compensation by name, or in full; it makes the graph undo what has completed")
    func compensation() throws {
        try expect("compensate: refund") { $0.compensation = Compensation("refund") }
        try expect("compensate: {handler: refund, queue: money, params: {why: failed}, retry: {maxAttempts: 9}, timeouts: {attempt: 1m}}") {
            $0.compensation = Compensation(
                "refund", params: JSON(["why": "failed"]), queue: "money", retry: RetryPolicy(maxAttempts: 9), timeouts: Timeouts(attempt: .seconds(60)))
        }
        #expect(try GraphReader.read(yaml: "name: g\ntasks: [{id: a, handler: h, compensate: undo}]").onFailure == .compensate)
    }

    @Test("C6, E4: validators by name or in full, steps, a delay, a fallback, schemas")
    func guardrails() throws {
        try expect("validators: [polite, {handler: length, params: {most: 200}}]") {
            $0.guardrails = Guardrails([.init("polite"), .init("length", params: JSON(["most": 200]))])
        }
        try expect("validationSteps: 5\nretryDelay: 2s\nvalidators: [polite]\nfallback: human") {
            $0.guardrails = Guardrails([.init("polite")], steps: 5, delay: .seconds(2))
            $0.fallback = "human"
        }
        try expect("schemas: {inputs: {type: object}, result: {type: string}}\nvalidationSteps: 1") {
            $0.schemas = Schemas(inputs: JSON(["type": "object"]), result: JSON(["type": "string"]))
            $0.guardrails = Guardrails(steps: 1)
        }
    }

    @Test("C7: a graph in the place of a handler, with or without a name")
    func graphs() throws {
        try expect("graph:\n  tasks:\n    - {id: x, handler: h}", handler: nil) {
            $0.graph = Graph(name: "graph", tasks: [TaskSpec(id: "x", handler: "h")])
        }
        try expect("graph: {name: inner, mode: sequential, onFailure: continue, timeout: 1h, tasks: [{id: x, handler: h}]}", handler: nil) {
            $0.graph = Graph(name: "inner", timeout: .seconds(3600), mode: .sequential, onFailure: .continue, tasks: [TaskSpec(id: "x", handler: "h")])
        }
    }

    @Test("C8: an answer from outside, with a deadline and a default, which may be null")
    func answers() throws {
        try expect("answer: {}", handler: nil) { $0.answer = AnswerRule() }
        try expect("answer: {deadline: 2d, default: {approved: false}}", handler: nil) {
            $0.answer = AnswerRule(deadline: .seconds(2 * 86_400), default: JSON(["approved": false]))
        }
        try expect("answer: {default: null, deadline: 1h}", handler: nil) { $0.answer = AnswerRule(deadline: .seconds(3600), default: .null) }
    }

    @Test("E5, E6, E7: what tasks share")
    func shared() throws {
        try expect("limit: {concurrency: 3}") { $0.limit = SharedLimit(concurrency: 3) }
        try expect("limit: {key: inputs.tenant, rate: {permits: 100, per: 1m}}") {
            $0.limit = SharedLimit(key: "inputs.tenant", rate: .init(100, per: .seconds(60)))
        }
        try expect("breaker: {}") { $0.breaker = BreakerRule(failures: 5, reset: .seconds(30)) }
        try expect("breaker: {failures: 2, reset: 5s}") { $0.breaker = BreakerRule(failures: 2, reset: .seconds(5)) }
        try expect("cache: {ttl: 1h}") { $0.cache = CacheRule(ttl: .seconds(3600)) }
        try expect("cache: {ttl: 1h, version: 2}") { $0.cache = CacheRule(ttl: .seconds(3600), version: "2") }
        try expect("cache: {ttl: 1h, version: v2}") { $0.cache = CacheRule(ttl: .seconds(3600), version: "v2") }
    }

    @Test("C1: a list of tasks one after another")
    func sequential() throws {
        let text = "name: g\nmode: sequential\nonFailure: continue\ntasks:\n  - {id: a, handler: h}\n  - {id: b, handler: h, inputs: {x: 1}}\n"
        let graph = try GraphReader.read(yaml: text)
        #expect(graph == Graph(
            name: "g", mode: .sequential, onFailure: .continue,
            tasks: [TaskSpec(id: "a", handler: "h"), TaskSpec(id: "b", handler: "h", inputs: JSON(["x": 1]))]))
    }

    @Test("mistakes in rules have the same paths as in JSON")
    func paths() {
        let text = "name: g\ntasks:\n  - id: a\n    handler: h\n    forEach: {items: 5}\n    cache: {version: 1}\n    onFailed:\n      - {id: x, handler: h, cach: {}}\n"
        #expect(Set(problems(yaml: text).map(\.path)) == ["tasks[0].forEach.items", "tasks[0].cache.ttl", "tasks[0].onFailed[0].cach"])
    }
}
