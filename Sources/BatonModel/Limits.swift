/// How large things from outside may be. What passes a limit is refused by its name.
public struct Limits: Sendable, Hashable {
    /// Bytes of a graph document over HTTP.
    public var documentBytes = 64 << 20
    /// Bytes of a graph document over AMQP: the broker's own limit from version 4.0 on.
    public var messageBytes = 16 << 20
    public var tasksPerGraph = 1_000_000
    /// Bytes of a task's `inputs`, and of its result.
    public var payloadBytes = 256 << 10
    /// Bytes of a task's `params`.
    public var paramsBytes = 16 << 10
    public var dependenciesPerTask = 100_000
    /// Graphs within graphs, and continuations within continuations.
    public var nesting = 8
    /// Tasks of a run that is asked for as a graph, and attempts of one that is asked for as a timeline.
    public var pictureTasks = 100_000
    /// Errors that one refusal lists; the rest is counted.
    public var reportedProblems = 100

    public init() {}

    /// For what was held against the limits before, which may have been others then.
    static let none: Limits = {
        var limits = Limits()
        limits.messageBytes = .max
        limits.tasksPerGraph = .max
        limits.payloadBytes = .max
        limits.paramsBytes = .max
        limits.dependenciesPerTask = .max
        limits.nesting = .max
        return limits
    }()
}
