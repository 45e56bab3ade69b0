import DequeModule
import Logging

/// The connection's thread: connects, serves, and connects again.
///
/// Not `Sendable`: made and used on that thread only. Handlers and outcomes of the user are called from here.
final class ConnectionLoop {
    let configuration: ConnectionConfiguration
    let shared: ConnectionShared
    let logger: Logger

    // Kept over reconnects.
    var topology = Topology()
    var publications: PublishQueue
    var consumers: [ConsumerSlot] = []
    var operations: Deque<AdministrativeOperation> = []
    var gets: Deque<PendingGet> = []
    var epoch = 0
    var nextSerial: UInt64 = 1
    /// The broker has closed the last connection for the sake of a queue that is not known.
    var asksSingly = false

    // Of the current connection.
    var transport: Transport?
    var channels: [UInt16: Channel] = [:]
    var channelsBySerial: [UInt64: Channel] = [:]
    var lastChannelNumber: UInt16 = 0
    var publisher: Channel?
    var publisherFailures = 0
    var publisherPaused = false
    var administrator: Channel?
    var currentOperation: AdministrativeOperation?
    var getter: Channel?
    var knownQueues: Set<String> = []
    var recoveriesLeft = 0
    var isReady = false
    var blocked: String?
    var wantsWrite = false
    var timers: [(due: UInt64, run: () -> Void)] = []

    // Taken from the inbox; kept for their memory.
    var settlements: [SettleCommand] = []
    var commands: [Command] = []
    var batches: [PublishBatch] = []
    var isStopping = false
    var drainDeadline: UInt64?

    init(_ configuration: ConnectionConfiguration, _ shared: ConnectionShared, _ logger: Logger) {
        self.configuration = configuration
        self.shared = shared
        self.logger = logger
        publications = PublishQueue(limit: configuration.maxUnconfirmed)
    }

    /// Runs until stopped, or until the first connection is refused for good.
    func run(_ ended: Waiter<Void>) {
        var attempt = 1
        var lastError: AMQPError?
        while true {
            if shared.isStopping { break }
            shared.set(.connecting(attempt: attempt, lastError: lastError))
            do throws(AMQPError) {
                try connect()
                try serve()
                close(nil)
                finish(nil, ended)
                return
            } catch {
                let wasReady = isReady
                let lasted = wasReady && monotonicNow() &- readyAt > 5_000_000_000
                close(error)
                if shared.isStopping { break }
                if epoch == 0, Self.isFinal(error) {
                    logger.error("the broker refused the connection", metadata: [LogKey.error: "\(error)"])
                    finish(error, ended)
                    return
                }
                if lasted { attempt = 0 }
                lastError = error
            }
            attempt += 1
            shared.set(.connecting(attempt: attempt, lastError: lastError))
            let delay = backoff(attempt - 1)
            logger.warning(
                "not connected to the broker",
                metadata: [
                    LogKey.error: "\(lastError?.description ?? "")", LogKey.attempt: "\(attempt)",
                    LogKey.delay: "\(delay / 1_000_000) ms",
                ])
            pause(delay)
        }
        finish(nil, ended)
    }

    /// When the current connection became ready.
    var readyAt: UInt64 = 0

    private static func isFinal(_ error: AMQPError) -> Bool {
        switch error.code {
        case .authenticationRefused, .virtualHostRefused, .tlsFailed, .invalidArgument: true
        default: false
        }
    }

    /// Nanoseconds to wait after this many failures: full jitter, as in "Exponential Backoff and Jitter" of the AWS
    /// Architecture Blog.
    func backoff(_ failures: Int) -> UInt64 {
        let maximum = configuration.reconnectMaximum.nanoseconds
        var bound = configuration.reconnectMinimum.nanoseconds
        for _ in 1..<max(2, min(failures, 40)) where bound < maximum { bound *= 2 }
        return UInt64.random(in: 0...min(bound, maximum))
    }

