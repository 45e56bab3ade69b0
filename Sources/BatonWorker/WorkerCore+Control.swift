import BatonBroker
import BatonModel
import BatonWire

extension WorkerCore {
    /// A message from the coordinator, to all workers or to this one.
    func controlled(_ delivery: Delivery) {
        defer { delivery.acknowledge() }
        let control: Control
        do throws(WireError) {
            guard let read = try Control.read(delivery.message) else { return }
            control = read
        } catch {
            logger.warning("a control message can't be read", metadata: [LogKey.error: "\(error)"])
            return
        }
        logger.trace("control", metadata: ["type": "\(delivery.message.type ?? "")"])
        act { state in
            switch control {
            case .cancel(let attempts, let reason):
                CrashPoint.cancelHeard.pass()
                state.cancel(attempts, reason: reason, self)
                if let id = delivery.message.messageID {
                    state.effects.append(.seen(controlID: id, routingKey: delivery.message.replyTo ?? topology.reportsKey(0)))
                }
            case .leased(let attempts):
                CrashPoint.leaseConfirmed.pass()
                state.leased(attempts, now: time.now())
            case .claimed(let granted, let refused):
                if !granted.isEmpty { CrashPoint.claimGranted.pass() }
                state.claimed(granted: granted, refused: refused, self)
            case .welcome(let attempts):
                let answered = delivery.message.correlationID
                state.welcome(attempts, isCurrent: answered == nil || answered == question(state.session.questions), self)
            case .announce:
                if state.session.phase != .offline {
                    state.effects.append(.announce(state.session.announcement, running: state.running))
                }
            case .drain: state.beginDrain(self)
            }
        }
        if case .leased = control { CrashPoint.leasedAcknowledged.passSoon() }
    }
}

extension WorkerState {
    mutating func cancel(_ attempts: [String], reason: String?, _ core: WorkerCore) {
        cancelled.insert(attempts, reason: reason)
        refuseHeld(attempts)
        for key in attempts {
            guard let entry = active[key], !entry.hasEnded, !entry.isReported else { continue }
            stop(entry, .cancelled(reason: reason), core)
        }
        apply(intake.eased(), core)
    }

    mutating func stop(_ entry: Active, _ cause: StopCause, _ core: WorkerCore) {
        entry.attempt.stop(cause)
        active[entry.attempt.key]?.timeline.stopping(now: core.time.now(), grace: core.configuration.cancelGrace)
        remind(active[entry.attempt.key]?.timeline.next)
        effects.append(.cancelTask(entry.attempt))
    }

    private mutating func refuseHeld(_ attempts: [String]) {
        if intake.heldCount > 0 {
            let keys = Set(attempts)
            for offer in intake.remove(where: { keys.contains($0.key) }) { refuse(offer) }
        }
        if claims.count > 0 {
            for key in attempts {
                if let claim = claims.remove(key) { refuse(claim.offer) }
            }
            intake.claiming = claims.count
        }
    }

    mutating func welcome(_ attempts: [String], isCurrent: Bool, _ core: WorkerCore) {
        cancelled.insert(attempts, reason: nil)
        refuseHeld(attempts)
        for key in attempts {
            guard let entry = active[key], !entry.hasEnded, !entry.isReported else { continue }
            stop(entry, .cancelled(reason: nil), core)
        }
        guard isCurrent, session.welcomed(now: core.time.now()) else { return apply(intake.eased(), core) }
        remind(session.next)
        effects.append(.log(.welcomed))
        effects.append(.announce(session.announcement, running: running))
        apply(intake.open(), core)
    }

    /// The coordinator answers for them now: their messages may go.
    mutating func leased(_ attempts: [String], now: Duration) {
        for key in attempts {
            guard var entry = active[key], !entry.isReported, let delivery = entry.delivery else { continue }
            effects.append(.acknowledge(delivery))
            entry.delivery = nil
            entry.timeline.leased(now: now)
            remind(entry.timeline.next)
            active[key] = entry
        }
    }

    mutating func claimed(granted: [String], refused: [String], _ core: WorkerCore) {
        for key in refused {
            if let claim = claims.remove(key) { effects.append(.acknowledge(claim.offer.delivery)) }
        }
        intake.claiming = claims.count
        for key in granted {
            guard var offer = claims.remove(key)?.offer else { continue }
            offer.isClaimed = true
            intake.claiming = claims.count
            admit(offer, core)
        }
        apply(intake.eased(), core)
    }
}
