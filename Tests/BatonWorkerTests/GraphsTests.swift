import BatonModel
import BatonWorker
import Testing

@Suite("Graphs built of typed steps", .timeLimit(.minutes(1)))
struct GraphsTests {
    @Test("the order of the introduction gives the document one would write") func order() throws {
        let graph = try Graph("order", key: "order-42", timeout: .seconds(3600)) {
            let order = Step(Validate.self, Cart(id: 42))
            let stock = Step(Reserve.self, order.result).compensate(Release.self)
            let paid = Step(Charge.self, order.result).priority(.high).compensate(Refund.self)
            Step(Ship.self, paid.result).after(stock)
        }
        try expectSame(
            graph,
            """
            name: order
            key: order-42
            timeout: 1h
            tasks:
              - {id: validate, handler: orders.validate, inputs: {id: 42}}
              - {id: reserve, handler: stock.reserve, dependencies: [validate], merge: flat, compensate: stock.release}
              - {id: charge, handler: payments.charge, dependencies: [validate], merge: flat, priority: 1,
                 compensate: {handler: payments.refund}}
              - {id: ship, handler: shop.ship, dependencies: [charge, {task: reserve, select: "`null`"}], merge: flat}
            """)
        #expect(graph.onFailure == .compensate)
    }

    @Test("what the graph itself can say is the same") func graphFields() throws {
        let graph = try Graph(
            "order", correlationID: "cart-7", owner: "user123", input: ["orderId": 42], inputSchema: JSON(["type": "object"]),
            mode: .sequential, onFailure: .continue
        ) {
            Step("a.one")
            Step("a.two", inputs: ["x": 1])
        }
        try expectSame(
            graph,
            """
            name: order
            correlationId: cart-7
            owner: user123
            input: {orderId: 42}
            inputSchema: {type: object}
            mode: sequential
            onFailure: continue
            tasks: [{id: one, handler: a.one}, {id: two, handler: a.two, inputs: {x: 1}}]
            """)
    }

    @Test("every step is in the graph, whatever becomes of its value, in the order in which they were made") func noneIsLost() throws {
        func helper(_ order: StepResult<Order>) { Step(Review.self, order) }
        let graph = try Graph("g") {
            let order = Step(Validate.self, Cart(id: 1))
            let unused = Step(Charge.self, order.result)
            _ = unused
            for number in 0..<3 where number != 1 { Step("loop.item", inputs: ["number": number]) }
            if order.result as Any is Int { Step("never") } else { Step("always") }
            helper(order.result)
            [1, 2].forEach { _ in Step("each") }
        }
        #expect(graph.tasks.map(\.id) == ["validate", "charge", "item", "item-2", "always", "review", "each", "each-2"])
        try graph.validate()
    }

    @Test("ids that are made keep clear of those that are given, in continuations too") func ids() throws {
        let graph = try Graph("g") {
            Step("a.run")
            Step("b.run").onFailed {
                Step("c.run")
                Step("d.other").id("run-3")
            }
            Step("e.run").id("run")
            Step("e.run")
            Step("strange name.")
        }
        #expect(graph.tasks.map(\.id) == ["run-2", "run-4", "run", "run-6", "task"])
        #expect(graph.tasks[1].rules.continuations.onFailed.map(\.id) == ["run-5", "run-3"])

        let long = String(repeating: "x", count: 128)
        let longGraph = try Graph("g") {
            Step(HandlerName(long))
            Step(HandlerName(long))
        }
        #expect(longGraph.tasks[1].id.rawValue == long.dropLast(2) + "-2")
        try longGraph.validate()
    }

    @Test("graphs built at the same time don't see each other's steps") func concurrent() async throws {
        let graphs = try await withThrowingTaskGroup(of: Graph.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try Graph("g\(number)") {
                        let first = Step("work.first", inputs: ["graph": number])
                        for _ in 0..<number { Step("work.next").after(first) }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for graph in graphs {
            #expect("g\(graph.tasks.count - 1)" == graph.name)
            #expect(graph.tasks.dropFirst().allSatisfy { $0.dependencies.map(\.task) == ["first"] })
            try graph.validate()
        }
        #expect(Set(graphs.map(\.name)).count == 50)
    }

    @Test("a graph within the closure of another keeps its steps to itself") func nested() throws {
        let graph = try Graph("outer") {
            Step("a.before")
            let inner = Step(graph: try Graph("inner", input: 5) { Step("a.inside") }, result: Receipt.self)
            Step(Ship.self, inner.result)
        }
        try expectSame(
            graph,
            """
            name: outer
            tasks:
              - {id: before, handler: a.before}
              - {id: inner, graph: {name: inner, input: 5, tasks: [{id: inside, handler: a.inside}]}}
              - {id: ship, handler: shop.ship, dependencies: [inner], merge: flat}
            """)
    }

    @Test("what the closure throws comes out, and nothing of it stays behind") func throwing() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try Graph("g") {
                Step("a.one")
                throw Stop()
            }
        }
        #expect(try Graph("g") { Step("a.two") }.tasks.map(\.id) == ["two"])
    }

    @Test("ten thousand steps after one another, and one after all of them") func many() throws {
        let graph = try Graph("wide") {
            let parts = (0..<10_000).map { Step("work.part", inputs: ["number": $0]) }
            Step("work.join").after(parts)
        }
        #expect(graph.tasks.last?.dependencies.count == 10_000)
        try graph.validate()
    }

    #if os(Linux) || os(macOS)
        @Test("a step outside of a graph stops the program, with the reason") func outside() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { Step("a.lost") }
            let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(text.contains("'a.lost' was made outside of a graph"))
        }

        @Test("a step that is changed after its graph was made stops the program, with the reason") func late() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                var step: Step<JSON, JSON>?
                _ = try Graph("g") { step = Step("a.late") }
                step?.priority(.high)
            }
            let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(text.contains("'a.late' was changed after its graph was made"))
        }
    #endif
}
