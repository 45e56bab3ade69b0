import Glibc
import Synchronization

enum Settlement: Sendable { case acknowledge, drop, requeue }

struct SettleCommand: Sendable {
    let channel: UInt64
    let tag: UInt64
    let how: Settlement
}

enum Command: Sendable {
    case request(Request, recover: Bool, Waiter<Reply>)
    case get(String, Waiter<Delivery?>)
    case subscribe(Subscription)
    case cancel(Subscription, Waiter<Void>?)
}

/// What the connection's thread shares with everyone else.
final class ConnectionShared: Sendable {
    struct Inbox {
        var settlements: [SettleCommand] = []
        var commands: [Command] = []
        var batches: [PublishBatch] = []
        /// The thread is in, or about to enter, its `poll`.
        var isSleeping = false
        var isStopping = false
        var isRunning = false
        var ended: AMQPError?
        /// Channels whose deliveries can still be settled. The numbers are never used twice.
        var openChannels: [UInt64] = []

        var isEmpty: Bool { settlements.isEmpty && commands.isEmpty && batches.isEmpty }
    }

    private struct Status {
        var state = ConnectionState.idle
        var handlers: [@Sendable (ConnectionState) -> Void] = []
        var queueHandlers: [@Sendable (QueueEvent) -> Void] = []
        var waiters: [Waiter<Void>] = []
    }

    private struct Link {
        var descriptor: Int32 = -1
        var busySince: UInt64 = 0
    }

    let signal = EventSignal()
    /// Of the latest connection.
    let server = Mutex<ServerProperties?>(nil)
    private let inbox = Mutex(Inbox())
    private let status = Mutex(Status())
    private let link = Mutex(Link())

    // MARK: Inbox

    /// Changes the inbox and wakes the thread when it sleeps.
    /// - Throws: `closed` when the connection has ended.
    func post(_ change: (inout sending Inbox) -> Void) throws(AMQPError) {
        let (ended, wake) = inbox.withLock { inbox -> (AMQPError?, Bool) in
            if let ended = inbox.ended { return (ended, false) }
            change(&inbox)
            defer { inbox.isSleeping = false }
            return (nil, inbox.isSleeping)
        }
        if let ended { throw ended }
        if wake { signal.raise() }
    }

    func settle(_ command: SettleCommand) -> Bool {
        let (accepted, wake) = inbox.withLock { inbox -> (Bool, Bool) in
            guard inbox.ended == nil, inbox.openChannels.contains(command.channel) else { return (false, false) }
            inbox.settlements.append(command)
            defer { inbox.isSleeping = false }
            return (true, inbox.isSleeping)
        }
        if wake { signal.raise() }
        return accepted
    }

    /// Swaps what has arrived against empty arrays, whose memory is used again.
    func take(_ settlements: inout [SettleCommand], _ commands: inout [Command], _ batches: inout [PublishBatch]) -> Bool {
        inbox.withLock { inbox in
            inbox.isSleeping = false
            swap(&settlements, &inbox.settlements)
            swap(&commands, &inbox.commands)
            swap(&batches, &inbox.batches)
            return inbox.isStopping
        }
    }

    /// - Returns: false when something has arrived, so that the thread must not sleep.
    func beginSleep(unlessStopping: Bool) -> Bool {
        inbox.withLock { inbox in
            guard inbox.isEmpty, !(unlessStopping && inbox.isStopping) else { return false }
            inbox.isSleeping = true
            return true
        }
    }

    func begin() throws(AMQPError) {
        try inbox.withLock { inbox throws(AMQPError) in
            if let ended = inbox.ended { throw ended }
            guard !inbox.isRunning else { throw AMQPError(.alreadyRunning, "run() is called once for a connection") }
            inbox.isRunning = true
        }
    }

    /// Asks the thread to drain and end. Before `run()` it makes `run()` return at once.
    func stop() {
        let wake = inbox.withLock { inbox in
            inbox.isStopping = true
            defer { inbox.isSleeping = false }
            return inbox.isSleeping
        }
        if wake { signal.raise() }
    }

    var isStopping: Bool { inbox.withLock { $0.isStopping } }

    func end(_ error: AMQPError) {
        inbox.withLock { inbox in
            inbox.ended = error
            inbox.openChannels = []
        }
    }

    func channelOpened(_ channel: UInt64) { inbox.withLock { $0.openChannels.append(channel) } }
    func channelEnded(_ channel: UInt64) { inbox.withLock { $0.openChannels.removeAll { $0 == channel } } }

    // MARK: State

    var state: ConnectionState { status.withLock { $0.state } }

    func addHandler(_ handler: @escaping @Sendable (ConnectionState) -> Void) { status.withLock { $0.handlers.append(handler) } }

    func addQueueHandler(_ handler: @escaping @Sendable (QueueEvent) -> Void) {
        status.withLock { $0.queueHandlers.append(handler) }
    }

    func tell(_ event: QueueEvent) {
        for handler in status.withLock({ $0.queueHandlers }) { handler(event) }
    }

    func set(_ state: ConnectionState) {
        let (handlers, waiters) = status.withLock { status in
            status.state = state
            var waiters: [Waiter<Void>] = []
            switch state {
            case .connected, .blocked, .closed: swap(&waiters, &status.waiters)
            case .idle, .connecting: break
            }
            return (status.handlers, waiters)
        }
        for waiter in waiters { waiter.resolve(Self.reachable(state)) }
        for handler in handlers { handler(state) }
    }

    private static func reachable(_ state: ConnectionState) -> Result<Void, any Error> {
        if case .closed(let error) = state {
            .failure(error ?? AMQPError(.closed, "the connection has ended"))
        } else {
            .success(())
        }
    }

    func addConnectedWaiter(_ waiter: Waiter<Void>) {
        let state = status.withLock { status -> ConnectionState? in
            switch status.state {
            case .connected, .blocked, .closed: return status.state
            case .idle, .connecting:
                status.waiters.removeAll { $0.isResolved }
                status.waiters.append(waiter)
                return nil
            }
        }
        if let state { waiter.resolve(Self.reachable(state)) }
    }

    // MARK: Watchdog

    /// The socket that `cut` may shut down; -1 for none. To be taken back before the descriptor is closed.
    func setDescriptor(_ descriptor: Int32) { link.withLock { $0 = Link(descriptor: descriptor) } }

    /// The thread is about to send, which may take as long as the broker likes; nil when it is done.
    func setBusy(since time: UInt64?) { link.withLock { $0.busySince = time ?? 0 } }

    /// Ends every send and read on the socket, if there is one.
    func cut() { link.withLock { if $0.descriptor >= 0 { shutdown($0.descriptor, Int32(SHUT_RDWR)) } } }

    /// Cuts the connection when the thread has been sending for longer than this.
    func cutIfStuck(longerThan nanoseconds: UInt64) -> Bool {
        link.withLock { link in
            guard link.descriptor >= 0, link.busySince > 0, monotonicNow() &- link.busySince > nanoseconds else { return false }
            shutdown(link.descriptor, Int32(SHUT_RDWR))
            return true
        }
    }
}
