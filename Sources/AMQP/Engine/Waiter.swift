import Synchronization

/// One answer for one task that waits for it.
///
/// Empty → waiting → resolved, or empty → resolved when the answer comes first. Whoever resolves first wins; cancelling
/// the waiting task resolves it with `CancellationError`.
final class Waiter<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, any Error>)
        case resolved(Result<Value, any Error>)
        case taken
    }

    private let state = Mutex(State.empty)

    /// - Returns: false when it was resolved before, so nobody will see this answer.
    @discardableResult
    func resolve(_ result: Result<Value, any Error>) -> Bool {
        let (continuation, isFirst) = state.withLock { state -> (CheckedContinuation<Value, any Error>?, Bool) in
            switch state {
            case .empty:
                state = .resolved(result)
                return (nil, true)
            case .waiting(let continuation):
                state = .taken
                return (continuation, true)
            case .resolved, .taken: return (nil, false)
            }
        }
        continuation?.resume(with: result)
        return isFirst
    }

    @discardableResult
    func fail(_ error: any Error) -> Bool { resolve(.failure(error)) }

    /// Whether an answer would reach nobody any more.
    var isResolved: Bool {
        state.withLock { state in
            switch state {
            case .empty, .waiting: false
            case .resolved, .taken: true
            }
        }
    }

    /// To be called once.
    func value() async throws -> Value {
        try await withTaskCancellationHandler {
            try await self.wait()
        } onCancel: {
            fail(CancellationError())
        }
    }

    /// As `value`, but goes on waiting when the task is cancelled.
    func wait() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Value, any Error>? in
                guard case .resolved(let result) = state else {
                    state = .waiting(continuation)
                    return nil
                }
                state = .taken
                return result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
