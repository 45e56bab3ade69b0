import Testing

@testable import BatonModel

@Suite("B4, C7: graphs within graphs, and what follows within what follows", .timeLimit(.minutes(1)))
struct B4NestingDocuments {
    /// A task within so many graphs.
    private func nested(_ levels: Int) -> String {
        let task = (0..<levels).reduce(#"{"id":"t","handler":"h"}"#) { task, _ in #"{"id":"t","graph":{"tasks":[\#(task)]}}"# }
        return #"{"name":"g","tasks":[\#(task)]}"#
    }

    private func following(_ levels: Int) -> String {
        let task = (0..<levels).reduce(#"{"id":"t","handler":"h"}"#) { task, _ in #"{"id":"t","handler":"h","onCompleted":[\#(task)]}"# }
        return #"{"name":"g","tasks":[\#(task)]}"#
    }

    @Test("graphs may be nested as deep as the limit, and no deeper")
    func graphs() {
        #expect(problems(json: nested(8)).isEmpty)
        let found = problems(json: nested(9))
        #expect(found.map(\.path) == ["tasks[0]" + String(repeating: ".graph.tasks[0]", count: 8) + ".graph"])
        #expect(found.first?.message.contains("limit nesting of 8") == true)
        var limits = Limits()
        limits.nesting = 0
        #expect(problems(json: nested(0), limits: limits).isEmpty)
        #expect(problems(json: nested(1), limits: limits).map(\.path) == ["tasks[0].graph"])
    }

    @Test("so may continuations, and the two together")
    func continuations() {
        #expect(problems(json: following(8)).isEmpty)
        #expect(problems(json: following(9)).map(\.path) == ["tasks[0]" + String(repeating: ".onCompleted[0]", count: 8) + ".onCompleted"])
        var limits = Limits()
        limits.nesting = 1
        let mixed = oneTask(#""onFailed":[{"id":"b","graph":{"tasks":[{"id":"c","handler":"h"}]}}]"#)
        #expect(problems(json: mixed, limits: limits).map(\.path) == ["tasks[0].onFailed[0].graph"])
        limits.nesting = 2
        #expect(problems(json: mixed, limits: limits).isEmpty)
    }

    @Test("a graph made in Swift is held to the limit too")
    func fromSwift() throws {
        func wrapped(_ levels: Int) -> Graph {
            (0..<levels).reduce(Graph(name: "g", tasks: [TaskSpec(id: "t", handler: "h")])) { graph, _ in
                var rules = TaskRules()
                rules.graph = graph
                return Graph(name: "g", tasks: [TaskSpec(id: "t", handler: .graph, rules: rules)])
            }
        }
        #expect(problems(of: wrapped(8)).isEmpty)
        #expect(problems(of: wrapped(9)).map(\.path) == ["tasks[0]" + String(repeating: ".graph.tasks[0]", count: 8) + ".graph"])
    }

    @Test("a document nested 10,000 deep is refused without exhausting the stack")
    func endless() {
        for (open, close) in [
            (#"{"id":"t","graph":{"tasks":["#, "]}}"), (#"{"id":"t","handler":"h","onFailed":["#, "]}"),
            (#"{"id":"t","handler":"h","forEach":{"items":["#, "]}}"), ("[", "]"),
        ] {
            let text = #"{"name":"g","tasks":["# + String(repeating: open, count: 10_000) + String(repeating: close, count: 10_000) + "]}"
            #expect(!problems(json: text).isEmpty)
            #expect(!problems(dispatch: text).isEmpty)
        }
        var limits = Limits()
        limits.nesting = 100_000
        #expect(problems(json: nested(10_000), limits: limits).count == 1)
        #expect(problems(json: nested(80), limits: limits).isEmpty)
    }

    @Test("what was accepted under a larger limit is still read from the store")
    func stored() throws {
        var limits = Limits()
        limits.nesting = 40
        let graph = try GraphReader.read(json: Array(nested(40).utf8), limits: limits)
        let task = try #require(graph.tasks.first)
        #expect(try GraphReader.read(checkedTask: task.document.bytes) == task)
    }

    @Test(
        "a task has one thing that makes its result",
        arguments: [
            (#""handler":"h","graph":{"tasks":[{"id":"b","handler":"h"}]}"#, ["graph"]), (#""handler":"h","answer":{}"#, ["answer"]),
            (#""graph":{"tasks":[{"id":"b","handler":"h"}]},"answer":{}"#, ["graph"]), (#""inputs":{}"#, ["handler"]),
            (#""handler":"baton.graph""#, ["handler"]), (#""handler":"baton.answer""#, ["handler"]), (#""graph":5"#, ["graph"]),
            (#""graph":{}"#, ["graph.tasks"]), (#""graph":{"tasks":[]}"#, ["graph.tasks"]), (#""graph":{"name":"a b","tasks":[{"id":"b","handler":"h"}]}"#, ["graph.name"]),
            (#""graph":{"onFailure":"continue","tasks":[{"id":"b","handler":"h"}]}"#, ["graph.onFailure"]),
            (#""graph":{"timeout":"0s","tasks":[{"id":"b","handler":"h"},{"id":"b","handler":"h"}]}"#, ["graph.timeout", "graph.tasks[1].id"]),
            (#""graph":{"tasks":[{"id":"b","handler":"h","dependencies":["a"]}]}"#, ["graph.tasks[0].dependencies[0]"]),
            (#""answer":5"#, ["answer"]), (#""answer":{"deadline":"0s"}"#, ["answer.deadline"]), (#""answer":{"default":1}"#, ["answer.deadline"]),
            (#""answer":{"deadline":5,"default":1}"#, ["answer.deadline"]),
        ])
    func oneMaker(fields: String, paths: [String]) {
        #expect(Set(problems(json: #"{"name":"g","tasks":[{"id":"a",\#(fields)}]}"#).map(\.path)) == Set(paths.map { "tasks[0].\($0)" }))
    }

    @Test(
        "rules for handlers are refused on a task without one", arguments: [
            #""limit":{"concurrency":1}"#, #""breaker":{}"#, #""cache":{"ttl":"1s"}"#, #""fallback":"h""#, #""context":{"compress":{"handler":"h","limit":9}}"#,
        ])
    func withoutHandler(rule: String) {
        for maker in [#""answer":{}"#, #""graph":{"tasks":[{"id":"b","handler":"h"}]}"#] {
            let found = problems(json: #"{"name":"g","tasks":[{"id":"a",\#(maker),\#(rule)}]}"#)
            #expect(found.count == 1 && found[0].message.contains("belongs to a task with a handler"), "\(found)")
        }
    }
}
