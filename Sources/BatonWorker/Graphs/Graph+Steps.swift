public import BatonModel

extension Graph {
    /// Builds a graph of typed steps.
    ///
    /// ```swift
    /// let graph = try Graph("order") {
    ///     let order = Step(Validate.self, cart)
    ///     let stock = Step(Reserve.self, order.result).compensate(Release.self)
    ///     let paid = Step(Charge.self, order.result).priority(.high).compensate(Refund.self)
    ///     Step(Ship.self, paid.result).after(stock)        // a type that doesn't fit doesn't compile
    /// }
    /// ```
    ///
    /// The closure is plain Swift that runs once, now: each step enters itself in the graph as it is made, in that order, within
    /// loops, conditions and functions that are called as well.
    ///
    /// A step gets what it was given, and nothing else: results travel where `Step(_:_:)` and `with` hand them on, and `after` only
    /// orders. In the document, a result that is a step's whole input is merged into it (`merge: flat`).
    ///
    /// - Parameters:
    ///   - input: encoded to JSON; seen by expressions as `input`.
    ///   - onFailure: by default `compensate` where a step declares a compensation, else `stop`.
    /// - Throws: `InvalidGraph` with everything that couldn't be encoded, or doesn't fit together; else what the closure throws.
    ///   The graph as a whole is checked by `validate()`, and by the coordinator.
    public init(
        _ name: String, key: String? = nil, correlationID: String? = nil, owner: String? = nil, input: (any Encodable)? = nil,
        inputSchema: JSON? = nil, timeout: Duration? = nil, mode: Mode = .graph, onFailure: FailureMode? = nil,
        steps: () throws -> Void
    ) throws {
        let tasks = try GraphAssembly.tasks(of: GraphDraft.collect(steps))
        let payload = EncodedValue(input)
        if let problem = payload.problem { throw InvalidGraph(problem, at: "input") }
        self.init(
            name: name, key: key, correlationID: correlationID, owner: owner, input: payload.json,
            inputSchema: inputSchema, timeout: timeout, mode: mode, onFailure: onFailure, tasks: tasks)
    }
}
