import Synchronization

/// A number that several tasks add to.
final class Counter: Sendable {
    private let value = Mutex(0)

    var total: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}
