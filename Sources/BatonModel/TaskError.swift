/// Why a task (or a run) did not complete.
public struct TaskError: Error, Sendable, Codable, Hashable {
    /// A name programs can decide by: what the handler said, or one of the types below.
    public var type: String
    /// For people.
    public var message: String
    /// `false` ends the retries at once; absent means that the retry policy decides.
    public var retryable: Bool?
    /// The handler's wish for the wait before the next attempt, in milliseconds.
    public var retryAfterMs: Int64?
    public var details: JSON?

    public init(type: String, message: String, retryable: Bool? = nil, retryAfterMs: Int64? = nil, details: JSON? = nil) {
        self.type = type
        self.message = message
        self.retryable = retryable
        self.retryAfterMs = retryAfterMs
        self.details = details
    }
}

extension TaskError {
    /// The types that Baton itself gives; handlers should choose others.
    public enum Kind {
        /// A limit in time was passed; the message says which.
        public static let timeout = "timeout"
        public static let cancelled = "cancelled"
        /// The worker died, or stopped sending heartbeats.
        public static let workerLost = "workerLost"
        /// It killed its workers too often, or the broker gave its message up.
        public static let poisoned = "poisoned"
        /// What it depends on ended otherwise than asked for.
        public static let dependencyFailed = "dependencyFailed"
        public static let dependencyCancelled = "dependencyCancelled"
        public static let dependencySkipped = "dependencySkipped"
        public static let dependencyCompleted = "dependencyCompleted"
        public static let unknownHandler = "unknownHandler"
        public static let invalidInputs = "invalidInputs"
        public static let tooLarge = "tooLarge"
        public static let runFailed = "runFailed"
        /// Its condition was not met.
        public static let conditionFalse = "conditionFalse"
        /// A decision chose other tasks.
        public static let branchNotTaken = "branchNotTaken"
        /// An expression can't be applied to what it was given.
        public static let expression = "expression"
        public static let unknownRoute = "unknownRoute"
        /// A route led back to a task too often.
        public static let tooManyIterations = "tooManyIterations"
        /// What a loop is to run over is no list, or can't be read.
        public static let invalidItems = "invalidItems"
        public static let itemFailed = "itemFailed"
        /// A validator or the schema turned the result down, to the end.
        public static let rejected = "rejected"
        public static let invalidResult = "invalidResult"
        /// What a handler sent with its completion is no list of tasks.
        public static let invalidDispatch = "invalidDispatch"
        /// The handler failed too often lately; it is left alone for a while.
        public static let circuitOpen = "circuitOpen"
    }
}
