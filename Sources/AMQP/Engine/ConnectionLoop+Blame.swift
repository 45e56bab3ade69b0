import Logging

extension ConnectionLoop {
    /// What a broker closes the whole connection with that is asked for messages of a queue without a leader.
    private static let internalError: UInt16 = 541

    /// Finds the queue for whose sake the broker has closed the connection. Where it can be one of several, the next connection asks
    /// for one at a time.
    func blame(_ error: AMQPError?) {
        asksSingly = error?.replyCode == Self.internalError
        guard asksSingly, let error else { return }
        let gets = channels.values.compactMap { channel -> PendingGet? in
            channel.expected.lazy.compactMap { if case .get(let get) = $0.purpose { get } else { nil } }.first
        }
        let slots = consumers.filter { $0.phase == .subscribing }
        guard gets.count + slots.count == 1 else { return }
        if let get = gets.first {
            get.waiter.fail(Self.unavailable(get.queue, error))
            tellUnavailable(get.queue)
        } else if let slot = slots.first {
            slot.refusals += 1
            tellUnavailable(slot.subscription.queue)
            // The first answer is the caller's to handle.
            if slot.subscription.started.fail(Self.unavailable(slot.subscription.queue, error)) { slot.phase = .cancelling }
        }
    }

    /// Whether something is being asked for that the broker may close the connection for.
    var isAsking: Bool {
        consumers.contains { $0.phase == .subscribing } || getter?.expected.contains { if case .get = $0.purpose { true } else { false } } ?? false
    }

    func tellUnavailable(_ queue: String) {
        logger.warning("the broker can't serve a queue", metadata: [LogKey.queue: "\(queue)"])
        shared.tell(.unavailable(queue))
    }

    static func unavailable(_ queue: String, _ error: AMQPError) -> AMQPError {
        AMQPError(.queueUnavailable, "the broker can't serve queue '\(queue)': \(error.message)", replyCode: error.replyCode)
    }

    private static let firstRetry: UInt64 = 5_000_000_000
    private static let lastRetry: UInt64 = 20_000_000_000

    /// Those that were refused before try again, less and less often: each try costs all others their connection.
    func retryRefused() {
        for slot in consumers where slot.phase == .waiting && slot.refusals > 0 {
            slot.failures = slot.refusals
            let delay = min(Self.lastRetry, Self.firstRetry << UInt64(min(slot.refusals - 1, 10)))
            after(delay) { [unowned self] in prepare(slot) }
        }
    }
}
