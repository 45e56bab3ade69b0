/// What went wrong, on which operation, and whether trying again can help.
public struct AMQPError: Error, Sendable, Equatable {
    /// The kind of failure.
    public enum Code: String, Sendable, Equatable {
        /// A value of the caller's that AMQP can't carry: a name over 255 bytes, headers larger than a frame, a bad address.
        case invalidArgument
        /// No connection could be made: name, port, or handshake.
        case connectionFailed
        /// The connection, or the channel that carried the operation, ended before the answer came.
        case connectionLost
        /// The broker refused the user or password.
        case authenticationRefused
        /// The virtual host doesn't exist, or the user may not enter it.
        case virtualHostRefused
        /// TLS could not be set up or the peer could not be verified.
        case tlsFailed
        /// A mandatory publication reached no queue.
        case unroutable
        /// The broker answered a publication with `basic.nack`: a queue could not take it.
        case refused
        /// Queue or exchange doesn't exist (404).
        case notFound
        /// The user lacks the permission (403).
        case accessRefused
        /// The queue is exclusive to another connection (405).
        case resourceLocked
        /// The declaration differs from what exists, or the broker's limits were passed (406).
        case preconditionFailed
        /// The broker has the queue, and can't serve it: it has no leader, or doesn't answer.
        case queueUnavailable
        /// Any other channel or connection exception of the broker.
        case closedByBroker
        /// The broker did not answer in time.
        case timeout
        /// `run()` has ended, so nothing will be sent any more.
        case closed
        /// `run()` was called twice.
        case alreadyRunning
    }

    public let code: Code
    /// In words; the broker's own text where there is one.
    public let message: String
    /// The AMQP reply code (such as 404 or 406) where the broker gave one.
    public let replyCode: UInt16?
    /// What was being done, such as `declare queue 'tasks'`.
    public let context: String

    public init(_ code: Code, _ message: String, replyCode: UInt16? = nil, context: String = "") {
        self.code = code
        self.message = message
        self.replyCode = replyCode
        self.context = context
    }

    /// Whether the same call can succeed later without anyone changing anything in the program.
    public var isRetryable: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .refused, .resourceLocked, .queueUnavailable, .timeout, .closedByBroker: true
        case .invalidArgument, .authenticationRefused, .virtualHostRefused, .tlsFailed, .unroutable, .notFound,
            .accessRefused, .preconditionFailed, .closed, .alreadyRunning:
            false
        }
    }

    func during(_ context: String) -> AMQPError {
        self.context.isEmpty ? AMQPError(code, message, replyCode: replyCode, context: context) : self
    }

    /// The error for a close of channel or connection by the broker.
    static func closed(byBroker replyCode: UInt16, _ text: String, context: String = "") -> AMQPError {
        let code: Code =
            switch replyCode {
            case 403: .accessRefused
            case 404: .notFound
            case 405: .resourceLocked
            case 406: .preconditionFailed
            default: .closedByBroker
            }
        return AMQPError(code, text, replyCode: replyCode, context: context)
    }
}

extension AMQPError: CustomStringConvertible {
    public var description: String {
        let place = context.isEmpty ? "" : " (\(context))"
        return "\(code.rawValue): \(message)\(place)"
    }
}
