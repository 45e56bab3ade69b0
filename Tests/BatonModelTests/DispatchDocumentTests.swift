import Testing

@testable import BatonModel

@Suite("D2: lists of tasks that follow", .timeLimit(.minutes(1)))
struct D2DispatchDocuments {
    private func read(_ text: String) throws -> [TaskSpec] { try GraphReader.read(dispatch: Array(text.utf8)) }

    @Test("a handler's list needs no ids, and those that it gives may be named by the others")
    func ids() throws {
        let list = try read(#"[{"handler":"a"},{"id":"b","handler":"h"},{"handler":"c","dependencies":["b"],"parent":"b"}]"#)
        #expect(list.map(\.id) == [TaskID(GraphReader.unread), "b", TaskID(GraphReader.unread)])
        #expect(list[2].dependencies == [Dependency("b")])
        #expect(try read("[]").isEmpty)
    }

    @Test("D4: a task says which time it runs")
    func round() throws {
        #expect(try read(#"[{"handler":"a","round":7}]"#)[0].rules.round == 7)
        #expect(try read(#"[{"handler":"a","round":1}]"#)[0].hasRules == false)
        #expect(try read(#"[{"handler":"a","round":2147483647}]"#)[0].rules.round == 2_147_483_647)
        #expect(problems(dispatch: #"[{"handler":"a","round":0}]"#).map(\.path) == ["dispatch[0].round"])
    }

    @Test(
        "what is wrong is told with paths in the list",
        arguments: [
            (#"{}"#, "dispatch"), (#"[5]"#, "dispatch[0]"), (#"[{}]"#, "dispatch[0].handler"), (#"[{"id":"?","handler":"h"}]"#, "dispatch[0].id"),
            (#"[{"id":"a b","handler":"h"}]"#, "dispatch[0].id"), (#"[{"id":"a","handler":"h"},{"id":"a","handler":"h"}]"#, "dispatch[1].id"),
            (#"[{"handler":"h","dependencies":["a"]}]"#, "dispatch[0].dependencies[0]"), (#"[{"handler":"h","dependencies":["?"]}]"#, "dispatch[0].dependencies[0]"),
            (#"[{"handler":"h","parent":"p"}]"#, "dispatch[0].parent"), (#"[{"handler":"a b"}]"#, "dispatch[0].handler"), (#"[{"handler":"h","key":"k"}]"#, "dispatch[0].key"),
            (#"[{"handler":"h","routes":{"x":"y"}}]"#, "dispatch[0].routes.x"), (#"[{"handler":"h","routes":{"x":"?"}}]"#, "dispatch[0].routes.x"),
            (#"[{"handler":"h","onFailed":[{"handler":"h"}]}]"#, "dispatch[0].onFailed[0].id"),
            (#"[{"graph":{"name":"a b","tasks":[{"id":"a","handler":"h"}]}}]"#, "dispatch[0].graph.name"),
            (#"[{"handler":"h","compensate":{}}]"#, "dispatch[0].compensate.handler"), (#"[{"handler":"h","when":"[["}]"#, "dispatch[0].when"),
            (#"[{"id":"a","handler":"h","dependencies":["b"]},{"id":"b","handler":"h","dependencies":["a"]}]"#, "dispatch[0].dependencies"),
            (#"[{"handler":"h","forEach":{"stored":true}}]"#, "dispatch[0].forEach.stored"),
        ])
    func refused(text: String, path: String) {
        let found = problems(dispatch: text, checks: RuleChecks.strict)
        #expect(found.first?.path == path, "\(found)")
        #expect(found.allSatisfy { $0.path.hasPrefix("dispatch") })
    }

    @Test("a list that is no JSON is refused with words", arguments: ["", "[", "[{}", "[] []", "nul", "\u{0}"])
    func noDocument(text: String) {
        let found = problems(dispatch: text)
        #expect(found.count == 1 && found[0].message.contains("not JSON"))
    }

    @Test("more tasks than a graph may have are refused once, whatever the others depend on")
    func tooMany() {
        var limits = Limits()
        limits.tasksPerGraph = 2
        let text = #"[{"handler":"h","dependencies":["c"]},{"id":"b","handler":"h"},{"id":"c","handler":"h"}]"#
        #expect(problems(dispatch: text, limits: limits).map(\.path) == ["dispatch"])
    }

    @Test("declared continuations are lists of their own: ids may come again in another list, not twice in one")
    func continuations() throws {
        let same = #"[{"id":"x","handler":"h"},{"id":"y","handler":"h","dependencies":["x"]}]"#
        #expect(problems(json: oneTask(#""onCompleted":\#(same),"onFailed":\#(same),"onCancelled":\#(same)"#)).isEmpty)
        for field in ["onCompleted", "onFailed", "onCancelled"] {
            let found = problems(json: oneTask(#""\#(field)":[{"id":"x","handler":"h"},{"id":"x","handler":"h"}]"#))
            #expect(found.map(\.path) == ["tasks[0].\(field)[1].id"])
            #expect(found.first?.message.contains("tasks[0].\(field)[0]") == true)
            #expect(problems(json: oneTask(#""\#(field)":[{"handler":"h"}]"#)).map(\.path) == ["tasks[0].\(field)[0].id"])
            #expect(problems(json: oneTask(#""\#(field)":[{"id":"x","handler":"h","dependencies":["a"]}]"#)).map(\.path)
                == ["tasks[0].\(field)[0].dependencies[0]"])
            #expect(problems(json: oneTask(#""\#(field)":[]"#)).isEmpty)
        }
        let circle = #""onFailed":[{"id":"x","handler":"h","dependencies":["y"]},{"id":"y","handler":"h","dependencies":["x"]}]"#
        #expect(problems(json: oneTask(circle)).map(\.path) == ["tasks[0].onFailed[0].dependencies"])
    }
}
