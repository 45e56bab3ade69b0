import Testing

@testable import BatonModel

@Suite("A7, B4: graphs read back as they were", .timeLimit(.minutes(1)))
struct B4RoundTrips {
    @Test("a graph's document reads back as the equal graph, and gives the same text again", arguments: 0..<8)
    func json(part: Int) throws {
        for seed in 0..<60 {
            var random = RandomGraph(seed: UInt64(part * 1000 + seed))
            let graph = random.graph()
            let document = graph.document
            let again = try GraphReader.read(json: document.bytes, checks: RuleChecks.strict)
            try #require(again == graph, "seed \(part * 1000 + seed): \(document)")
            #expect(again.document == document)
            #expect(problems(of: graph).isEmpty)
        }
    }

    @Test("so it does as YAML")
    func yaml() throws {
        for seed in 0..<100 {
            var random = RandomGraph(seed: UInt64(seed) + 100_000)
            let graph = random.graph()
            try #require(try GraphReader.read(yaml: graph.document.description) == graph, "seed \(seed): \(graph.document)")
        }
    }

    @Test("a task's own document reads back from the store, alone and in a list")
    func tasks() throws {
        for seed in 0..<200 {
            var random = RandomGraph(seed: UInt64(seed) + 200_000)
            let graph = random.graph()
            for task in graph.tasks {
                try #require(try GraphReader.read(checkedTask: task.document.bytes) == task, "seed \(seed): \(task.document)")
            }
            #expect(try GraphReader.read(checkedTasks: graph.document.bytes) == graph.tasks)
        }
    }

    @Test("D2: a list that is dispatched reads back too")
    func dispatched() throws {
        for seed in 0..<200 {
            var random = RandomGraph(seed: UInt64(seed) + 300_000)
            let tasks = random.tasks(1...5, depth: 1)
            var writer = JSONWriter()
            writer.array { for task in tasks { $0.write(task.document) } }
            try #require(try GraphReader.read(dispatch: writer.bytes) == tasks, "seed \(seed): \(writer.json)")
        }
    }

    @Test("what prepared graphs have beyond documents reads back from the store")
    func prepared() throws {
        var rules = TaskRules()
        rules.loop = Loop(.stored, maxParallel: 2, as: "row", onItemFailure: .continue, collects: false)
        let task = TaskSpec(id: "a", handler: "h", dependencies: [Dependency("b", on: .routed), Dependency("c", on: .routed, as: "d")], rules: rules)
        #expect(try GraphReader.read(checkedTask: task.document.bytes) == task)
    }

    @Test("the generator makes each rule")
    func coverage() {
        var seen: Set<String> = []
        for seed in 0..<300 {
            var random = RandomGraph(seed: UInt64(seed))
            let text = random.graph().document.description
            for field in GraphReader.taskFields + GraphReader.ruleFields where text.contains("\"\(field)\":") { seen.insert(field) }
        }
        #expect(seen == Set(GraphReader.taskFields + GraphReader.ruleFields))
    }
}
