import BatonModel

/// What goes wrong.
extension Simulation {
    func inflict(_ kind: FaultKind) {
        switch kind {
        case .cut:
            let links = broker.links.filter { $0.isConnected && $0 !== producer }
            guard !links.isEmpty else { return }
            let link = dice.pick(links)
            trace("\(link.name) is cut off")
            link.cut()
        case .coordinator: hurtCoordinator()
        case .store:
            let fault: FaultyStore.Fault = dice.once(in: 2) ? .refuse : .rollBack
            for _ in 0..<dice.from(1, to: 3) { coordinator?.store.faults.append(fault) }
        case .worker:
            guard !workers.isEmpty else { return }
            let worker = workers.remove(at: dice.below(workers.count))
            trace("\(worker.id) dies")
            worker.die()
        case .stall:
            let awake = workers.filter { !$0.isStalled }
            guard !awake.isEmpty else { return }
            let worker = dice.pick(awake)
            trace("\(worker.id) stands still")
            worker.stall()
        case .broker:
            if dice.once(in: 3) {
                trace("the broker loses everything")
                broker.wipe()
            } else {
                broker.restart()
            }
        case .queue:
            let queues = broker.losable
            guard !queues.isEmpty else { return }
            let queue = dice.pick(queues)
            trace("\(queue) is deleted")
            broker.remove(queue)
        case .clock:
            clock.error += .milliseconds(dice.from(-20_000, to: 20_000))
            trace("the calendar is wrong by \(clock.error)")
        case .cancel, .rerun, .pause, .twice: break
        }
    }

    private func hurtCoordinator() {
        guard let coordinator else { return }
        switch dice.below(4) {
        case 0:
            trace("the coordinator dies")
            coordinator.fence.isShut = true
        case 1: coordinator.store.faults.append(.dieBefore)
        case 2: coordinator.store.faults.append(.dieAfter)
        default: coordinator.fence.left = dice.below(6)
        }
    }

    /// From now on nothing goes wrong any more.
    func calmDown() {
        isCalm = true
        behaviour.isCalm = true
        clock.error = max(.zero, clock.error)
        coordinator?.store.faults = []
        coordinator?.fence.left = nil
        for worker in workers {
            if worker.isStalled { worker.goOn() }
            worker.calm()
        }
    }
}
