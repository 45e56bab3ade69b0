import BatonBroker
import BatonModel
import BatonWire

extension WorkerCore {
    /// Subscribes, unsubscribes and fetches as `IntakeState` decides, one at a time, until the task is cancelled.
    ///
    /// - Throws: `BrokerError` where trying again can't help.
    func runIntake() async throws {
        var subscriptions: [any Subscription] = []
        while !Task.isCancelled {
            guard let command = state.withLock({ $0.intake.nextCommand() }) else {
                await intakeSignal.wait()
                continue
            }
            do {
                switch command {
                case .subscribe:
                    try await subscribe(&subscriptions)
                    act { $0.intake.subscribed() }
                case .unsubscribe:
                    try await unsubscribe(&subscriptions)
                    act { $0.unsubscribed(self) }
                case .sweep: try await sweep()
                }
            } catch let error as BrokerError where error.isFatal && !Task.isCancelled {
                throw error
            } catch {
                if Task.isCancelled { return }
                logger.debug("the broker did not answer; trying again", metadata: [LogKey.error: "\(error)"])
                try? await time.sleep(time.now() + .seconds(1))
            }
        }
    }

    /// Picks up where it was interrupted.
    private func subscribe(_ subscriptions: inout [any Subscription]) async throws {
        for (queue, name) in taskQueues[subscriptions.count...] {
            let prefetch = configuration.slots + configuration.lookahead
            subscriptions.append(
                try await consuming.consume(queue: name, prefetch: prefetch) { self.received($0, of: queue, from: name) })
        }
    }

    private func unsubscribe(_ subscriptions: inout [any Subscription]) async throws {
        while let subscription = subscriptions.last {
            try await subscription.cancel()
            subscriptions.removeLast()
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
            guard let delivery = try await consuming.get(queue: name) else { continue }
            received(delivery, of: queue, from: name)
            return true
        }
        return false
    }

    /// All queues of priority 0, then of 1, 2 and 3.
    private var taskQueues: [(queue: QueueName, name: String)] {
        Priority.allCases.flatMap { priority in configuration.queues.map { ($0, topology.tasksQueue($0, priority).name) } }
    }
}

extension WorkerState {
    fileprivate mutating func unsubscribed(_ core: WorkerCore) {
        let actions = intake.unsubscribed()
        effects.append(.log(.saturated))
        apply(actions, core)
    }
}
