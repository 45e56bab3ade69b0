public import BatonModel

/// What a compensating handler gets as its inputs: the task to be undone, what it had been given, and what it had made of that.
///
/// ```swift
/// struct Refund: TaskHandler {
///     static let name: HandlerName = "payments.refund"
///     func run(_ charge: Undo<Order, Receipt>, _ context: TaskContext) async throws -> Refunded { … }
/// }
/// ```
public struct Undo<Inputs: Codable & Sendable, Result: Codable & Sendable>: Codable, Sendable {
    public var task: TaskID
    /// With the results that the task had got from others.
    public var inputs: Inputs
    public var result: Result

    public init(task: TaskID, inputs: Inputs, result: Result) {
        self.task = task
        self.inputs = inputs
        self.result = result
    }
}
