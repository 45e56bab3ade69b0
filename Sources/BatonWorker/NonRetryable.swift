/// Wraps an error that trying again can't help: `throw NonRetryable(error)` fails the task at once, whatever its retry policy.
/// The task's error carries the type and message of the wrapped one.
public struct NonRetryable: Error, CustomStringConvertible {
    public let underlying: any Error

    public init(_ underlying: any Error) { self.underlying = underlying }

    public var description: String { String(describing: underlying) }
}
