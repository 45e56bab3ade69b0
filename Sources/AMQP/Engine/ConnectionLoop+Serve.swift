import DequeModule
import Logging

extension ConnectionLoop {
    /// Frames handled before what others handed in is looked at again.
    private static let framesPerRound = 256

    var now: UInt64 { monotonicNow() }

    func withTransport<Value>(_ body: (Transport) throws(AMQPError) -> Value) throws(AMQPError) -> Value {
        guard let transport else { throw AMQPError(.connectionLost, "there is no connection") }
        return try body(transport)
    }

    /// Serves the connection until it is to end; throws when it breaks.
    func serve() throws(AMQPError) {
        guard let transport else { return }
        let heartbeat = UInt64(max(1, transport.heartbeat)) * 1_000_000_000
        while true {
            _ = takeInbox()
            shared.setBusy(since: now)
            if settlements.count > 1 || publications.hasUnsent { transport.cork() }
            try settle()
            try sendRequests()
            becomeReady()
            if isReady {
                try sendGets()
                try subscribe()
                try publish()
            }
            transport.uncork()
            shared.setBusy(since: nil)
            let hasMore = try receive(transport)
            runTimers()
            try checkDeadlines()
            if isStopping, isDrained() { return }
            guard !hasMore, !hasWork, shared.beginSleep(unlessStopping: drainDeadline == nil) else { continue }
            var end = now + heartbeat / 4
            if let due = timers.map(\.due).min() { end = min(end, due) }
            if blocked == nil, let deadline = channels.values.lazy.compactMap({ $0.expected.first?.deadline }).min() { end = min(end, deadline) }
            if let drainDeadline { end = min(end, drainDeadline) }
            Poll.wait(shared.signal, (transport.descriptor, wantsWrite), until: end)
        }
    }

    /// Whether something can be sent at once that an answer just made possible.
    private var hasWork: Bool {
        (currentOperation == nil && !operations.isEmpty) || (isReady != (recoveriesLeft == 0))
            || (isReady && !gets.isEmpty && !(asksSingly && isAsking)) || (isReady && canPublish && !wantsWrite && publications.canSend)
            || (isReady && needsSubscribing)
    }

    private func isDrained() -> Bool {
        let deadline = drainDeadline ?? now + configuration.drainTimeout.nanoseconds
        drainDeadline = deadline
        if now >= deadline { return true }
        return settlements.isEmpty && operations.isEmpty && currentOperation == nil
            && (publications.isEmpty || blocked != nil)
    }

    private func runTimers() {
        guard !timers.isEmpty else { return }
        let now = now
        let due = timers.filter { $0.due <= now }
        guard !due.isEmpty else { return }
        timers.removeAll { $0.due <= now }
        for timer in due { timer.run() }
    }

    func after(_ nanoseconds: UInt64, _ run: @escaping () -> Void) { timers.append((now + nanoseconds, run)) }

    // MARK: Settling

    private func settle() throws(AMQPError) {
        guard !settlements.isEmpty else { return }
        var touched: [Channel] = []
        for command in settlements {
            guard let channel = channelsBySerial[command.channel], !channel.isClosing else { continue }
            switch command.how {
            case .acknowledge: channel.unsettled.acknowledge(command.tag)
            case .drop, .requeue:
                if channel.unsettled.reject(command.tag) {
                    try withTransport { transport throws(AMQPError) in
                        try transport.reject(channel.number, tag: command.tag, requeue: command.how == .requeue)
                    }
                }
            }
            if touched.last !== channel, !touched.contains(where: { $0 === channel }) { touched.append(channel) }
        }
        settlements.removeAll(keepingCapacity: true)
        for channel in touched {
            try withTransport { transport throws(AMQPError) in
                try channel.unsettled.flush { tag, multiple throws(AMQPError) in
                    try transport.acknowledge(channel.number, tag: tag, multiple: multiple)
                }
            }
            if channel.isRetired, channel.unsettled.isEmpty { try close(channel) }
        }
    }

