import BatonBroker
import BatonModel
import BatonWire

extension WorkerCore {
    /// A message from one of the tasks' queues.
    ///
    /// - Parameter name: the broker's for that priority of the queue.
    func received(_ delivery: Delivery, of queue: QueueName, from name: String) {
        CrashPoint.taskReceived.pass()
        let message: TaskMessage
        do throws(WireError) {
            message = try TaskMessage(delivery.message)
        } catch {
            return park(delivery, from: name, reason: error.description)
        }
        let offer = Offer(
            message: message, key: message.attempt.description, queue: queue, round: message.round,
            delivery: delivery)
        act { state in state.take(offer, self) }
    }

    /// The consuming connection is gone: the broker delivers again what was not settled. Running attempts go on.
    func linkLost() {
        act { state in
            state.session.lost()
            state.intake.lost()
            _ = state.claims.removeAll()
        }
    }
}

extension WorkerState {
    mutating func take(_ offer: Offer, _ core: WorkerCore) {
        if let entry = active[offer.key] { return adopt(offer, entry) }
        if case .no = drain {} else {
            effects.append(.giveBack(offer.delivery))
            return
        }
        if cancelled.contains(offer.key) { return refuse(offer) }
        if let old = claims.adopt(offer) {
            effects.append(.acknowledge(old.delivery))
        } else {
            admit(offer, core)
        }
    }

    /// This worker has the attempt already: the new delivery is settled in the old one's stead.
    private mutating func adopt(_ offer: Offer, _ entry: Active) {
        // Either void, or a double that somebody published.
        if let old = entry.delivery { effects.append(.acknowledge(old)) }
        if entry.isConfirmed || entry.delivery == nil {
            effects.append(.acknowledge(offer.delivery))
        } else {
            active[offer.key]?.delivery = offer.delivery
        }
    }

    mutating func admit(_ offer: Offer, _ core: WorkerCore) {
        let now = core.time.now()
        apply(intake.arrived(offer, priority: offer.message.priority, leave: offer.leave, now: now), core)
        remind(intake.nextTick)
    }

    /// A cancelled attempt that was not started, and never will be.
    mutating func refuse(_ offer: Offer) {
        intake.unconfirmed += 1
        effects.append(.unstarted(.cancelled(message: cancelled.reason(offer.key)), offer))
    }

    mutating func apply(_ actions: [IntakeState<Offer>.Action], _ core: WorkerCore) {
        for action in actions {
            switch action {
            case .start(let offer): start(offer, core)
            case .claim(let offer): claim(offer, core)
            case .giveBack(let offer): effects.append(.giveBack(offer.delivery))
            case .wake: effects.append(.wakeIntake)
            }
        }
    }

    /// Somebody else may have the attempt: the coordinator decides.
    private mutating func claim(_ offer: Offer, _ core: WorkerCore) {
        if let entry = active[offer.key] {
            adopt(offer, entry)
        } else if let old = claims.adopt(offer) {
            effects.append(.acknowledge(old.delivery))
        } else {
            return add(claim: offer, core)
        }
        // The slot that was kept for a claim of its own isn't needed.
        intake.claiming -= 1
        apply(intake.eased(), core)
    }

    private mutating func add(claim offer: Offer, _ core: WorkerCore) {
        let now = core.time.now()
        claims.add(offer, isRedelivered: offer.delivery.isRedelivered, now: now)
        effects.append(.claim(offer, isRedelivered: offer.delivery.isRedelivered))
        remind(now + ClaimTable.repeatEvery)
    }

    private mutating func start(_ offer: Offer, _ core: WorkerCore) {
        let now = core.time.now()
        if let entry = active[offer.key] {
            // The same message came twice, and waited twice.
            adopt(offer, entry)
            return apply(intake.slotFreed(ran: nil, now: now), core)
        }
        let attempt = Attempt(offer, startedAt: core.time.wall(), began: now)
        let timeline = AttemptTimeline(
            from: now, heartbeat: offer.message.heartbeat, timeout: offer.message.timeout,
            leaseAfter: core.configuration.leaseAfter, heartbeatInterval: core.configuration.heartbeatInterval,
            isStartReported: offer.isClaimed)
        remind(timeline.next)
        active[offer.key] = Active(attempt: attempt, delivery: offer.delivery, timeline: timeline)
        effects.append(.start(attempt))
    }
}
