import Foundation

/// Where documents are read: on threads of their own, since a large one takes seconds, for which the pool that all requests share
/// would answer nobody.
///
/// Large ones are read one at a time, which also bounds the memory that reading them takes; small ones don't wait for them.
final class ReadingQueue: Sendable {
    static let shared = ReadingQueue()

    /// In bytes; what is larger waits for its turn.
    private static let largestSmall = 1 << 20

    private let small: OperationQueue
    private let large: OperationQueue

    private init() {
        small = OperationQueue()
        small.name = "baton.http.reading"
        small.maxConcurrentOperationCount = max(2, ProcessInfo.processInfo.activeProcessorCount)
        large = OperationQueue()
        large.name = "baton.http.reading.large"
        large.maxConcurrentOperationCount = 1
    }

    /// Does the work there. It is done to its end, also where the caller has been cancelled.
    ///
    /// - Parameter count: of the bytes to be read.
    func read<Value: Sendable, Failure: Error>(
        bytes count: Int, _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let queue = count <= Self.largestSmall ? small : large
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
            queue.addOperation {
                continuation.resume(returning: Result { () throws(Failure) in try work() })
            }
        }
        return try result.get()
    }
}
