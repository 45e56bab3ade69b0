public import BatonModel

/// One call of a handler, as a `TestCluster` counts it.
public struct HandlerCall: Sendable, Hashable {
    public let handler: HandlerName
    public let run: RunID
    public let task: TaskID
    /// From 1.
    public let attempt: Int
    /// The inputs as they came, with the dependencies' results; `null` where there are none.
    public let inputs: JSON
    public let params: JSON
}
