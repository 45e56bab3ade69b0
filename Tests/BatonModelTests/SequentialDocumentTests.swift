import Testing

@testable import BatonModel

@Suite("C1: sequential documents", .timeLimit(.minutes(1)))
struct C1SequentialDocuments {
    @Test("dependencies are refused, each at its task: the order of the list decides")
    func dependencies() {
        let text = graph(
            #""mode":"sequential""#,
            tasks: #"{"id":"a","handler":"h","dependencies":["b"]},{"id":"b","handler":"h"},{"id":"c","handler":"h","dependencies":["a"]}"#)
        let found = problems(json: text)
        #expect(found.map(\.path) == ["tasks[0].dependencies", "tasks[2].dependencies"])
        #expect(found.allSatisfy { $0.message.contains("the order of the list decides") })
    }

    @Test("'continue' belongs to sequential mode, in a graph within a graph too")
    func continuing() throws {
        let task = #"{"id":"a","handler":"h"}"#
        #expect(problems(json: graph(#""onFailure":"continue""#, tasks: task)).map(\.path) == ["onFailure"])
        #expect(problems(json: graph(#""onFailure":"continue","mode":"graph""#, tasks: task)).map(\.path) == ["onFailure"])
        let read = try GraphReader.read(json: Array(graph(#""onFailure":"continue","mode":"sequential""#, tasks: task).utf8))
        #expect(read.onFailure == .continue && read.mode == .sequential)
        let nested = #"{"id":"a","graph":{"mode":"sequential","onFailure":"continue","tasks":[{"id":"b","handler":"h"}]}}"#
        #expect(problems(json: graph(#""timeout":"1s""#, tasks: nested)).isEmpty)
    }

    @Test("each task sees the result of the one before, so its inputs have to leave room for it")
    func inputs() {
        func text(_ fields: String) -> String {
            graph(#""mode":"sequential""#, tasks: #"{"id":"a","handler":"h","inputs":[1]},{"id":"b","handler":"h"},{"id":"c","handler":"h",\#(fields)}"#)
        }
        #expect(problems(json: text(#""inputs":{"x":1}"#)).isEmpty)
        #expect(problems(json: text(#""inputs":[1]"#)).map(\.path) == ["tasks[2].inputs"])
        #expect(problems(json: text(#""inputs":{"b":1}"#)).map(\.path) == ["tasks[2].inputs.b"])
        #expect(problems(json: text(#""inputs":{"a":1}"#)).isEmpty)
        #expect(problems(json: text(#""inputs":{"a":1},"context":{"window":2}"#)).map(\.path) == ["tasks[2].inputs.a"])
    }

    @Test("windows that together show more results than a graph may have tasks are refused")
    func windows() {
        var limits = Limits()
        limits.tasksPerGraph = 100
        func text(_ count: Int) -> String {
            let items = (0..<count).map { #"{"id":"t\#($0)","handler":"h","context":{"window":100000}}"# }
            return graph(#""mode":"sequential""#, tasks: items.joined(separator: ","))
        }
        #expect(problems(json: text(10), limits: limits).isEmpty)
        let found = problems(json: text(50), limits: limits)
        #expect(found.map(\.path) == ["tasks[15].context.window"])
        #expect(found.first?.message.contains("tasksPerGraph") == true)
    }

    @Test("a list of tasks is undone by default where one of them says how")
    func onFailure() throws {
        let plain = #"{"id":"a","handler":"h"}"#
        let undone = #"{"id":"a","handler":"h","compensate":"u"}"#
        #expect(try GraphReader.read(json: Array(graph(#""mode":"sequential""#, tasks: plain).utf8)).onFailure == .stop)
        #expect(try GraphReader.read(json: Array(graph(#""mode":"sequential""#, tasks: undone).utf8)).onFailure == .compensate)
        let stopped = try GraphReader.read(json: Array(graph(#""onFailure":"stop""#, tasks: undone).utf8))
        #expect(stopped.onFailure == .stop)
        #expect(try GraphReader.read(json: stopped.document.bytes) == stopped)
    }
}
