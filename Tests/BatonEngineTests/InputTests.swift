import BatonEngine
import BatonModel
import Testing

private func part(_ dependency: Dependency, _ result: JSON?, _ status: TaskStatus = .completed) -> MergedInputs.Part {
    MergedInputs.Part(dependency, status: status, finishedAt: nil, result: result, error: nil)
}

private func merge(_ own: JSON?, _ parts: [MergedInputs.Part], isFlat: Bool = false) throws -> JSONValue {
    try MergedInputs.merge(own, MergedInputs.context(parts), isFlat: isFlat).value
}

@Suite("B7 results as inputs", .timeLimit(.minutes(1)))
struct B7ResultsAsInputs {
    @Test("results stand under the dependency's id, or its other name, beside the task's own inputs")
    func named() throws {
        let merged = try merge(json(["own": 1]), [part(Dependency("a"), json(2)), part(Dependency("b", as: "bee"), json([3]))])
        #expect(merged == ["own": 1, "a": 2, "bee": [3]])
        #expect(try merge(nil, []) == [:])
    }

    @Test("one that gave no result is null")
    func missing() throws {
        #expect(try merge(nil, [part(Dependency("a", on: .finished), nil, .failed)]) == ["a": nil])
    }

    @Test("flat: the fields of the results stand beside the inputs' own; what gave nothing is left out")
    func flat() throws {
        let parts = [part(Dependency("a"), json(["x": 1])), part(Dependency("b"), nil, .skipped), part(Dependency("c"), json(["y": 2]))]
        #expect(try merge(json(["own": 0]), parts, isFlat: true) == ["own": 0, "x": 1, "y": 2])
    }

    @Test("flat: a field that comes twice is an error that names both")
    func collision() {
        for (own, other) in [(json([:]), "a"), (json(["x": 0]), "the inputs")] {
            #expect {
                try merge(own, [part(Dependency("a"), json([other == "a" ? "x" : "z": 1])), part(Dependency("b"), json(["x": 2]))], isFlat: true)
            } throws: { error in
                let error = error as? TaskError
                return error?.type == TaskError.Kind.invalidInputs && error?.message == "'merge: flat': 'x' comes from \(other) and from b"
            }
        }
    }

    @Test("flat: what is no object is an error")
    func notAnObject() {
        #expect(throws: TaskError.self) { try merge(nil, [part(Dependency("a"), json([1]))], isFlat: true) }
    }
}

@Suite("B8 selective context", .timeLimit(.minutes(1)))
struct B8SelectiveContext {
    @Test("a dependency passes the part that is selected")
    func selected() throws {
        let merged = try merge(nil, [part(Dependency("a", select: "items[?big].id"), json(["items": [["id": 1, "big": true], ["id": 2]]]))])
        #expect(merged == ["a": [1]])
    }

    @Test("a part that isn't there is null, or an error where it is required")
    func missing() throws {
        #expect(try merge(nil, [part(Dependency("a", select: "x.y"), json([:]))]) == ["a": nil])
        #expect {
            try merge(nil, [part(Dependency("a", select: "x.y", requiresPart: true), json([:]))])
        } throws: { ($0 as? TaskError)?.message == "the result of a has no 'x.y', which is required" }
    }

    @Test("an expression that can't be applied is an error that names it")
    func impossible() {
        #expect {
            try merge(nil, [part(Dependency("a", select: "abs(@)"), json("x"))])
        } throws: { ($0 as? TaskError)?.message.contains("'abs(@)'") == true && ($0 as? TaskError)?.retryable == false }
    }
}

@Suite("C3 items", .timeLimit(.minutes(1)))
struct C3Items {
    private func csv(_ text: String) throws -> [JSONValue] { try Items.split(.csv(text)).map(\.value) }
    private func lines(_ text: String) throws -> [JSONValue] { try Items.split(.lines(text)).map(\.value) }

