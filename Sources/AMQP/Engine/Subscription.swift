import DequeModule
import Synchronization

/// A consumer as the thread and its user share it.
final class Subscription: Sendable {
    typealias Handler = @Sendable (Delivery) -> Void

    private struct Mailbox {
        var buffer: Deque<Delivery> = []
        var waiters: Deque<Waiter<Delivery?>> = []
        var isFinished = false
        var state = ConsumerState.subscribing(lastError: nil)
    }

    let queue: String
    let prefetch: UInt16
    let exclusive: Bool
    let arguments: Headers
    /// Resolved by the first answer of the broker.
    let started = Waiter<Void>()
    private let handler: Handler?
    private let mailbox = Mutex(Mailbox())

    init(queue: String, prefetch: UInt16, exclusive: Bool, arguments: Headers, handler: Handler?) {
        self.queue = queue
        self.prefetch = prefetch
        self.exclusive = exclusive
        self.arguments = arguments
        self.handler = handler
    }

    var state: ConsumerState {
        get { mailbox.withLock { $0.state } }
        set { mailbox.withLock { $0.state = newValue } }
    }

    /// The broker's prefetch bounds what can be in the buffer.
    func deliver(_ delivery: Delivery) {
        if let handler {
            handler(delivery)
            return
        }
        while true {
            let waiter = mailbox.withLock { mailbox -> Waiter<Delivery?>? in
                if let waiter = mailbox.waiters.popFirst() { return waiter }
                mailbox.buffer.append(delivery)
                return nil
            }
            guard let waiter else { return }
            // A waiter whose task was cancelled takes nothing.
            if waiter.resolve(.success(delivery)) { return }
        }
    }

    func next() async -> Delivery? {
        let waiter = Waiter<Delivery?>()
        let ready = mailbox.withLock { mailbox -> Delivery?? in
            if let delivery = mailbox.buffer.popFirst() { return .some(delivery) }
            if mailbox.isFinished { return .some(nil) }
            mailbox.waiters.append(waiter)
            return nil
        }
        if let ready { return ready }
        return (try? await waiter.value()) ?? nil
    }

    /// Forgets what nobody took yet; the broker delivers it again.
    func dropBuffer() { mailbox.withLock { $0.buffer.removeAll() } }

    /// Ends the sequence.
    /// - Returns: what nobody took yet.
    func finish(_ state: ConsumerState) -> [Delivery] {
        let (left, waiters) = mailbox.withLock { mailbox in
            mailbox.isFinished = true
            mailbox.state = state
            defer {
                mailbox.buffer.removeAll()
                mailbox.waiters.removeAll()
            }
            return (Array(mailbox.buffer), mailbox.waiters)
        }
        for waiter in waiters { waiter.resolve(.success(nil)) }
        return left
    }
}