    private func connect() throws(AMQPError) {
        logger.debug("connecting")
        let shared = shared
        let transport = try Transport(configuration) { shared.setDescriptor($0) }
        self.transport = transport
        shared.server.withLock { $0 = transport.server }
        epoch += 1
        beginSetup()
        retryRefused()
    }

    /// Sleeps without a connection, taking in what arrives.
    private func pause(_ nanoseconds: UInt64) {
        let end = monotonicNow() &+ nanoseconds
        while true {
            _ = takeInbox()
            settlements.removeAll(keepingCapacity: true)
            let now = monotonicNow()
            guard !isStopping, now < end else { return }
            if shared.beginSleep(unlessStopping: true) { Poll.wait(shared.signal, nil, until: end) }
        }
    }

    /// Ends the current connection; nil for a clean end.
    private func close(_ error: AMQPError?) {
        blame(error)
        shared.setBusy(since: monotonicNow())
        if error == nil { transport?.close() }
        shared.setBusy(since: nil)
        shared.setDescriptor(-1)
        for channel in channels.values { shared.channelEnded(channel.serial) }
        publications.channelEnded(cause: nil)
        if let operation = currentOperation {
            currentOperation = nil
            operations.prepend(operation)
        }
        // A new connection makes its own recovery and asks consumers anew.
        for operation in operations { if case .get(let get) = operation.origin { gets.append(get) } }
        operations.removeAll { if case .user = $0.origin { false } else { true } }
        for operation in operations { operation.restart() }
        for channel in channels.values {
            for expectation in channel.expected {
                if case .get(let get) = expectation.purpose { gets.prepend(get) }
            }
        }
        for slot in consumers { disconnect(slot, error) }
        channels.removeAll()
        channelsBySerial.removeAll()
        lastChannelNumber = 0
        publisher = nil
        publisherFailures = 0
        publisherPaused = false
        administrator = nil
        getter = nil
        knownQueues.removeAll()
        recoveriesLeft = 0
        isReady = false
        blocked = nil
        wantsWrite = false
        timers.removeAll()
        transport = nil
    }

    private func finish(_ error: AMQPError?, _ ended: Waiter<Void>) {
        let failure = error ?? AMQPError(.closed, "the connection has ended")
        shared.end(failure)
        _ = takeInbox()
        publications.failAll(failure)
        takeCommands()
        for operation in operations { if case .user(let waiter, _) = operation.origin { waiter.fail(failure) } }
        operations.removeAll()
        for get in gets { get.waiter.fail(failure) }
        gets.removeAll()
        for slot in consumers {
            slot.subscription.started.fail(failure)
            _ = slot.subscription.finish(.ended)
            for waiter in slot.cancelWaiters { waiter.resolve(.success(())) }
        }
        consumers.removeAll()
        logger.debug("the connection has ended")
        shared.set(.closed(error))
        if let error { ended.fail(error) } else { ended.resolve(.success(())) }
    }

    /// Takes what others have handed in; publications and commands go into their queues.
    func takeInbox() -> Bool {
        isStopping = shared.take(&settlements, &commands, &batches)
        let any = !settlements.isEmpty || !commands.isEmpty || !batches.isEmpty
        for batch in batches { publications.append(batch) }
        batches.removeAll(keepingCapacity: true)
        takeCommands()
        return any
    }

    private func takeCommands() {
        guard !commands.isEmpty else { return }
        let taken = commands
        commands.removeAll(keepingCapacity: true)
        for command in taken {
            switch command {
            case .request(let request, let recover, let waiter):
                operations.append(AdministrativeOperation(request, .user(waiter, recover: recover)))
            case .get(let queue, let waiter): gets.append(PendingGet(queue: queue, waiter: waiter))
            case .subscribe(let subscription): consumers.append(ConsumerSlot(subscription))
            case .cancel(let subscription, let waiter): cancel(subscription, waiter)
            }
        }
    }
}
