import BatonBroker
import BatonModel
import BatonWire

/// The queues that a worker takes from, which others may delete and a broker may lose.
extension WorkerCore {
    /// All queues of priority 0, then of 1, 2 and 3.
    var taskQueues: [(queue: QueueName, name: String)] {
        Priority.allCases.flatMap { priority in configuration.queues.map { ($0, topology.tasksQueue($0, priority).name) } }
    }

    var sharedQueues: [Queue] {
        [topology.parkingQueue] + Priority.allCases.flatMap { priority in configuration.queues.map { topology.tasksQueue($0, priority) } }
    }

    /// Something is wrong with a queue of this worker's.
    func heard(_ event: QueueEvent) {
        switch event {
        case .missing(let name):
            guard sharedQueues.contains(where: { $0.name == name }) else { return }
            act { state in
                state.absences.note(missing: name)
                state.effects.append(.wakeIntake)
            }
        case .unavailable(let name):
            if topology.tasksLevel(ofQueue: name) != nil { act { $0.note(unserved: name) } }
        }
    }

    /// Declares queues that weren't there. The coordinator, if there has ever been one, is told first, and for certain: it sends again
    /// what had been in them, and nobody would know of that any more once they are there.
    ///
    /// - Throws: `BrokerError`.
    func make(_ names: Set<String>) async throws {
        guard state.withLock(\.absences.mayDeclare) else {
            return act { state in for name in names { state.note(unserved: name) } }
        }
        do {
            try await publishing.publish(announcement(of: state.withLock(\.session.announcement), running: state.withLock(\.running), missing: names))
        } catch let error as BrokerError where error.code == .unroutable {}
        CrashPoint.queueReported.pass()
        logger.notice("queues are missing, and made anew", metadata: [LogKey.queues: "\(names.sorted().joined(separator: " "))"])
        do {
            try await consuming.declare(exchanges: [], queues: sharedQueues.filter { names.contains($0.name) })
        } catch let error as BrokerError where error.code == .denied {
            // The coordinator does it. It can find out by itself that they are missing, for as long as they are.
            logger.debug("not this account's to declare", metadata: [LogKey.error: "\(error)"])
            state.withLock { $0.absences.mayDeclare = false }
        }
    }

    /// Makes what has been found missing.
    func makeMissing() async throws {
        let names = state.withLock { $0.absences.takeMissing() }
        if names.isEmpty { return }
        do {
            try await make(names)
        } catch {
            state.withLock { state in for name in names { state.absences.note(missing: name) } }
            throw error
        }
    }

    /// - Returns: `nil` where there is no such queue, or it can't be served: it is seen to, and left alone for a while.
    func asking<Value: Sendable>(_ name: String, _ body: () async throws -> Value) async throws -> Value? {
        if state.withLock({ $0.absences.isLeftAlone(name, now: time.now()) }) { return nil }
        do {
            let value = try await body()
            state.withLock { $0.absences.works(name) }
            return value
        } catch let error as BrokerError where error.code == .missing || error.code == .unavailable {
            act { state in
                state.absences.leaveAlone(name, isThere: error.code == .unavailable, now: time.now())
                if error.code == .missing { state.absences.note(missing: name) } else { state.note(unserved: name) }
            }
            return nil
        }
    }
}

extension WorkerState {
    mutating func note(unserved name: String) {
        guard absences.note(unserved: name), session.phase != .offline else { return }
        effects.append(.announce(session.announcement, running: running))
    }
}
