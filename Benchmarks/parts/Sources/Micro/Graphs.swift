import BatonModel

/// The graphs that the benchmarks run, as their producers would write them.
enum Graphs {
    static let run: RunID = "01K9Z0EXAMPLERUN0000000000"

    /// Tasks that wait for nothing, and a last one that waits for all of them.
    static func fanOut(_ count: Int) -> Graph {
        let items = (0..<count).map { task("item-\($0)") }
        return Graph(name: "fan-out", tasks: items + [task("join", after: items.map(\.id))])
    }

    /// Each task waits for the one before it.
    static func chain(_ count: Int) -> Graph {
        Graph(name: "chain", tasks: (0..<count).map { task("step-\($0)", after: $0 == 0 ? [] : [TaskID("step-\($0 - 1)")]) })
    }

    private static func task(_ id: String, after: [TaskID] = []) -> TaskSpec {
        TaskSpec(
            id: TaskID(id), handler: "orders.charge", inputs: JSON(["orderId": 4711]), dependencies: after.map { Dependency($0) })
    }

    /// The document of an order: ten lines in a row, a hundred times; each with inputs, some with a condition or a policy.
    static let document: String = {
        let tasks = (0..<1000).map { number in
            let after = number % 10 == 0 ? "" : #","dependencies":["line-\#(number - 1)"]"#
            let condition = number % 10 == 9 ? #","when":"input.total > `100`""# : ""
            let retry = number % 10 == 5 ? #","retry":{"maxAttempts":5}"# : ""
            let inputs = #"{"sku":"A-\#(number)","quantity":2,"gift":false}"#
            return #"{"id":"line-\#(number)","handler":"orders.pack","inputs":\#(inputs)\#(after)\#(condition)\#(retry)}"#
        }
        return #"{"name":"order","input":{"total":250},"tasks":[\#(tasks.joined(separator: ","))]}"#
    }()
}
