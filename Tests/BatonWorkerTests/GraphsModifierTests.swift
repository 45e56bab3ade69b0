import BatonModel
import BatonWorker
import Testing

@Suite("What steps can say", .timeLimit(.minutes(1)))
struct GraphsModifierTests {
    /// One step, against one task as a document has it.
    private func expectStep(
        _ yaml: String, sourceLocation: SourceLocation = #_sourceLocation, _ change: (Step<Order, Receipt>) throws -> Void
    ) throws {
        let graph = try Graph("g") { try change(Step(Charge.self, Order(id: 1, total: 2))) }
        try expectSame(
            graph, "{name: g, tasks: [{id: charge, handler: payments.charge, inputs: {id: 1, lines: [], total: 2}, \(yaml)}]}",
            sourceLocation: sourceLocation)
    }

    @Test("how a step is run") func execution() throws {
        try expectStep("priority: 0") { $0.priority(.urgent) }
        try expectStep("queue: gpu") { $0.queue("gpu") }
        try expectStep("delay: 5m") { $0.delay(.seconds(300)) }
        let time = try #require(Timestamp("2026-12-01T08:00:00Z"))
        try expectStep("at: '2026-12-01T08:00:00Z'") { $0.at(time) }
        try expectStep("params: {region: eu}") { $0.params(["region": "eu"]) }
        try expectStep("critical: false") { $0.critical(false) }
        try expectStep("retry: {maxAttempts: 5, backoff: linear, delay: 2s, never: [declined]}") {
            $0.retry(RetryPolicy(maxAttempts: 5, backoff: .linear, delay: .seconds(2), never: ["declined"]))
        }
        try expectStep("timeouts: {attempt: 30s, total: 10m, queued: 1h, heartbeat: 10s}") {
            $0.timeouts(attempt: .seconds(30), total: .seconds(600), queued: .seconds(3600), heartbeat: .seconds(10))
        }
        try expectStep("limit: {key: inputs.region, concurrency: 2, rate: {permits: 10, per: 1s}}") {
            $0.limit(key: "inputs.region", concurrency: 2, rate: .init(10, per: .seconds(1)))
        }
        try expectStep("breaker: {failures: 3, reset: 1m}") { $0.breaker(failures: 3, reset: .seconds(60)) }
        try expectStep("cache: {ttl: 1h, version: '2'}") { $0.cache(for: .seconds(3600), version: "2") }
        try expectStep("schemas: {inputs: {type: object}, result: {type: object}}") {
            $0.schemas(inputs: JSON(["type": "object"]), result: JSON(["type": "object"]))
        }
        try expectStep("context: {window: 3, compress: {handler: text.compress, limit: 1000}}") {
            $0.context(window: 3).context(compressedBy: "text.compress", limit: 1000)
        }
    }

    @Test("what follows from its end") func outcome() throws {
        try expectStep("compensate: payments.refund") { $0.compensate(Refund.self) }
        try expectStep("compensate: {handler: payments.refund, params: {a: 1}, queue: slow, retry: {maxAttempts: 9}, timeouts: {attempt: 1s}}") {
            $0.compensate(
                "payments.refund", params: ["a": 1], queue: "slow", retry: RetryPolicy(maxAttempts: 9), timeouts: Timeouts(attempt: .seconds(1)))
        }
        try expectStep("fallback: payments.backup") { $0.fallback(ChargeBackup.self) }
        try expectStep("fallback: py.backup") { $0.fallback("py.backup") }
        try expectStep("validators: [check.one, {handler: check.two, params: {a: 1}}], validationSteps: 5, retryDelay: 2s") {
            $0.validator("check.one").validator("check.two", params: ["a": 1]).validation(steps: 5, delay: .seconds(2))
        }
        try expectStep(
            """
            onCompleted: [{id: mail, handler: shop.mail}],
            onFailed: [{id: alert, handler: shop.alert, inputs: {a: 1}}, {id: close, handler: shop.close, dependencies: [alert], merge: flat}],
            onCancelled: [{id: alert-2, handler: shop.alert}]
            """
        ) {
            $0.onCompleted { Step("shop.mail") }
                .onFailed {
                    let alert = Step("shop.alert", inputs: ["a": 1])
                    Step("shop.close", alert.result)
                }
                .onCancelled { Step("shop.alert") }
        }
    }

