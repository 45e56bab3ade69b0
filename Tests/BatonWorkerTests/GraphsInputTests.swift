import BatonModel
import BatonWorker
import Foundation
import Testing

@Suite("Inputs of typed steps", .timeLimit(.minutes(1)))
struct GraphsInputTests {
    // None of these compiles:
    //   Step(Ship.self, order.result)                                   an Order is no Receipt
    //   Step(Validate.self, Order(id: 1, total: 2))                     an Order is no Cart
    //   Step(PrintLabel.self).with(\.receipt, order.result)             the field is a Receipt
    //   Step(PrintLabel.self).with(\.receipt, optional: paid.result)    the field can't be null
    //   Step(Charge.self, order.result).compensate(Release.self)        Release undoes a Reserve
    //   Step(Charge.self, order.result).fallback(Ship.self)             other types
    //   Step(Charge.self, order.result).forEach(\.id, in: ["a"])        the field is a number
    //   Step(Charge.self).forEach(\.id, in: [1]).fallback(ChargeBackup.self)        after the loop, the result is a list
    //   Step(Review.self, order.result).route(.aprove, to: ship)        no such choice

    @Test("fields from several steps are named, and passed on as they are") func fields() throws {
        let graph = try Graph("g") {
            let order = Step(Validate.self, Cart(id: 1))
            let paid = Step(Charge.self, order.result)
            let stock = Step(Reserve.self, order.result)
            Step(PrintLabel.self)
                .with(\.receipt, paid.result)
                .with(\.street, "Main Street")
                .with(\.stock, optional: stock.result)
                .with(\.weight, order.result.select(\.total, isRequired: true), named: "weight_g")
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: validate, handler: orders.validate, inputs: {id: 1}}
              - {id: charge, handler: payments.charge, dependencies: [validate], merge: flat}
              - {id: reserve, handler: stock.reserve, dependencies: [validate], merge: flat}
              - id: label
                handler: shop.label
                inputs: {street: Main Street}
                dependencies:
                  - {task: charge, as: receipt}
                  - {task: reserve, as: stock, required: false}
                  - {task: validate, as: weight_g, select: {expression: total, required: true}}
            """)
    }

    @Test("several parts of one result, and the order of steps, leave nothing else in the inputs") func mixed() throws {
        let graph = try Graph("g") {
            let order = Step(Validate.self, Cart(id: 1))
            let paid = Step(Charge.self, order.result)
            let other = Step("a.other")
            Step(PrintLabel.self)
                .with(\.receipt, paid.result)
                .with("street", paid.result.select("address.street", as: String.self))
                .with(\.weight, order.result.select(\.total, isRequired: true), named: "weight g")
                .after(other)
            Step(Ship.self, other.result.as(Receipt.self)).with("number", order.result.select("id"))
            Step(Ship.self, other.result.select("receipt", as: Receipt.self)).with("extra", other.result)
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: validate, handler: orders.validate, inputs: {id: 1}}
              - {id: charge, handler: payments.charge, dependencies: [validate], merge: flat}
              - {id: other, handler: a.other}
              - id: label
                handler: shop.label
                merge: flat
                dependencies:
                  - {task: charge, select: "{receipt: @, street: address.street}"}
                  - {task: validate, select: {expression: 'total | {"weight g": @}', required: true}}
                  - {task: other, select: "`null`"}
              - id: ship
                handler: shop.ship
                merge: flat
                dependencies: [other, {task: validate, select: "id | {number: @}"}]
              - id: ship-2
                handler: shop.ship
                merge: flat
                dependencies: [{task: other, select: "merge(receipt, {extra: @})"}]
            """)
    }

    @Test("handlers that aren't known are used by name") func byName() throws {
        let graph = try Graph("g") {
            let first = Step("py.first", inputs: Cart(id: 7))
            let second = Step("py.second", first.result)
            Step("py.third", inputs: ["a": 1]).with("b", second.result).with("c", [1, 2])
            Step(Ship.self, second.result.as(Receipt.self))
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: first, handler: py.first, inputs: {id: 7}}
              - {id: second, handler: py.second, dependencies: [first], merge: flat}
              - {id: third, handler: py.third, inputs: {a: 1, c: [1, 2]}, dependencies: [{task: second, as: b}]}
              - {id: ship, handler: shop.ship, dependencies: [second], merge: flat}
            """)
    }

    @Test("a value that isn't an object goes alone, and not beside results") func bareValues() throws {
        try expectSame(try Graph("g") { Step(Count.self, 5) }, "{name: g, tasks: [{id: count, handler: math.count, inputs: 5}]}")
        let graph = try Graph("g") {
            let first = Step("a.first")
            Step(Count.self, 5).after(first)
        }
        #expect(throws: InvalidGraph.self) { try graph.validate() }
    }

    @Test("a result that isn't an object can't be all inputs, and the problem says what to do instead")
    func bareResults() throws {
        let found = try graphProblems {
            let count = Step(Count.self, 5)
            Step(Count.self, count.result)
            let split = Step(Split.self, ["a"])
            Step(Split.self, split.result)
            Step("a.any", split.result.as(URL.self))
            Step("a.any", split.result.as(Receipt?.self))
            Step("a.any", split.result.as(Choice.self))
            Step("a.any", split.result.as([String: Int].self))
            Step("a.any", split.result.as([Choice: Int].self))
            Step("a.any", split.result)
        }
        #expect(found.map(\.path) == [1, 3, 4, 5, 6, 8, 9].map { "tasks[\($0)].inputs" })
        #expect(found[0].message.contains("Int is a single value in JSON") && found[0].message.contains("'with'"))
        #expect(found[1].message.contains("a list"))
        #expect(found[3].message.contains("null or a value"))
    }

    @Test("inputs that can't be encoded are reported together, each with its place") func unencodable() throws {
        struct Broken: Encodable {
            func encode(to encoder: any Encoder) throws {
                throw EncodingError.invalidValue(0, .init(codingPath: [], debugDescription: "broken"))
            }
        }
        let found = try graphProblems {
            Step("a.one", inputs: Broken())
            Step("a.two").with("x", Broken()).params(Broken()).onFailed { Step("a.three", inputs: Broken()) }
            Step("a.four").forEach([Broken()])
            Step("a.five", inputs: Double.nan)
        }
        #expect(
            found.map(\.path) == [
                "tasks[0].inputs", "tasks[1].inputs.x", "tasks[1].params", "tasks[1].onFailed[0].inputs", "tasks[2].forEach.items",
                "tasks[3].inputs",
            ])
        #expect(throws: InvalidGraph.self) { try Graph("g", input: Broken()) { Step("a.one") } }
    }

    @Test("the same values give the same bytes each time") func stable() throws {
        let values = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key\($0)", $0) })
        let documents = try (0..<20).map { _ in
            try Graph("g", input: values) { Step("a.one", inputs: values).with("x", values).params(values) }.document
        }
        #expect(Set(documents).count == 1)
    }

    @Test("encoding a value may use the graph that is being built") func reentrant() throws {
        struct Chatty: Encodable {
            func encode(to encoder: any Encoder) throws {
                Step("a.said")
                var container = encoder.singleValueContainer()
                try container.encode(["x": 1])
            }
        }
        let graph = try Graph("g") { Step("a.one").with("y", Chatty()).params(Chatty()) }
        #expect(graph.tasks.map(\.id) == ["one", "said", "said-2"])
    }

    @Test("names that come twice, and waits that contradict, are problems") func contradictions() throws {
        let found = try graphProblems {
            let one = Step("a.one")
            Step("a.two", inputs: ["x": 1]).with("x", 2)
            Step("a.two", inputs: ["x": 1]).with("x", one.result)
            Step("a.two", inputs: 5).with("x", 2)
            Step("a.two", one.result).after(one, on: .failed)
            Step("a.two").with("x", one.result.select("a", isRequired: true)).with("y", one.result)
            Step("a.two").after(one, on: .routed)
        }
        #expect(
            found.map(\.path) == [
                "tasks[1].inputs.x", "tasks[2].inputs.x", "tasks[3].inputs", "tasks[4].dependencies[0]", "tasks[5].dependencies",
                "tasks[6].dependencies",
            ])
    }

    @Test("a step of another graph can't be used") func foreign() throws {
        var other: StepResult<JSON>?
        _ = try Graph("first") { other = Step("a.first").result }
        let foreign = try #require(other)
        let found = try graphProblems {
            let outer = Step("a.outer")
            Step("a.one", foreign)
            Step("a.two").onFailed { Step("a.alert").with("x", outer.result) }
        }
        #expect(found.map(\.path) == ["tasks[1].dependencies", "tasks[2].onFailed[0].dependencies"])
    }

    @Test("a property that is no stored one of the type needs its name") func properties() throws {
        let found = try graphProblems {
            let paid = Step("a.pay").result
            Step(PrintLabel.self).with(\.receipt.amount, 5)
            Step(PrintLabel.self).with(\.receipt.number.count, paid.as(Int.self))
            Step("a.any").with("x", paid.as(Label.self).select(\.receipt.amount))
        }
        #expect(found.map(\.path) == ["tasks[0].result", "tasks[1].inputs", "tasks[2].inputs"])
    }
}
