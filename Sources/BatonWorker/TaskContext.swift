public import BatonModel
import BatonWire
public import Logging

/// What a handler knows of the attempt it runs, and its line to the coordinator.
public struct TaskContext: Sendable {
    public let runID: RunID
    /// In a failure or cancellation hook: the task that the hook is about.
    public let taskID: TaskID
    /// Unique for this attempt, and the same should the attempt be delivered twice: fit as an idempotency key.
    public let attemptID: String
    /// From 1.
    public let attempt: Int
    public let maxAttempts: Int
    /// From 1: how often the task has been rescheduled, and once more. See `reschedule`.
    public let round: Int
    public let correlationID: String
    public let owner: String?
    /// The trace that the attempt is part of, where the run's producer was in one: for the calls that the handler makes.
    public let trace: TraceContext?
    /// When the task as a whole has to be done.
    public let deadline: Timestamp?
    /// The task's inputs as they came; `null` where there are none.
    public let inputs: JSON
    /// The task's parameters as they came; `null` where there are none.
    public let params: JSON
    /// What a person or program said of the attempt before, where it did.
    public let feedback: JSON?
    /// The optional dependencies that ended without a result, by name.
    public let missingDependencies: [String: MissingDependency]
    /// Names the run, task and attempt in each line.
    public var logger: Logger {
        // Made when it is asked for: most attempts log nothing.
        var logger = workerLogger
        logger[metadataKey: LogKey.run] = "\(runID)"
        logger[metadataKey: LogKey.task] = "\(taskID)"
        logger[metadataKey: LogKey.attempt] = "\(attempt)"
        logger[metadataKey: LogKey.handler] = "\(message.handler)"
        logger[metadataKey: LogKey.correlation] = "\(correlationID)"
        if let owner { logger[metadataKey: LogKey.owner] = "\(owner)" }
        return logger
    }

    /// What `reschedule` repeats.
    let message: TaskMessage
    let queue: QueueName
    let dispatches: DispatchList

    private let workerLogger: Logger
    let stopCause: @Sendable () -> StopCause?
    private let send: @Sendable (Report.Progress) -> Void
    let addLine: @Sendable (LogLine) -> Void

    init(
        _ attempt: Attempt, logger: Logger, log: @escaping @Sendable (LogLine) -> Void,
        send: @escaping @Sendable (Report.Progress) -> Void
    ) {
        addLine = log
        let message = attempt.message
        let hooked = message.hook == nil ? nil : HookInputs(message.body.inputs)
        runID = message.attempt.run
        taskID = hooked?.task ?? message.task
        attemptID = attempt.key
        self.attempt = message.attempt.number
        maxAttempts = message.maxAttempts
        round = attempt.round
        correlationID = message.correlationID
        owner = message.owner
        trace = message.trace
        deadline = message.deadline
        inputs = (hooked == nil ? message.body.inputs : hooked?.inputs) ?? .null
        params = message.body.params ?? .null
        feedback = message.body.feedback
        missingDependencies = MissingDependency.read(message.body.missing)
        self.message = message
        queue = attempt.queue
        dispatches = attempt.dispatches
        stopCause = { attempt.stopCause }
        self.send = send
        workerLogger = logger
    }

    /// Whether the attempt should stop: cancelled, timed out, or the worker is leaving. The Swift task is cancelled too, so
    /// that whatever the handler awaits ends early.
    public var isCancelled: Bool { stopCause() != nil || Task.isCancelled }

    /// Why the attempt should stop, where somebody said so.
    public var cancellationReason: String? {
        switch stopCause() {
        case .cancelled(let reason): reason
        case .timedOut(let limit): AttemptOutcome.timeoutMessage(limit)
        case .workerStopping: "the worker is stopping"
        case nil: nil
        }
    }

    /// - Throws: `DecodingError`.
    public func params<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value { try params.decode(as: type) }

    /// The last checkpoint that an earlier attempt reported; `nil` where there is none.
    ///
    /// - Throws: `DecodingError`.
    public func checkpoint<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value? {
        guard let checkpoint = message.body.checkpoint, !checkpoint.isNull else { return nil }
        return try checkpoint.decode(as: type)
    }

    /// Tells how far the attempt is. Returns at once: one report is on its way at a time, and of those made meanwhile only the
    /// latest is sent, so calling it often is cheap.
    ///
    /// - Parameter fraction: from 0 to 1; others are brought into that range.
    public func progress(_ fraction: Double?, message: String? = nil) {
        send(Report.Progress(fraction: Self.clamped(fraction), message: message))
    }

    /// Tells how far the attempt is, with what the next attempt needs to go on from here. A later checkpoint replaces an
    /// earlier one; the last one is sent before the attempt's failure.
    ///
    /// - Throws: what encoding the checkpoint throws, and `TaskError` where it is over 256 KiB.
    public func progress(_ fraction: Double? = nil, message: String? = nil, checkpoint: some Encodable) throws {
        let json = try (checkpoint as? JSON) ?? JSON(encoding: checkpoint)
        guard json.bytes.count <= AttemptOutcome.maximumPayload else {
            throw AttemptOutcome.tooLarge("the checkpoint", json.bytes.count)
        }
        send(Report.Progress(fraction: Self.clamped(fraction), message: message, checkpoint: json))
    }

    private static func clamped(_ fraction: Double?) -> Double? {
        fraction.flatMap { $0.isFinite ? min(1, max(0, $0)) : nil }
    }
}
