import Logging

extension ConnectionLoop {
    var needsSubscribing: Bool { !(asksSingly && isAsking) && consumers.contains { $0.phase == .waiting && $0.failures == 0 } }

    /// Subscribes the consumers that are new, or new to this connection.
    func subscribe() throws(AMQPError) {
        guard needsSubscribing else { return }
        for slot in consumers where slot.phase == .waiting && slot.failures == 0 {
            try subscribe(slot)
            if asksSingly { return }
        }
    }

    private func subscribe(_ slot: ConsumerSlot) throws(AMQPError) {
        let subscription = slot.subscription
        slot.phase = .subscribing
        slot.tag = "consumer-\(nextSerial)-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let channel = try open(.consumer(slot))
        slot.channel = channel
        try withTransport { transport throws(AMQPError) in
            try transport.limitPrefetch(channel.number, subscription.prefetch)
            try transport.consume(
                channel.number, queue: subscription.queue, tag: slot.tag, exclusive: subscription.exclusive,
                arguments: subscription.arguments)
        }
        expect(.setup, on: channel)
        expect(.consume(slot), on: channel)
    }

    func subscribed(_ slot: ConsumerSlot) {
        guard slot.phase == .subscribing else { return }
        slot.phase = .subscribed
        slot.subscribedAt = now
        slot.refusals = 0
        slot.subscription.state = .subscribed
        slot.subscription.started.resolve(.success(()))
        logger.debug("consuming", metadata: [LogKey.queue: "\(slot.subscription.queue)"])
    }

    func delivered(_ message: IncomingMessage, on number: UInt16) {
        guard let channel = channels[number], !channel.isClosing, case .consumer(let slot) = channel.role else { return }
        channel.unsettled.delivered(message.tag)
        let delivery = Delivery(message, shared: shared, channel: channel.serial)
        if slot.phase == .cancelling || channel.isRetired {
            delivery.reject(requeue: true)
        } else {
            slot.subscription.deliver(delivery)
        }
    }

    /// The consumer's channel, or its subscription, has ended while the connection goes on.
    func lost(_ slot: ConsumerSlot, _ error: AMQPError) {
        slot.channel = nil
        slot.subscription.dropBuffer()
        if slot.phase == .cancelling {
            ended(slot)
            return
        }
        // The first answer is the caller's to handle; true when nobody has had one yet.
        if slot.subscription.started.fail(error) {
            ended(slot)
            return
        }
        if error.code == .notFound { shared.tell(.missing(slot.subscription.queue)) }
        if slot.subscribedAt > 0, now - slot.subscribedAt > 5_000_000_000 { slot.failures = 0 }
        slot.subscribedAt = 0
        slot.failures += 1
        slot.phase = .waiting
        slot.subscription.state = .subscribing(lastError: error)
        let delay = backoff(slot.failures)
        logger.warning(
            "a consumer was lost and will subscribe again",
            metadata: [
                LogKey.queue: "\(slot.subscription.queue)", LogKey.error: "\(error)", LogKey.delay: "\(delay / 1_000_000) ms",
            ])
        after(delay) { [unowned self] in prepare(slot) }
    }

    /// Declares the consumer's queue again, if it is remembered; then the consumer can subscribe.
    func prepare(_ slot: ConsumerSlot) {
        guard slot.phase == .waiting, slot.failures > 0 else { return }
        slot.phase = .preparing
        var requests = topology.requests(forQueue: slot.subscription.queue)
        if requests.isEmpty { requests = [.inspect(slot.subscription.queue)] }
        slot.preparationsLeft = requests.count
        for request in requests { operations.append(AdministrativeOperation(request, .consumer(slot))) }
    }

    func prepared(_ slot: ConsumerSlot, _ result: Result<Reply, AMQPError>) {
        guard slot.phase == .preparing else { return }
        if case .failure(let error) = result {
            slot.preparationsLeft = 0
            lost(slot, error)
            return
        }
        slot.preparationsLeft -= 1
        guard slot.preparationsLeft == 0 else { return }
        if asksSingly, isAsking {
            // It has its turn.
            (slot.phase, slot.failures) = (.waiting, 0)
            return
        }
        // A failure of the connection itself shows on the next read.
        do throws(AMQPError) { try subscribe(slot) } catch { lost(slot, error) }
    }

    /// The connection is gone; the consumer waits for the next.
    func disconnect(_ slot: ConsumerSlot, _ error: AMQPError?) {
        slot.channel = nil
        slot.failures = 0
        slot.subscription.dropBuffer()
        if slot.phase == .cancelling {
            finish(slot)
        } else {
            slot.phase = .waiting
            slot.subscription.state = .subscribing(lastError: error)
        }
        consumers.removeAll { $0.isEnded }
    }

    // MARK: Cancelling

    func cancel(_ subscription: Subscription, _ waiter: Waiter<Void>?) {
        guard let slot = consumers.first(where: { $0.subscription === subscription }) else {
            waiter?.resolve(.success(()))
            return
        }
        if let waiter { slot.cancelWaiters.append(waiter) }
        guard slot.phase != .cancelling else { return }
        let wasOnWire = slot.phase == .subscribed || slot.phase == .subscribing
        slot.phase = .cancelling
        slot.subscription.started.fail(CancellationError())
        guard wasOnWire, let channel = slot.channel, let transport else {
            ended(slot)
            return
        }
        // A send that fails shows on the next read, and the connection's end ends the consumer too.
        try? transport.cancelConsumer(channel.number, tag: slot.tag)
        expect(.cancel(slot), on: channel)
    }

    func cancelled(_ slot: ConsumerSlot) throws(AMQPError) {
        let channel = slot.channel
        ended(slot)
        guard let channel else { return }
        channel.isRetired = true
        if channel.unsettled.isEmpty { try close(channel) }
    }

    private func ended(_ slot: ConsumerSlot) {
        finish(slot)
        consumers.removeAll { $0 === slot }
    }

    private func finish(_ slot: ConsumerSlot) {
        slot.isEnded = true
        slot.channel = nil
        for delivery in slot.subscription.finish(.ended) { delivery.reject(requeue: true) }
        for waiter in slot.cancelWaiters { waiter.resolve(.success(())) }
        slot.cancelWaiters.removeAll()
    }
}
