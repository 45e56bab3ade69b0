import BatonModel
import DequeModule
import Foundation

/// What waits for the core's thread. Batches form by themselves: while one is being stored, the next gathers.
///
/// It is bounded by those who fill it: deliveries by the consumers' prefetch, requests by the connections that make them.
///
/// Unchecked: each `var` is read and written only while the condition is locked.
final class Mailbox: @unchecked Sendable {
    private let condition = NSCondition()
    private var inputs: Deque<Input> = []
    private var isClosed = false

    /// `false` where nobody takes anything any more.
    @discardableResult
    func put(_ input: Input) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return false }
        inputs.append(input)
        if inputs.count == 1 { condition.signal() }
        return true
    }

    var isEmpty: Bool {
        condition.lock()
        defer { condition.unlock() }
        return inputs.isEmpty
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.signal()
        condition.unlock()
    }

    /// Waits until there is something, or the time has come; `nil` once closed and empty.
    func take(atMost limit: Int, waiting wait: Duration = .zero) -> [Input]? {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: Double(wait.milliseconds) / 1000)
        while inputs.isEmpty, !isClosed, wait > .zero {
            if !condition.wait(until: deadline) { break }
        }
        if inputs.isEmpty { return isClosed ? nil : [] }
        let batch = Array(inputs.prefix(limit))
        inputs.removeFirst(batch.count)
        return batch
    }
}
