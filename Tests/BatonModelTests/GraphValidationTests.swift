import Testing

@testable import BatonModel

@Suite("Dependencies of a graph", .timeLimit(.minutes(1)))
struct GraphValidationTests {
    @Test("B4: a cycle is refused with its path")
    func cycle() {
        let found = problems(json: tasks(("x", #""c""#), ("a", #""b""#), ("b", #""c""#), ("c", #""a""#), ("free", "")))
        #expect(found.count == 1)
        #expect(found[0].message.contains("c → a → b → c"))
        #expect(found[0].path == "tasks[3].dependencies")
        #expect(problems(json: tasks(("a", #""b""#), ("b", #""a""#)))[0].message.contains("a → b → a"))
    }

    @Test("B4: a long cycle is named by its first tasks")
    func longCycle() {
        let list = (0..<1000).map { TaskSpec(id: TaskID("t\($0)"), handler: "h", dependencies: [Dependency(TaskID("t\(($0 + 1) % 1000)"))]) }
        let found = problems(of: Graph(name: "g", tasks: list))
        #expect(found.count == 1)
        #expect(found[0].message.hasSuffix("t0 → t1 → t2 → t3 → t4 → t5 → t6 → t7 → t8 → t9 → t10 → t11 → …"))
    }

    @Test("B4: a task that waits for itself, for nobody's id, or twice for one is refused")
    func edges() {
        #expect(problems(json: tasks(("a", #""a""#))).map(\.path) == ["tasks[0].dependencies[0]"])
        let unknown = problems(json: tasks(("a", #""b""#), ("c", #""a",{"task":"d"}"#)))
        #expect(unknown.map(\.path) == ["tasks[0].dependencies[0]", "tasks[1].dependencies[1]"])
        #expect(unknown[0].message.contains("'b'"))
        #expect(problems(json: tasks(("a", ""), ("b", #""a","a""#))).map(\.path) == ["tasks[1].dependencies[1]"])
        for text in [#""""#, #"{"task":""}"#, #""?""#] { #expect(problems(json: tasks(("a", text))).count == 1) }
    }

    @Test("B4: an id used twice is refused, and says where the first is")
    func duplicateID() {
        let found = problems(json: tasks(("a", ""), ("b", ""), ("a", "")))
        #expect(found.map(\.path) == ["tasks[2].id"])
        #expect(found[0].message.contains("tasks[0]"))
    }

    @Test("B1: a parent is never order: parents in a circle or of a later task don't stop a graph")
    func parents() {
        let text = #"{"name":"g","tasks":[{"id":"a","handler":"h","parent":"b"},{"id":"b","handler":"h","parent":"a","dependencies":["a"]}]}"#
        #expect(problems(json: text).isEmpty)
        #expect(problems(json: oneTask(#""parent":"a""#)).map(\.path) == ["tasks[0].parent"])
        #expect(problems(json: oneTask(#""parent":"nobody""#)).map(\.path) == ["tasks[0].parent"])
        #expect(problems(json: oneTask(#""parent":"""#)).map(\.path) == ["tasks[0].parent"])
    }

    @Test("B7: names of dependencies must not collide, with one another or with the inputs' own fields")
    func names() {
        #expect(problems(json: tasks(("a", ""), ("b", ""), ("c", #""a",{"task":"b","as":"a"}"#))).map(\.path) == ["tasks[2].dependencies[1].as"])
        #expect(problems(json: tasks(("a", ""), ("c", #"{"task":"a","as":""}"#))).map(\.path) == ["tasks[1].dependencies[0].as"])
        func withInputs(_ fields: String) -> [String] {
            problems(json: #"{"name":"g","tasks":[{"id":"a","handler":"h"},{"id":"b","handler":"h","dependencies":["a"],\#(fields)}]}"#).map(\.path)
        }
        #expect(withInputs(#""inputs":{"a":1}"#) == ["tasks[1].inputs.a"])
        #expect(withInputs(#""inputs":[1]"#) == ["tasks[1].inputs"])
        #expect(withInputs(#""inputs":{"a":1},"merge":"flat""#) == [])
        #expect(withInputs(#""inputs":{"x":1}"#) == [])
    }

    @Test("B6: the priorities are 0 to 3, and 0 comes first")
    func priorities() {
        #expect(Priority.allCases.map(\.rawValue) == [0, 1, 2, 3])
        #expect(Priority.urgent < .low)
    }

    @Test("graphs made in Swift are held to the same rules")
    func fromSwift() {
        #expect(problems(of: Graph(name: "?", tasks: [TaskSpec(id: "?", handler: "?", queue: "?")])).map(\.path) == [
            "name", "tasks[0].id", "tasks[0].handler", "tasks[0].queue",
        ])
        #expect(problems(of: Graph(name: "g", tasks: [])).map(\.path) == ["tasks"])
        #expect(problems(of: Graph(name: "", tasks: [])).map(\.path) == ["name", "tasks"])
        var rules = TaskRules()
        rules.compensation = Compensation("?", queue: "?")
        rules.guardrails = Guardrails([.init("?")])
        rules.continuations.onFailed = [TaskSpec(id: "?", handler: "?")]
        rules.graph = Graph(name: "?", tasks: [])
        let task = TaskSpec(id: "a", handler: .graph, rules: rules)
        #expect(
            Set(problems(of: Graph(name: "g", tasks: [task])).map(\.path)) == [
                "tasks[0].compensate.handler", "tasks[0].compensate.queue", "tasks[0].validators[0]", "tasks[0].onFailed[0].id",
                "tasks[0].onFailed[0].handler", "tasks[0].graph.name", "tasks[0].graph.tasks",
            ])
        #expect(problems(of: Graph(name: "g", tasks: [TaskSpec(id: "a", handler: "h", dependencies: [Dependency("")])])).count == 1)
    }

    @Test("B5: a chain of 100,000 tasks and a join of 100,000 are read without quadratic work or a deep stack")
    func large() throws {
        func chain(_ count: Int) -> Graph {
            Graph(
                name: "g",
                tasks: (0..<count).map {
                    TaskSpec(id: TaskID("t\($0)"), handler: "h", dependencies: $0 == 0 ? [] : [Dependency(TaskID("t\($0 - 1)"))])
                })
        }
        // Quadratic work would not end within the suite's limit.
        let large = chain(100_000)
        #expect(try GraphReader.read(json: large.document.bytes) == large)
        var circle = large
        circle.tasks[0].dependencies = [Dependency("t99999")]
        #expect(problems(of: circle).count == 1)
        var join = Graph(name: "g", tasks: (0..<100_000).map { TaskSpec(id: TaskID("t\($0)"), handler: "h") })
        join.tasks.append(TaskSpec(id: "join", handler: "h", dependencies: join.tasks.map { Dependency($0.id) }))
        #expect(problems(of: join).isEmpty)
    }
}

