/// Why a worker could not be examined at all. The description says what to do about it.
package struct ConformanceError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable {
        /// What was asked for can't be done.
        case usage
        /// There is no broker that lets us in.
        case unreachable
        /// There is no worker to examine, or it can't be seen.
        case noWorker
    }

    package let code: Code
    package let description: String

    init(_ description: String, code: Code = .noWorker) {
        self.description = description
        self.code = code
    }
}
