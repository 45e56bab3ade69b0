import Logging

extension ConnectionLoop {
    /// Opens a channel; what follows on it may be sent at once.
    func open(_ role: Channel.Role) throws(AMQPError) -> Channel {
        guard let transport else { throw AMQPError(.connectionLost, "there is no connection") }
        guard channels.count < transport.channelMax else {
            throw AMQPError(.connectionLost, "all \(transport.channelMax) channels of the connection are in use")
        }
        var number = lastChannelNumber
        repeat { number = Int(number) >= transport.channelMax ? 1 : number + 1 } while channels[number] != nil
        lastChannelNumber = number
        let channel = Channel(number: number, serial: nextSerial, role: role)
        nextSerial += 1
        channels[number] = channel
        channelsBySerial[channel.serial] = channel
        shared.channelOpened(channel.serial)
        try transport.openChannel(number)
        expect(.setup, on: channel)
        return channel
    }

    func expect(_ purpose: Channel.Expectation.Purpose, on channel: Channel) {
        channel.expected.append(
            Channel.Expectation(purpose: purpose, deadline: now + configuration.operationTimeout.nanoseconds))
    }

    /// Starts closing a channel. Its deliveries can't be settled any more.
    func close(_ channel: Channel) throws(AMQPError) {
        guard !channel.isClosing else { return }
        channel.isClosing = true
        shared.channelEnded(channel.serial)
        channelsBySerial[channel.serial] = nil
        try withTransport { transport throws(AMQPError) in try transport.closeChannel(channel.number) }
    }

    /// The number can be used again.
    func forget(_ number: UInt16) {
        guard let channel = channels.removeValue(forKey: number) else { return }
        channelsBySerial[channel.serial] = nil
        shared.channelEnded(channel.serial)
    }

    /// The broker closed a channel.
    func channelEnded(_ number: UInt16, _ closure: Closure) {
        guard let channel = channels[number] else { return }
        forget(number)
        if !channel.isClosing { abandoned(channel, closure.error(""), closure) }
    }

    /// A channel can't be used any more; what it was for is told, or tried again.
    func abandoned(_ channel: Channel, _ error: AMQPError, _ closure: Closure? = nil) {
        switch channel.role {
        case .publisher:
            guard publisher === channel else { return }
            publisher = nil
            let isByPublish = closure?.isByPublish ?? false
            publications.channelEnded(cause: isByPublish ? error : nil)
            logger.warning("the broker closed the publishing channel", metadata: [LogKey.error: "\(error)"])
            guard !isByPublish else { return }
            publisherFailures += 1
            publisherPaused = true
            after(backoff(publisherFailures)) { [unowned self] in publisherPaused = false }
        case .administrator:
            guard administrator === channel else { return }
            administrator = nil
            operationFailed(error)
        case .getter:
            guard getter === channel else { return }
            getter = nil
            for expectation in channel.expected {
                if case .get(let get) = expectation.purpose {
                    knownQueues.remove(get.queue)
                    get.waiter.fail(refused(get.queue, error.during("get from queue '\(get.queue)'")))
                }
            }
        case .consumer(let slot):
            guard slot.channel === channel else { return }
            lost(slot, refused(slot.subscription.queue, error.during("consume from queue '\(slot.subscription.queue)'")))
        }
    }

    /// Silence means that the queue has no leader: everything else is answered by the broker itself.
    private func refused(_ queue: String, _ error: AMQPError) -> AMQPError {
        guard error.code == .timeout else { return error }
        tellUnavailable(queue)
        return Self.unavailable(queue, error)
    }
}