    @Test("CSV: each row is an object of texts by the names of the first row", arguments: [",", ";", "\t"])
    func separators(_ separator: String) throws {
        let text = [["name", "n"], ["x", "1"], ["y", "2"]].map { $0.joined(separator: separator) }.joined(separator: "\n")
        for end in ["", "\n", "\r\n"] { #expect(try csv(text + end) == [["name": "x", "n": "1"], ["name": "y", "n": "2"]]) }
        #expect(try csv(text.split(separator: "\n").joined(separator: "\r\n")) == [["name": "x", "n": "1"], ["name": "y", "n": "2"]])
    }

    @Test("CSV: quotes hold separators, line ends and quotes")
    func quotes() throws {
        #expect(try csv("a,b\n\"x, \"\"y\"\"\",\"1\n2\"\n") == [["a": "x, \"y\"", "b": "1\n2"]])
        #expect(try csv("\"a,1\",b\n1,2") == [["a,1": "1", "b": "2"]])
    }

    @Test("CSV: empty cells are empty texts; short rows are filled up; empty rows don't count")
    func empty() throws {
        #expect(try csv("a,b,c\n1,,3\n,2,\n\n4\n") == [
            ["a": "1", "b": "", "c": "3"], ["a": "", "b": "2", "c": ""], ["a": "4", "b": "", "c": ""],
        ])
        #expect(try csv("a,b\n1,") == [["a": "1", "b": ""]])
        for text in ["", "  \n ", "a,b", "a,b\n"] { #expect(try csv(text).isEmpty) }
    }

    @Test("CSV: one column, a byte order mark, letters of any script")
    func odd() throws {
        #expect(try csv("\u{FEFF}näme\nżółw\n😀") == [["näme": "żółw"], ["näme": "😀"]])
    }

    @Test("CSV: a cell too many, a column named twice, and an open quote are errors that say where")
    func errors() {
        #expect { try csv("a,b\n1,2\n1,2,3") } throws: { "\($0)" == "row 3 has '3' beyond the 2 columns of the first row" }
        #expect { try csv("a,a\n1,2") } throws: { "\($0)" == "the first row names the column 'a' twice" }
        #expect(throws: UnreadableItems.self) { try csv("a,b\n\"1,2\n") }
    }

    @Test("lines: one item a line, without its end; an empty line is an empty text")
    func lines() throws {
        #expect(try lines("a\nb\n") == ["a", "b"])
        #expect(try lines("a\r\nb\r\n") == ["a", "b"])
        #expect(try lines("a\n\nb") == ["a", "", "b"])
        #expect(try lines("a\n\n") == ["a", ""])
        #expect(try lines("").isEmpty)
        #expect(try lines("\u{1F1E9}\u{1F1EA}\n") == ["\u{1F1E9}\u{1F1EA}"])
    }

    @Test("lists: each element as it is")
    func lists() throws {
        #expect(try Items.split(.list(json([1, ["x": nil], []]))).map(\.value) == [1, ["x": nil], []])
        #expect { try Items.split(.list(json(["x": 1]))) } throws: { "\($0)" == "a list is needed, not a value of type object" }
        #expect { try Items.split(json(nil), as: .list) } throws: { "\($0)" == "a list is needed, not null" }
        #expect { try Items.split(json(5), as: .csv) } throws: { "\($0)".contains("a text is needed for the format csv") }
    }
}

@Suite("C2 prepared graphs", .timeLimit(.minutes(1)))
struct C2PreparedGraph {
    @Test("a task that a decision may choose waits for the decision; a route that leads back is no dependency")
    func routes() throws {
        let graph = Graph(name: "g", tasks: [
            task("a"), task("d", after: [Dependency("a")]) { $0.routing = Routing([.init("on", to: ["e", "f"]), .init("back", to: ["a"])]) },
            task("e", after: [Dependency("d", as: "decision")]), task("f"),
        ])
        let prepared = try PreparedGraph(graph)
        #expect(prepared.graph.tasks[0].dependencies.isEmpty)
        #expect(prepared.graph.tasks[2].dependencies == [Dependency("d", as: "decision"), Dependency("d", on: .routed)])
        #expect(prepared.graph.tasks[3].dependencies == [Dependency("d", on: .routed)])
        #expect(prepared.dependencies() == [[], [0], [1, 1], [1]])
    }

    @Test("a loop's items are taken out of the document")
    func items() throws {
        let graph = Graph(name: "g", tasks: [task("a"), task("b") { $0.loop = Loop(.lines("x\ny")) }])
        let prepared = try PreparedGraph(graph)
        #expect(prepared.items == [1: [json("x"), json("y")]])
        #expect(prepared.graph.tasks[1].rules.loop?.source == .stored)
        #expect(throws: UnreadableItems.self) { try PreparedGraph(Graph(name: "g", tasks: [task("b") { $0.loop = Loop(.csv("a\n\"x")) }])) }
    }
}
