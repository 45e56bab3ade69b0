import BatonBroker
import BatonModel
import BatonWire

/// What can happen next, and what it does.
extension Simulation {
    /// Chooses among all that can happen by weight.
    func choose(isCalm: Bool) -> Action {
        var actions: [(Action, Int)] = []
        if let coordinator {
            let turns = coordinator.turns
            if turns.hasInputs || isDue(turns.due) { actions.append((.core, 8)) }
            if turns.hasMessages { actions.append((.publisher, 8)) }
            if turns.hasEvents, coordinator.publishing.isConnected { actions.append((.feed, 3)) }
        } else if clock.uptime >= restartAt {
            actions.append((.startCoordinator, 6))
        }
        for link in broker.links {
            if !link.isConnected {
                actions.append((.connect(link), 2))
                continue
            }
            if !link.outgoing.isEmpty { actions.append((.arrive(link, 1 + dice.below(link.outgoing.count)), 6)) }
            if !link.unconfirmed.isEmpty { actions.append((.confirm(link, 1 + dice.below(link.unconfirmed.count)), 6)) }
        }
        for queue in broker.deliverable({ $0.isConnected }) { actions.append((.deliver(queue), 6)) }
        for worker in workers {
            if worker.isStalled {
                if isCalm || dice.once(in: 12) { actions.append((.goOn(worker), 4)) }
                continue
            }
            if worker.canStart { actions.append((.start(worker), 6)) }
            if let due = worker.due, due <= clock.uptime { actions.append((.wake(worker), 8)) }
        }
        if workers.count < 2, dice.once(in: 4) || workers.isEmpty { actions.append((.startWorker, 2)) }
        if requests.hasUnsent { actions.append((.submit, isCalm ? 4 : 2)) }
        if coordinator != nil, requests.again(clock.uptime, isEager: !isCalm && settings.faults.contains(.twice) && dice.once(in: 30)) != nil {
            actions.append((.submitAgain, 3))
        }
        if !isCalm { addFaults(to: &actions) }
        if isCalm, coordinator != nil, !paused.isEmpty { actions.append((.resume, 4)) }
        if !isCalm, coordinator != nil, hasSchedule, dice.once(in: 20) { actions.append((.schedule, 4)) }
        // Time passes where nothing else can happen, and at times when something could.
        if actions.isEmpty || dice.once(in: isCalm ? 40 : 12), let next = nextTime { actions.append((.advance(next), actions.isEmpty ? 1 : 8)) }
        guard !actions.isEmpty else { return .advance(clock.uptime + .seconds(1)) }
        var place = dice.below(actions.reduce(0) { $0 + $1.1 })
        for (action, weight) in actions {
            place -= weight
            if place < 0 { return action }
        }
        return actions[0].0
    }

    private func addFaults(to actions: inout [(Action, Int)]) {
        if dice.once(in: 3), let kind = FaultKind.allCases.filter({ settings.faults.contains($0) }).randomElement(using: &dice) {
            switch kind {
            case .cancel: actions.append((.cancel, 2))
            case .rerun: actions.append((.rerun, 2))
            case .twice: break
            case .pause: actions.append((paused.isEmpty ? .pause : .resume, 2))
            case .cut, .coordinator, .store, .worker, .stall, .broker, .queue, .clock: actions.append((.fault(kind), 2))
            }
        }
        if dice.once(in: 8) { actions.append((.answer, 2)) }
    }

    private func isDue(_ time: Timestamp?) -> Bool { time.map { $0 <= clock.calendar } ?? false }

    private var nextTime: Duration? {
        var times: [Duration] = []
        if let due = coordinator?.turns.due { times.append(clock.uptime + (due - clock.calendar)) }
        if coordinator == nil { times.append(restartAt) }
        if let due = clock.nextDue { times.append(due) }
        for worker in workers { if let due = worker.due { times.append(due) } }
        return times.filter { $0 > clock.uptime }.min()
    }

    func perform(_ action: Action) {
        switch action {
        case .core: coordinator?.turns.turnCore()
        case .publisher: coordinator?.turns.turnPublisher()
        case .feed: coordinator?.turns.turnFeed()
        case .arrive(let link, let count): for _ in 0..<count { broker.arrive(from: link) }
        case .confirm(let link, let count): confirm(link, count)
        case .deliver(let queue): broker.deliver(from: queue, using: &dice) { $0.isConnected }
        case .start(let worker):
            result.starts += 1
            worker.start()
        case .wake(let worker): worker.wake()
        case .connect(let link): link.connect()
        case .startCoordinator: startCoordinator()
        case .startWorker: startWorker()
        case .goOn(let worker): worker.goOn()
        case .advance(let time): clock.advance(to: time)
        case .submit: if let graph = requests.next() { submit(graph) }
        case .submitAgain: if let graph = requests.again(clock.uptime, isEager: true) { submit(graph) }
        case .cancel: cancel()
        case .rerun: rerun()
        case .answer: answer()
        case .schedule: schedule()
        case .pause: pause()
        case .resume: resume()
        case .fault(let kind): inflict(kind)
        }
    }

    /// In any order.
    private func confirm(_ link: SimulatedLink, _ count: Int) {
        for _ in 0..<count where !link.unconfirmed.isEmpty {
            let place = dice.once(in: 3) ? dice.below(link.unconfirmed.count) : 0
            let outgoing = link.unconfirmed.remove(at: place)
            outgoing.outcome(outgoing.index, outgoing.error)
        }
    }

    func startWorker() {
        workersMade += 1
        let id = WorkerID("w\(workersMade)")
        let link = broker.makeLink(id.rawValue)
        workers.append(
            ModelWorker(
                id: id, link: link, slots: dice.once(in: 2) ? 1 : 2, queues: ["default", "side"], topology: topology, clock: clock,
                behaviour: behaviour, witness: witness, isUnread: { [unowned self] in isUnread(by: $0, $1) }))
    }

    /// Whether a word that the attempt is cancelled is on its way to the worker.
    private func isUnread(by worker: ModelWorker, _ attempt: AttemptID) -> Bool {
        var messages = broker.messages(topology.controlQueue(worker.id).name)
        for link in broker.links where link !== worker.link {
            for case .publish(let outgoing) in link.outgoing { messages.append(outgoing.publication.message) }
        }
        return messages.contains { message in
            switch try? Control.read(message) {
            case .cancel(let attempts, _), .welcome(let attempts): attempts.contains(attempt.description)
            default: false
            }
        }
    }
}
