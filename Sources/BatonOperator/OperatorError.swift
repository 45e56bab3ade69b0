/// Why something an operator asked of the broker did not come about.
package struct OperatorError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Nobody answers at the broker's address.
        case unreachable
        /// The broker refuses the user, or the user may not do this.
        case denied
        /// What was named isn't there.
        case notFound
        /// The address, or what was asked for, can't be right.
        case invalid
        /// Somebody else is at it.
        case busy
        case other
    }

    package var code: Code
    /// For people: what happened and what to do.
    package var description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
