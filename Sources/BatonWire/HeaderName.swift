package import BatonModel

/// The headers of Baton's messages.
public enum HeaderName {
    /// The wire's version. A higher one than ours is parked.
    public static let version = "baton-protocol"
    public static let run = "baton-run"
    public static let task = "baton-task"
    public static let handler = "baton-handler"
    /// From 1.
    public static let attempt = "baton-attempt"
    public static let maxAttempts = "baton-max-attempts"
    public static let owner = "baton-owner"
    /// When the task as a whole has to be done, in milliseconds since 1970.
    public static let deadline = "baton-deadline"
    /// The longest silence of a running attempt, in milliseconds.
    public static let heartbeat = "baton-heartbeat"
    /// The longest run of one attempt, in milliseconds.
    public static let timeout = "baton-timeout"
    /// True where somebody else may have the same attempt: a worker that can asks before it starts.
    public static let claim = "baton-claim"
    /// The life-cycle hook to run instead of the task itself.
    public static let hook = "baton-hook"
    /// Of a task that dispatches itself again: which time this is, from 1.
    public static let round = "baton-round"
    public static let worker = "baton-worker"
    /// When the worker started the attempt, in milliseconds since 1970.
    public static let started = "baton-started"
    /// True on a claim whose message the broker marked as delivered before.
    public static let redelivered = "baton-redelivered"
    /// Of a submission: which queue, priority and idempotency key its single task gets, and whether the outcome is wanted.
    public static let queue = "baton-queue"
    public static let priority = "baton-priority"
    public static let key = "baton-key"
    public static let reply = "baton-reply"
    /// Of a parked message: why, where it came from, and when it was first seen.
    public static let parkedReason = "baton-parked-reason"
    public static let parkedFrom = "baton-parked-from"
    public static let parkedAt = "baton-parked-at"
    public static let traceparent = "traceparent"
    public static let tracestate = "tracestate"
}

/// The wire's version, in the header `baton-protocol`.
public enum WireVersion {
    public static let current: Int64 = 1

    /// - Throws: `WireError` where the message is of a version we can't know.
    static func check(_ message: Message) throws(WireError) {
        if let version = message.headers.integer(HeaderName.version), version > current {
            throw WireError("the message is of protocol \(version); this program knows up to \(current)")
        }
    }
}

/// Why a message can't be read. It is parked with this reason.
public struct WireError: Error, Hashable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}

public enum ContentType {
    public static let json = "application/json"
    public static let yaml = "application/yaml"
    /// A result with the continuations to dispatch.
    public static let completion = "application/vnd.baton.completion+json"
}

extension TraceContext {
    init?(_ headers: Headers) {
        guard let parent = headers.string(HeaderName.traceparent) else { return nil }
        self.init(traceparent: parent, tracestate: headers.string(HeaderName.tracestate))
    }
}

extension Message {
    /// Says which trace the message is part of.
    package mutating func add(_ trace: TraceContext?) {
        headers[HeaderName.traceparent] = trace.map { .string($0.traceparent) }
        headers[HeaderName.tracestate] = trace?.tracestate.map { .string($0) }
    }
}
