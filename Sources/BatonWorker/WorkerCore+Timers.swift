import BatonBroker
import BatonModel
import BatonWire

extension WorkerCore {
    /// Everything that is due by time, until the task is cancelled.
    func runTimers() async {
        while !Task.isCancelled {
            let next = tick()
            await timerSignal.wait(until: next, time)
        }
    }

    /// - Returns: when there is more to do.
    func tick() -> Duration? {
        act { state in
            let now = time.now()
            state.tick(now: now, self)
            state.timerDue = state.nextDue
            state.mustWakeTimer = false
            return state.timerDue
        }
    }
}

extension WorkerState {
    fileprivate mutating func tick(now: Duration, _ core: WorkerCore) {
        if session.tick(now: now) {
            if session.phase == .asking { effects.append(.log(.waitingForCoordinator)) }
            effects.append(.announce(session.announcement, running: running))
        }
        for key in active.filter({ $0.value.timeline.next.map { $0 <= now } ?? false }).keys.sorted() {
            for event in active[key]?.timeline.due(at: now) ?? [] { handle(event, key, core) }
        }
        for claim in claims.due(at: now) { effects.append(.claim(claim.offer, isRedelivered: claim.isRedelivered)) }
        for entry in retries.due(at: now) { effects.append(.publish(entry)) }
        apply(intake.tick(now: now), core)
        tickDrain(now: now, core)
    }

    private mutating func handle(_ event: AttemptTimeline.Event, _ key: String, _ core: WorkerCore) {
        guard let entry = active[key], !entry.hasEnded, !entry.isReported else { return }
        switch event {
        case .reportStarted: effects.append(.note(.started, entry.attempt))
        case .heartbeat: effects.append(.note(.heartbeat, entry.attempt))
        case .lease: effects.append(.note(.lease, entry.attempt))
        case .timedOut: stop(entry, .timedOut(after: entry.attempt.message.timeout ?? .zero), core)
        case .graceOver:
            active[key]?.isGraceOver = true
            effects.append(.log(.ignoresStop(entry.attempt)))
            switch entry.attempt.stopCause {
            case .timedOut(let limit): report(.failed(AttemptOutcome.timeout(limit)), entry.attempt)
            case .workerStopping: giveUp(key)
            case .cancelled: letGo(key)
            case nil: break
            }
        }
    }

    /// The coordinator ends a cancelled attempt by a timer of its own, and nobody else may start it: its message is of no use any
    /// more, and held for too long it would cost the channel. The slot stays taken, and the worker goes on to announce the
    /// attempt, until the handler ends.
    private mutating func letGo(_ key: String) {
        if let delivery = active[key]?.delivery { effects.append(.acknowledge(delivery)) }
        active[key]?.delivery = nil
        active[key]?.timeline.letGo()
    }

    // MARK: - Draining

    /// Takes and starts nothing more; what has not started goes back.
    mutating func beginDrain(_ core: WorkerCore) {
        guard case .no = drain else { return }
        let until = core.time.now() + core.configuration.drainTimeout
        drain = .until(until)
        remind(until)
        session.drain()
        let actions = intake.drain()
        let unanswered = claims.removeAll()
        intake.claiming = 0
        for claim in unanswered { effects.append(.giveBack(claim.offer.delivery)) }
        apply(actions, core)
        effects.append(.log(.draining(running: active.count, givenBack: actions.count - 1 + unanswered.count)))
        if session.phase != .offline { effects.append(.announce(.draining, running: running)) }
        if active.isEmpty { effects.append(.finished) }
    }

    private mutating func tickDrain(now: Duration, _ core: WorkerCore) {
        switch drain {
        case .until(let time) where time <= now:
            effects.append(.log(.drainTimeout(running: active.count)))
            stopAll(now: now, core)
        case .stopping(let time) where time <= now:
            effects.append(.finished)
        default: break
        }
    }

    /// Tells every running attempt to stop, since the worker can wait no longer.
    mutating func stopAll(now: Duration, _ core: WorkerCore) {
        let until = now + core.configuration.cancelGrace + .seconds(1)
        drain = .stopping(until: until)
        remind(until)
        for entry in active.values where !entry.hasEnded && !entry.isReported { stop(entry, .workerStopping, core) }
    }
}