    @Test("what a step comes after, by each outcome") func order() throws {
        let graph = try Graph("g") {
            let one = Step("a.one")
            let two = Step("a.two")
            let three = Step("a.three").parent(one)
            Step("a.four").after(one).after(two, on: .finished).after(three, on: .failed)
            Step("a.five").after([one, two], on: .finished).after(three)
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: one, handler: a.one}
              - {id: two, handler: a.two}
              - {id: three, handler: a.three, parent: one}
              - id: four
                handler: a.four
                merge: flat
                dependencies:
                  - {task: one, select: "`null`"}
                  - {task: two, required: false, select: "`null`"}
                  - {task: three, on: failed, select: "`null`"}
              - id: five
                handler: a.five
                merge: flat
                dependencies:
                  - {task: one, on: finished, select: "`null`"}
                  - {task: two, on: finished, select: "`null`"}
                  - {task: three, select: "`null`"}
            """)
    }

    @Test("expressions name steps, whatever their ids become and under whatever name they are seen") func expressions() throws {
        let graph = try Graph("g") {
            let first = Step(Charge.self, Order(id: 1, total: 2))
            let second = Step(Charge.self, Order(id: 1, total: 2))
            Step("a.one").when("\(first.result).amount > `5` && \(second.result.select(\.amount)) == \(first.result).amount")
            Step("a.two").with("paid", second.result)
                .when("\(second.result).amount > `5`")
                .limit(key: "\(second.result).number", concurrency: 1)
            Step("a.three").after(second, on: .finished).when("\(statusOf: second) == 'failed' && input.\("flag")")
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: charge, handler: payments.charge, inputs: {id: 1, lines: [], total: 2}}
              - {id: charge-2, handler: payments.charge, inputs: {id: 1, lines: [], total: 2}}
              - id: one
                handler: a.one
                merge: flat
                dependencies: [{task: charge, select: "`null`"}, {task: charge-2, select: "`null`"}]
                when: 'charge.amount > `5` && ("charge-2" | amount) == charge.amount'
              - id: two
                handler: a.two
                dependencies: [{task: charge-2, as: paid}]
                when: "paid.amount > `5`"
                limit: {key: paid.number, concurrency: 1}
              - id: three
                handler: a.three
                merge: flat
                dependencies: [{task: charge-2, on: finished, select: "`null`"}]
                when: status."charge-2" == 'failed' && input.flag
            """)
    }

    @Test("a result chooses routes, on and back") func routes() throws {
        let graph = try Graph("g") {
            let order = Step(Validate.self, Cart(id: 1)).maxIterations(5)
            let review = Step(Review.self, order.result)
            let ship = Step("shop.ship")
            let bill = Step("shop.bill")
            review.route(.approve, to: ship, bill).route(.reject, to: order).defaultRoute(.reject)
            let last = Step("shop.last")
            Step("shop.choose", inputs: ["a": 1]).route("on", to: last).route(by: "a.b").defaultRoute("on")
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: validate, handler: orders.validate, inputs: {id: 1}, maxIterations: 5}
              - {id: review, handler: shop.review, dependencies: [validate], merge: flat,
                 routes: {approve: [ship, bill], reject: validate}, defaultRoute: reject}
              - {id: ship, handler: shop.ship}
              - {id: bill, handler: shop.bill}
              - {id: last, handler: shop.last}
              - {id: choose, handler: shop.choose, inputs: {a: 1}, routes: {on: last}, route: a.b, defaultRoute: on}
            """)
        #expect(try JSON(encoding: Decision("approve")) == JSON(parsing: #"{"route":"approve"}"#))
    }

    @Test("a step runs for each of many items, and gives the list of their results") func loops() throws {
        let graph = try Graph("g") {
            let order = Step(Validate.self, Cart(id: 1))
            let receipts = Step(Charge.self, order.result.select("base", as: Order.self)).compensate(Refund.self)
            _ = receipts
            let labels = Step(PrintLabel.self).forEach(\.street, in: ["A", "B"], maxParallel: 2)
            let parcels: StepResult<[Parcel]> = labels.result
            Step("a.pack").with("parcels", parcels)
            let more: Step<Label, [Parcel?]> = Step(PrintLabel.self)
                .with(\.street, "C")
                .forEach(\.line, in: order.result.select(\.lines).as([String?].self))
                .continueOnItemFailure()
            let count: Step<JSON, Int> = Step("a.each").forEach(from: "\(more.result)[?code]", as: "parcel").countOnly()
            Step("a.csv").forEach(csv: "name\nAda", maxParallel: 1).after(count)
            Step("a.lines").forEach(lines: "a\nb", as: "text")
            Step("a.list").forEach([1, 2])
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: validate, handler: orders.validate, inputs: {id: 1}}
              - {id: charge, handler: payments.charge, dependencies: [{task: validate, select: base}], merge: flat, compensate: payments.refund}
              - {id: label, handler: shop.label, forEach: {items: [A, B], as: street, maxParallel: 2}}
              - {id: pack, handler: a.pack, dependencies: [{task: label, as: parcels}]}
              - id: label-2
                handler: shop.label
                inputs: {street: C}
                dependencies: [{task: validate, select: "`null`"}]
                merge: flat
                forEach: {from: (validate | lines), as: line, onItemFailure: continue}
              - id: each
                handler: a.each
                dependencies: [{task: label-2, select: "`null`"}]
                merge: flat
                forEach: {from: '"label-2"[?code]', as: parcel, collect: false}
              - id: csv
                handler: a.csv
                dependencies: [{task: each, select: "`null`"}]
                merge: flat
                forEach: {csv: "name\\nAda", maxParallel: 1}
              - {id: lines, handler: a.lines, forEach: {lines: "a\\nb", as: text}}
              - {id: list, handler: a.list, forEach: {items: [1, 2]}}
            """)
        let found = try graphProblems {
            Step("a.one").forEach([1]).forEach([2])
            let name = Step("a.two")
            Step(PrintLabel.self, Label(receipt: Receipt(number: "", amount: 1), street: "x")).after(name).forEach(\.street, in: ["A"])
        }
        #expect(found.map(\.path) == ["tasks[0].forEach", "tasks[2].inputs.street"])
    }

    @Test("an answer from outside has a type, a deadline and a default") func answers() throws {
        let graph = try Graph("g") {
            let order = Step(Validate.self, Cart(id: 1))
            let choice = Step(
                answer: Decision.self, inputs: ["question": "ship?"], deadline: .seconds(86_400), default: Decision("reject")
            ).with("order", order.result)
            choice.route("reject", to: Step("shop.cancel"))
            Step("shop.note").with("choice", choice.result.select(\.route))
        }
        try expectSame(
            graph,
            """
            name: g
            tasks:
              - {id: validate, handler: orders.validate, inputs: {id: 1}}
              - id: answer
                inputs: {question: "ship?"}
                dependencies: [{task: validate, as: order}]
                answer: {deadline: 1d, default: {route: reject}}
                routes: {reject: cancel}
              - {id: cancel, handler: shop.cancel}
              - {id: note, handler: shop.note, dependencies: [{task: answer, as: choice, select: route}]}
            """)
    }

    @Test("what undoes a task reads its id, inputs and result") func undo() throws {
        let json = try JSON(parsing: #"{"task":"charge","inputs":{"id":1,"total":2,"lines":[]},"result":{"number":"7","amount":2}}"#)
        let undo = try json.decode(as: Refund.Input.self)
        #expect(undo.task == "charge" && undo.inputs.total == 2 && undo.result.number == "7")
    }
}
