import BatonModel
import BatonWire

/// What an ended attempt comes to.
enum AttemptOutcome: Sendable, Hashable {
    case report(Report.Content)
    /// Nothing is known of it: another worker should run it.
    case giveBack

    static let maximumPayload = Limits().payloadBytes
    private static let maximumMessage = 8192

    /// - Parameters:
    ///   - dispatch: the documents of the tasks to dispatch with the result, and only with it.
    ///   - isGraceOver: it was told to stop, and took longer than it may.
    init(_ result: Result<JSON, any Error>, dispatch: [JSON] = [], cause: StopCause?, isGraceOver: Bool) {
        switch (cause, result) {
        case (nil, .success(let json)), (.workerStopping, .success(let json)):
            self = .report(.completed(result: json, dispatch: dispatch))
        case (.cancelled, .success(let json)) where !isGraceOver:
            self = .report(.completed(result: json, dispatch: dispatch))
        case (nil, .failure(let error)):
            self = .report(.failed(Self.error(error)))
        case (.cancelled(let reason), _):
            self = .report(.cancelled(message: reason))
        case (.timedOut(let limit), _):
            self = .report(.failed(Self.timeout(limit)))
        case (.workerStopping, .failure):
            self = .giveBack
        }
    }

    static func timeoutMessage(_ limit: Duration) -> String { "attempt timed out after \(limit.text)" }

    static func timeout(_ limit: Duration) -> TaskError {
        TaskError(type: TaskError.Kind.timeout, message: timeoutMessage(limit))
    }

    static func tooLarge(_ what: String, _ bytes: Int) -> TaskError {
        TaskError(
            type: TaskError.Kind.tooLarge, message: "\(what) has \(bytes) bytes; the limit is \(maximumPayload)", retryable: false)
    }

    static func unknownHandler(_ name: HandlerName, known: [HandlerName]) -> TaskError {
        let list = known.prefix(50).map(\.rawValue).joined(separator: ", ")
        return TaskError(
            type: TaskError.Kind.unknownHandler,
            message: "this worker has no handler '\(name)'; it has: \(known.isEmpty ? "none" : list)", retryable: true)
    }

    static func invalidInputs(_ error: any Error) -> TaskError {
        TaskError(type: TaskError.Kind.invalidInputs, message: "inputs: \(DecodingProblem.describe(error))", retryable: false)
    }

    /// What a handler threw, as the coordinator gets it.
    static func error(_ error: any Error) -> TaskError {
        var result: TaskError
        switch error {
        case let error as TaskError: result = error
        case let error as NonRetryable:
            result = Self.error(error.underlying)
            result.retryable = false
        default: result = TaskError(type: String(describing: type(of: error)), message: String(describing: error))
        }
        if result.message.utf8.count > maximumMessage { result.message = String(result.message.prefix(maximumMessage / 4)) + "…" }
        if let details = result.details, details.bytes.count > maximumPayload { result.details = nil }
        return result
    }
}
