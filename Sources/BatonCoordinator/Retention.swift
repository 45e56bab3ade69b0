/// How long what has ended is kept. Archives are kept for ever.
public struct Retention: Sendable {
    /// After the end of a completed run; `nil` for ever.
    public var completed: Duration? = .seconds(30 * 24 * 3600)
    /// After the end of a run that failed or was cancelled; `nil` for ever.
    public var failed: Duration? = .seconds(90 * 24 * 3600)
    /// How many of its latest events an endless run keeps.
    public var events = 5_000_000
    /// How many of its latest attempts a task keeps, with their logs.
    public var attempts = 1000

    public init() {}
}
