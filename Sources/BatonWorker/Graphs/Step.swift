public import BatonModel

/// A task of a graph that is being built: which handler, with what.
///
/// A step enters itself in the graph as it is made, in the closure of `Graph(_:)`; it needn't be returned or used. What is set on
/// it later is set in the graph, so a step can be kept in a constant and told more once other steps are there. Making one anywhere
/// else stops the program.
///
/// The compiler checks that the results that are handed on fit: `Step(Charge.self, order.result)` needs a handler whose input
/// is what `order` gives.
public struct Step<Input, Output>: Sendable {
    let reference: StepReference

    /// What the step will give, for the steps that come after it.
    public var result: StepResult<Output> { StepResult(step: reference) }

    init(handler: HandlerName, _ set: (inout StepDraft) -> Void = { _ in }) {
        var draft = StepDraft(handler)
        set(&draft)
        reference = GraphDraft.add(draft)
    }

    /// The same step, with other types known of it.
    init(_ reference: StepReference) { self.reference = reference }

    func set(_ change: (inout StepDraft) -> Void) -> Self {
        reference.change(change)
        return self
    }
}

/// A step whatever its types.
public protocol GraphStep: Sendable {
    /// Names the step to others of its graph.
    var handle: StepHandle { get }
}

/// The name of a step before tasks have ids.
public struct StepHandle: Sendable {
    let reference: StepReference
}

extension Step: GraphStep {
    public var handle: StepHandle { StepHandle(reference: reference) }
}

extension Step {
    /// A task that takes no inputs, or gets all of them by `with`.
    @discardableResult
    public init<Handler: TaskHandler>(_ handler: Handler.Type) where Handler.Input == Input, Handler.Output == Output {
        self.init(handler: Handler.name)
    }

    /// A task with inputs that are known now.
    ///
    /// - Parameter input: where the task depends on others, it has to be encoded as an object.
    @discardableResult
    public init<Handler: TaskHandler>(_ handler: Handler.Type, _ input: Input)
    where Handler.Input == Input, Handler.Output == Output, Input: Encodable {
        self.init(handler: Handler.name) { $0.spec.inputs = $0.take(EncodedValue(input), for: "inputs") }
    }

    /// A task whose inputs are the result of another, for which it waits.
    ///
    /// - Parameter input: a type that is encoded as an object. Results of other kinds are handed on as fields, by `with`.
    @discardableResult
    public init<Handler: TaskHandler>(_ handler: Handler.Type, _ input: StepResult<Input>)
    where Handler.Input == Input, Handler.Output == Output {
        self.init(handler: Handler.name) { $0.take(input.erased, as: Input.self) }
    }
}

/// Handlers that this program doesn't know, such as those of other languages.
extension Step where Input == JSON, Output == JSON {
    /// A task by its handler's name.
    ///
    /// - Parameter inputs: encoded to JSON; `JSON` is passed on as it is.
    @discardableResult
    public init(_ handler: HandlerName, inputs: (any Encodable)? = nil) {
        self.init(handler: handler) { $0.spec.inputs = $0.take(EncodedValue(inputs), for: "inputs") }
    }

    /// A task by its handler's name, whose inputs are the result of another.
    @discardableResult
    public init<Value>(_ handler: HandlerName, _ input: StepResult<Value>) {
        self.init(handler: handler) { $0.take(input.erased, as: Value.self) }
    }
}

extension Step where Input == JSON {
    /// A task that is a graph of its own; its result is the task's.
    @discardableResult
    public init(graph: Graph, result: Output.Type) {
        self.init(handler: .graph) {
            $0.spec.rules.graph = graph
            $0.stem = graph.name
        }
    }

    /// A task that a person, or another system, completes: its result is the answer.
    ///
    /// - Parameters:
    ///   - inputs: what the one who answers gets to see.
    ///   - deadline: from when the task is ready. Without a default, the task fails then.
    @discardableResult
    public init(answer: Output.Type, inputs: (any Encodable)? = nil, deadline: Duration? = nil, default result: Output? = nil)
    where Output: Encodable {
        self.init(handler: .answer) { draft in
            draft.spec.inputs = draft.take(EncodedValue(inputs), for: "inputs")
            let result = result.map { draft.take(EncodedValue($0), for: "answer.default") ?? .null }
            draft.spec.rules.answer = AnswerRule(deadline: deadline, default: result)
            draft.stem = "answer"
        }
    }
}

extension Step where Input == JSON, Output == JSON {
    /// A task that is a graph of its own; its result is the task's.
    @discardableResult
    public init(graph: Graph) { self.init(graph: graph, result: JSON.self) }
}

extension StepResult {
    var erased: StepResult<JSON> { self.as(JSON.self) }
}

extension StepDraft {
    /// Takes a result for all of the inputs.
    mutating func take<Value>(_ result: StepResult<JSON>, as type: Value.Type) {
        depend(on: result.step, .completed, StepDependency.Use(selection: result.selection))
        guard let type = type as? any Decodable.Type else { return }
        let kind: String
        switch InputShape.of(type) {
        case .object, .unknown: return
        case .list: kind = "a list"
        case .single: kind = "a single value"
        case .optional: kind = "null or a value"
        }
        report("inputs", "\(type) is \(kind) in JSON, but inputs are an object: take the result as a field of one, by 'with'")
    }
}
