import Testing

@testable import BatonModel

@Suite("C2, C4: routes in documents", .timeLimit(.minutes(1)))
struct C2RouteDocuments {
    @Test(
        "routes that lead nowhere are refused at their path",
        arguments: [
            (#""routes":{"x":"nowhere"}"#, ["routes.x"]), (#""routes":{"x":["b","nowhere"],"y":"b"}"#, ["routes.x"]), (#""routes":{"x":[]}"#, ["routes.x"]),
            (#""routes":{}"#, ["routes"]), (#""routes":["b"]"#, ["routes"]), (#""routes":5"#, ["routes"]), (#""routes":{"x":5}"#, ["routes.x"]),
            (#""routes":{"x":{}}"#, ["routes.x"]), (#""routes":{"x":["b",5]}"#, ["routes.x[1]"]), (#""routes":{"x":null}"#, ["routes.x"]),
            (#""routes":{"x":"b"},"defaultRoute":"z""#, ["defaultRoute"]), (#""routes":{"x":"b"},"defaultRoute":5"#, ["defaultRoute"]),
            (#""routes":{"x":"b"},"route":{}"#, ["route"]), (#""route":"kind""#, ["routes"]), (#""defaultRoute":"x""#, ["routes"]),
            (#""routes":{"x":"n1","y":["n2"]},"defaultRoute":"z""#, ["routes.x", "routes.y", "defaultRoute"]),
        ])
    func nowhere(fields: String, paths: [String]) {
        let found = problems(json: withTasks(fields, "b"))
        #expect(found.map(\.path).sorted() == paths.map { "tasks[0].\($0)" }.sorted(), "\(found)")
    }

    @Test("a route that leads both back and on is refused, and the message says what to do")
    func mixed() {
        let text = #"""
            {"name":"g","tasks":[{"id":"draft","handler":"h"},
             {"id":"review","handler":"h","dependencies":["draft"],"routes":{"good":"publish","poor":["draft","publish"]}},
             {"id":"publish","handler":"h"}]}
            """#
        let found = problems(json: text)
        #expect(found.map(\.path) == ["tasks[1].routes.poor"])
        #expect(found.first?.message.contains("a route of their own") == true)
        #expect(problems(json: text.replacing(#"["draft","publish"]"#, with: #""draft""#)).isEmpty)
    }

    @Test("in sequential mode the order of the list decides what is back")
    func sequential() {
        func text(_ targets: String) -> String {
            graph(
                #""mode":"sequential""#,
                tasks: #"{"id":"draft","handler":"h"},{"id":"review","handler":"h","routes":{"poor":[\#(targets)]}},{"id":"publish","handler":"h"}"#)
        }
        #expect(problems(json: text(#""draft","publish""#)).map(\.path) == ["tasks[1].routes.poor"])
        #expect(problems(json: text(#""draft""#)).isEmpty)
        #expect(problems(json: text(#""publish""#)).isEmpty)
    }

    @Test("the result of a decision is put beside the inputs of those that it leads to, so they have to leave room for it")
    func inputs() {
        func text(_ fields: String) -> String {
            #"{"name":"g","tasks":[{"id":"choose","handler":"h","routes":{"x":"b"}},{"id":"b","handler":"h",\#(fields)},{"id":"choice","handler":"h"}]}"#
        }
        #expect(problems(json: text(#""inputs":[1]"#)).map(\.path) == ["tasks[1].inputs"])
        #expect(problems(json: text(#""inputs":{"choose":1}"#)).map(\.path) == ["tasks[1].inputs.choose"])
        #expect(problems(json: text(#""dependencies":[{"task":"choice","as":"choose"}]"#)).map(\.path) == ["tasks[1].dependencies"])
        #expect(problems(json: text(#""inputs":{"x":1},"dependencies":[{"task":"choose","as":"c"}]"#)).isEmpty)
        #expect(problems(json: text(#""inputs":{"choose":1},"dependencies":[{"task":"choose","as":"c"}]"#)).isEmpty)
        #expect(problems(json: text(#""inputs":{"choose":1},"merge":"flat""#)).isEmpty)
    }

    @Test("a task that a decision comes after may have any inputs: nothing new is put beside them")
    func inputsOfTheFirst() {
        let text = #"{"name":"g","tasks":[{"id":"a","handler":"h","inputs":[1]},{"id":"b","handler":"h","dependencies":["a"],"routes":{"again":"a"}}]}"#
        #expect(problems(json: text).isEmpty)
    }

    @Test("'routed' is made by routes, and can't be asked for")
    func routed() {
        let found = problems(json: tasks(("a", ""), ("b", #"{"task":"a","on":"routed"}"#)))
        #expect(found.map(\.path) == ["tasks[1].dependencies[0].on"])
        #expect(found.first?.message.contains("routes") == true)
    }

    @Test("a rule of a loop can't stand beside a decision's")
    func loops() {
        let found = problems(json: withTasks(#""forEach":{"items":[1]},"routes":{"x":"b"},"validators":["v"]"#, "b"))
        #expect(Set(found.map(\.path)) == ["tasks[0].routes", "tasks[0].validators"])
    }
}
