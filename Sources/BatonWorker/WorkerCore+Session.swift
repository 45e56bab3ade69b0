import BatonBroker
import BatonModel
import BatonWire
import Synchronization

extension WorkerCore {
    /// Prepares the broker and asks for a welcome, now and after each reconnect, until the task is cancelled.
    ///
    /// - Throws: `BrokerError` where trying again can't help.
    func runSession(_ connections: AsyncStream<Void>) async throws {
        var isConsuming = false
        for await _ in connections {
            while !Task.isCancelled {
                do {
                    guard try await prepareBroker() else { continue }
                    if !isConsuming {
                        // Kept by the link, over reconnects too.
                        _ = try await consuming.consume(queue: topology.controlQueue(id).name, prefetch: 100) { self.controlled($0) }
                        isConsuming = true
                        logStart()
                    } else {
                        logger.info("reconnected")
                    }
                    connected()
                    break
                } catch let error as BrokerError where error.isFatal && !Task.isCancelled {
                    throw error
                } catch {
                    logger.warning("the broker can't be prepared; trying again", metadata: [LogKey.error: "\(error)"])
                    try? await time.sleep(time.now() + .seconds(1))
                }
            }
        }
    }

    /// One element for each connection of the consuming link. Must be called before the link runs.
    func connections() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let isUp = Atomic(false)
        consuming.onQueueEvent { [self] in heard($0) }
        consuming.onStateChange { [self] state in
            switch state {
            case .connected:
                if !isUp.exchange(true, ordering: .relaxed) { continuation.yield() }
            case .connecting(let error):
                if isUp.exchange(false, ordering: .relaxed) {
                    logger.notice("connection lost", metadata: [LogKey.error: "\(error ?? "")"])
                    linkLost()
                }
            case .blocked(let reason): logger.notice("the broker takes no messages", metadata: [LogKey.reason: "\(reason)"])
            case .closed:
                if isUp.exchange(false, ordering: .relaxed) { linkLost() }
            }
        }
        return stream
    }

    /// Declares what has to be there.
    ///
    /// - Returns: `false` where something isn't there yet, after a pause.
    /// - Throws: `BrokerError`.
    private func prepareBroker() async throws -> Bool {
        do {
            try await consuming.declare(exchanges: topology.exchanges, queues: [])
        } catch let error as BrokerError where error.code == .denied && !Task.isCancelled {
            logger.notice(
                "not there yet, and not this account's to declare: waiting for the coordinator to do it",
                metadata: [LogKey.error: "\(error)"])
            try? await time.sleep(time.now() + .seconds(1))
            return false
        }
        // Its own to declare: without the permission for that, nothing will ever be right.
        try await consuming.declare(exchanges: [], queues: [topology.controlQueue(id)])
        var missing: Set<String> = []
        for queue in sharedQueues where try await !consuming.has(queue: queue.name) { missing.insert(queue.name) }
        if !missing.isEmpty { try await make(missing) }
        return true
    }

    private func connected() {
        act { state in
            state.session.connected(now: time.now())
            state.remind(state.session.next)
            state.effects.append(.announce(state.session.announcement, running: state.running))
        }
    }

    private func logStart() {
        logger.info(
            "worker started",
            metadata: [
                LogKey.queues: "\(configuration.queues.map(\.rawValue).joined(separator: ","))",
                LogKey.slots: "\(configuration.slots)",
                LogKey.handlers: "\(registry.names.map(\.rawValue).joined(separator: ","))",
            ])
    }
}

extension BrokerError {
    /// Trying again can't help.
    var isFatal: Bool { code == .mismatch || code == .denied || code == .closed }
}
