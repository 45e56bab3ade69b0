import BatonBroker
import BatonModel
import BatonWire

extension WorkerCore {
    /// Subscribes, unsubscribes and fetches as `IntakeState` decides, one at a time, until the task is cancelled.
    ///
    /// - Throws: `BrokerError` where trying again can't help.
    func runIntake() async throws {
        var subscriptions: [String: any Subscription] = [:]
        while !Task.isCancelled {
            try await trying { try await makeMissing() }
            guard let command = state.withLock({ $0.intake.nextCommand() }) else {
                // Those queues that were not there are looked for again.
                guard state.withLock({ $0.intake.isSubscribed }), subscriptions.count < taskQueues.count else {
                    await intakeSignal.wait()
                    continue
                }
                await intakeSignal.wait(until: state.withLock { $0.absences.next } ?? time.now(), time)
                if state.withLock({ $0.intake.nextCommand() }) == nil { try await trying { try await subscribe(&subscriptions) } }
                continue
            }
            try await trying {
                switch command {
                case .subscribe:
                    try await subscribe(&subscriptions)
                    act { $0.intake.subscribed() }
                case .unsubscribe:
                    try await unsubscribe(&subscriptions)
                    act { $0.unsubscribed(self) }
                case .sweep: try await sweep()
                }
            }
        }
    }

    /// - Throws: `BrokerError` where trying again can't help.
    private func trying(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as BrokerError where error.isFatal && !Task.isCancelled {
            throw error
        } catch {
            if Task.isCancelled { return }
            logger.debug("the broker did not answer; trying again", metadata: [LogKey.error: "\(error)"])
            try? await time.sleep(time.now() + .seconds(1))
        }
    }

    /// Picks up where it was interrupted. Queues that aren't there, or can't be served, are left out.
    private func subscribe(_ subscriptions: inout [String: any Subscription]) async throws {
        let prefetch = configuration.slots + configuration.lookahead
        for (queue, name) in taskQueues where subscriptions[name] == nil {
            subscriptions[name] = try await asking(name) {
                try await consuming.consume(queue: name, prefetch: prefetch) { self.received($0, of: queue, from: name) }
            }
        }
    }

    private func unsubscribe(_ subscriptions: inout [String: any Subscription]) async throws {
        while let (name, subscription) = subscriptions.first {
            try await subscription.cancel()
            subscriptions[name] = nil
        }
    }

    /// Fetches for the free slots. After each message the look begins with the most urgent queue again: a slot that has become
    /// free in the middle of a round must not be filled from where the round has got to.
    private func sweep() async throws {
        while state.withLock({ $0.intake.wanted }) > 0, !Task.isCancelled {
            guard try await fetchOne() else { return act { $0.intake.swept() } }
        }
    }

    /// - Returns: `false` where every queue is empty.
    private func fetchOne() async throws -> Bool {
        for (queue, name) in taskQueues {
            guard let delivery = try await asking(name, { try await consuming.get(queue: name) }) ?? nil else { continue }
            received(delivery, of: queue, from: name)
            return true
        }
        return false
    }
}

extension WorkerState {
    fileprivate mutating func unsubscribed(_ core: WorkerCore) {
        let actions = intake.unsubscribed()
        effects.append(.log(.saturated))
        apply(actions, core)
    }
}
