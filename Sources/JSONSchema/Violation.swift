/// One place where an instance breaks a schema.
public struct Violation: Sendable, Hashable {
    /// The JSON pointer (RFC 6901) of the value at fault; empty for the whole instance.
    ///
    /// Tells no more than the keys of the instance. Beyond 512 bytes it is cut and ends in "…".
    public var path: String

    /// What is wrong with that value: a predicate such as "is less than 0".
    ///
    /// Names bounds and keys, never other contents of the instance.
    public var message: String

    /// Creates a violation.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

extension Violation: CustomStringConvertible {
    /// The place and what is wrong there, such as `/age: is less than 0`.
    public var description: String { "\(path.isEmpty ? "the value" : path): \(message)" }
}
