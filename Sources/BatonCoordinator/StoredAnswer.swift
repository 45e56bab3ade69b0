import Synchronization

/// The answer that a task waits for: whether something has been stored. It never will be where nobody is left to answer.
final class StoredAnswer: Sendable {
    private let continuation: Mutex<CheckedContinuation<Bool, Never>?>

    init(_ continuation: CheckedContinuation<Bool, Never>) { self.continuation = Mutex(continuation) }

    func give(_ isStored: Bool) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: isStored)
    }

    deinit { give(false) }
}
