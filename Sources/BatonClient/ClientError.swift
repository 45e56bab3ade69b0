public import BatonModel

/// Why a call of the client did not do what it should.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The address can't be one of a coordinator.
        case invalidServer
        /// Nobody answers, or the connection broke. Whether anything was done is unknown.
        case unreachable
        /// The coordinator said no; nothing was done.
        case refused(status: Int, Problem)
        /// The answer is none of a coordinator.
        case unreadable
        /// A result was asked for of a task that has none.
        case notCompleted
    }

    public var code: Code
    /// For people: what happened and what to do.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may do better later. A submission, a copy, a link and a mixed run should have a key before they are
    /// repeated, lest there be two of them.
    public var isRetryable: Bool {
        switch code {
        case .unreachable: true
        case .refused(let status, _): status == 503 || status == 429 || status == 500 || status == 502 || status == 504
        case .invalidServer, .unreadable, .notCompleted: false
        }
    }

    /// What kind of refusal it is, to decide by; `nil` where the coordinator didn't refuse.
    public var refusal: Refusal? { problem?.refusal }

    /// Of a refusal.
    public var problem: Problem? {
        if case .refused(_, let problem) = code { problem } else { nil }
    }

    public var description: String { message }
}
