import Testing

@testable import BatonModel

@Suite("C3: loops in documents", .timeLimit(.minutes(1)))
struct C3LoopDocuments {
    @Test(
        "a loop that can't be run is refused at its path",
        arguments: [
            (#"5"#, "forEach"), (#"[1,2]"#, "forEach"), (#"{}"#, "forEach.items"), (#"{"maxParallel":2}"#, "forEach.items"), (#"{"items":5}"#, "forEach.items"),
            (#"{"items":{"a":1}}"#, "forEach.items"), (#"{"items":"a,b"}"#, "forEach.items"), (#"{"items":null}"#, "forEach.items"),
            (#"{"items":[1],"lines":"a"}"#, "forEach"), (#"{"csv":"a","from":"b"}"#, "forEach"), (#"{"csv":"a","lines":"b","items":[]}"#, "forEach"),
            (#"{"csv":5}"#, "forEach.csv"), (#"{"lines":["a"]}"#, "forEach.lines"), (#"{"csv":"a§b"}"#, "forEach.csv"), (#"{"from":5}"#, "forEach.from"),
            (#"{"from":"[["}"#, "forEach.from"), (#"{"items":[],"maxParallel":0}"#, "forEach.maxParallel"),
            (#"{"items":[],"maxParallel":100001}"#, "forEach.maxParallel"), (#"{"items":[],"maxParallel":"all"}"#, "forEach.maxParallel"),
            (#"{"items":[],"as":""}"#, "forEach.as"), (#"{"items":[],"as":"index"}"#, "forEach.as"), (#"{"items":[],"as":1}"#, "forEach.as"),
            (#"{"items":[],"onItemFailure":"skip"}"#, "forEach.onItemFailure"), (#"{"items":[],"collect":"no"}"#, "forEach.collect"),
            (#"{"items":[],"format":"csv"}"#, "forEach.format"), (#"{"csv":"a","format":"csv"}"#, "forEach.format"), (#"{"from":"x","format":"xml"}"#, "forEach.format"),
        ])
    func refused(loop: String, path: String) {
        let found = problems(json: oneTask("\"forEach\":\(loop)"), checks: RuleChecks.strict)
        #expect(found.map(\.path) == ["tasks[0].\(path)"], "\(found)")
    }

    @Test("an empty list is a list")
    func empty() throws {
        for loop in [#"{"items":[]}"#, #"{"csv":""}"#, #"{"lines":""}"#] { #expect(problems(json: oneTask("\"forEach\":\(loop)")).isEmpty) }
    }

    @Test("the item is put beside the inputs' own fields and the results, so there has to be room for it")
    func inputs() {
        #expect(problems(json: oneTask(#""inputs":[1],"forEach":{"items":[1]}"#)).map(\.path) == ["tasks[0].inputs"])
        #expect(problems(json: oneTask(#""inputs":{"x":1},"forEach":{"items":[1]}"#)).isEmpty)
        func after(_ dependency: String, _ loop: String) -> [String] {
            problems(json: #"{"name":"g","tasks":[{"id":"item","handler":"h"},{"id":"b","handler":"h","dependencies":[\#(dependency)],"forEach":\#(loop)}]}"#)
                .map(\.path)
        }
        #expect(after(#""item""#, #"{"from":"item"}"#) == ["tasks[1].forEach.as"])
        #expect(after(#""item""#, #"{"from":"item","as":"row"}"#) == [])
        #expect(after(#"{"task":"item","as":"rows"}"#, #"{"from":"rows"}"#) == [])
        #expect(after(#"{"task":"item","as":"index"}"#, #"{"from":"index"}"#) == ["tasks[1].forEach.as"])
    }

    @Test("a stored loop is read from the store, and from nowhere else")
    func stored() throws {
        var rules = TaskRules()
        rules.loop = Loop(.stored, maxParallel: 3)
        let task = TaskSpec(id: "a", handler: "h", rules: rules)
        #expect(try GraphReader.read(checkedTask: task.document.bytes) == task)
        #expect(problems(of: Graph(name: "g", tasks: [task])).map(\.path) == ["tasks[0].forEach.items"])
        #expect(!problems(json: oneTask(#""forEach":{"stored":true}"#)).isEmpty)
        #expect(!problems(json: oneTask(#""forEach":{"items":[1],"stored":false}"#)).isEmpty)
    }
}