    // MARK: Receiving

    /// - Returns: whether there may be more to read at once.
    private func receive(_ transport: Transport) throws(AMQPError) -> Bool {
        for count in 1...Self.framesPerRound {
            guard let incoming = try transport.next() else {
                transport.releaseBuffers()
                return false
            }
            try handle(incoming)
            if count.isMultiple(of: 32) { transport.releaseBuffers() }
        }
        transport.releaseBuffers()
        return true
    }

    private func handle(_ incoming: Incoming) throws(AMQPError) {
        switch incoming {
        case .delivery(let number, let message): delivered(message, on: number)
        case .confirm(let number, let tag, let multiple, let positive):
            guard let publisher, publisher.number == number else { return }
            publisherFailures = 0
            publications.confirm(tag: tag, multiple: multiple, positive: positive)
        case .returned(let number, let replyCode, let text, let message):
            guard let publisher, publisher.number == number else { return }
            publications.returned(message, replyCode: replyCode, text: text)
        case .got(let number, let message): try answered(on: number, .success(nil), message)
        case .reply(let number, let reply): try answered(on: number, .success(reply), nil)
        case .consumerCancelled(let number):
            guard let channel = channels[number], case .consumer(let slot) = channel.role, !channel.isClosing else { return }
            try close(channel)
            lost(
                slot,
                AMQPError(
                    .notFound, "the broker cancelled the consumer: its queue is gone or has no leader",
                    context: "consume from queue '\(slot.subscription.queue)'"))
        case .channelClosed(let number, let closure):
            try withTransport { transport throws(AMQPError) in try transport.acceptChannelClose(number) }
            channelEnded(number, closure)
        case .channelCloseOK(let number): forget(number)
        case .connectionClosed(let closure):
            let error = closure.error("the broker closed the connection")
            // Before the general clean-up, which knows nothing of the cause.
            if closure.isByPublish { publications.channelEnded(cause: error) }
            try withTransport { transport throws(AMQPError) in try transport.acceptConnectionClose() }
            throw AMQPError(.connectionLost, error.message, replyCode: error.replyCode, context: error.context)
        case .blocked(let reason):
            logger.warning("the broker takes no publications", metadata: ["reason": "\(reason)"])
            blocked = reason
            if isReady { shared.set(.blocked(reason: reason)) }
        case .unblocked:
            logger.info("the broker takes publications again")
            blocked = nil
            for channel in channels.values { channel.postponeDeadlines(to: now + configuration.operationTimeout.nanoseconds) }
            if isReady { shared.set(.connected(epoch: epoch)) }
        }
    }

    /// The answer to the oldest question on a channel.
    private func answered(on number: UInt16, _ reply: Result<Reply?, AMQPError>, _ message: IncomingMessage?) throws(AMQPError) {
        guard let channel = channels[number], !channel.isClosing, let expectation = channel.expected.popFirst() else { return }
        switch expectation.purpose {
        case .setup: break
        case .administration: operationAnswered((try? reply.get()) ?? .ok)
        case .consume(let slot): subscribed(slot)
        case .cancel(let slot): try cancelled(slot)
        case .get(let get):
            guard let message else {
                get.waiter.resolve(.success(nil))
                return
            }
            channel.unsettled.delivered(message.tag)
            let delivery = Delivery(message, shared: shared, channel: channel.serial)
            if !get.waiter.resolve(.success(delivery)) { delivery.reject(requeue: true) }
        }
    }

    private func checkDeadlines() throws(AMQPError) {
        // A broker under an alarm reads nothing from a connection that publishes, so it can't answer either.
        guard blocked == nil else { return }
        let now = now
        for channel in Array(channels.values) {
            guard !channel.isClosing, let expectation = channel.expected.first, expectation.deadline <= now else { continue }
            let seconds = configuration.operationTimeout
            try close(channel)
            abandoned(channel, AMQPError(.timeout, "the broker did not answer within \(seconds)"))
        }
    }
}
