import BatonBroker
import BatonCoordinator
import BatonModel
import BatonWire

/// What people and programs ask for.
extension Simulation {
    /// By message, or directly.
    func submit(_ graph: Graph) {
        requests.sent(graph, clock.uptime)
        guard dice.once(in: 3), let coordinator else {
            let message = Message(
                type: "graph", contentType: ContentType.json, body: graph.document.bytes)
            producer.publish([Publication(exchange: topology.submit.name, routingKey: "-.\(graph.name)", message: message)]) { _, _ in }
            return
        }
        let fence = coordinator.fence
        coordinator.turns.submit(graph) { [unowned self] result in
            guard !fence.holds() else { return }
            switch result {
            case .success(let accepted):
                witness.saw(.accepted(accepted.run.header.id, key: graph.key))
                requests.accepted(graph.key)
            case .failure(let error):
                if error.code != .unavailable { witness.fail("acceptance", "\(graph.key ?? "") is refused: \(error) \(error.problems)") }
            }
        }
    }

    /// Whoever submitted by message looks whether the run is there.
    func lookForAccepted() {
        for graph in requests.waiting {
            if witness.ledger.order.contains(where: { $0.header.key == graph.key }) { requests.accepted(graph.key) }
        }
    }

    func cancel() {
        guard let coordinator, let run = witness.ledger.order.randomElement(using: &dice) else { return }
        let named = run.tasks.values.filter { $0.counts }.sorted { $0.key.task < $1.key.task }
        let task = dice.once(in: 2) && !named.isEmpty ? dice.pick(named).definition.spec.id : nil
        let fence = coordinator.fence
        let asked = clock.uptime
        let id = run.header.id
        trace("cancel \(id) \(task?.rawValue ?? "")")
        coordinator.turns.cancel(id, task: task, reason: "the dice say so") { [unowned self] result in
            guard !fence.holds(), case .success(let view) = result, view.outcome != .alreadyEnded else { return }
            trace("the cancel of \(id) \(task?.rawValue ?? "") holds")
            let silent = workers.filter { clock.uptime - $0.announcedAt > .seconds(20) }.map(\.id)
            witness.saw(.cancelHolds(id, task, waited: clock.uptime - asked, silent: Set(silent)))
        }
    }

    func rerun() {
        let ended = witness.ledger.order.filter { $0.progress.status.isFinal && $0.header.lineage.parent == nil }
        guard let coordinator, let run = ended.randomElement(using: &dice) else { return }
        trace("rerun \(run.header.id)")
        coordinator.turns.rerun(run.header.id, RerunRequest(scope: dice.once(in: 2) ? .all : .failed)) { _ in }
    }

    static let occurrences = 3

    func schedule() {
        hasSchedule = false
        let graph = Graph(name: "scheduled", tasks: [TaskSpec(id: "once", handler: "work"), TaskSpec(id: "more", handler: "flaky")])
        let schedule = Schedule(
            name: "s", recurrence: .every(.seconds(dice.from(1, to: 9))), graph: graph.document, times: Self.occurrences,
            overlap: dice.once(in: 2) ? .skip : .queue)
        coordinator?.turns.create(schedule) { _ in }
    }

    func pause() {
        guard let coordinator else { return }
        let queue: QueueName = dice.once(in: 2) ? "side" : .default
        paused.append(queue)
        let fence = coordinator.fence
        coordinator.turns.pause(queue) { [unowned self] result in
            guard !fence.holds(), case .success = result else { return }
            // As the coordinator's own operation does.
            for priority in Priority.allCases where !dice.once(in: 5) { broker.purge(topology.tasksQueue(queue, priority).name) }
        }
    }

    func resume() {
        guard let queue = paused.first else { return }
        coordinator?.turns.resume(queue) { [unowned self] result in
            if case .success = result { paused.removeAll { $0 == queue } }
        }
    }

    func answer() {
        guard let coordinator else { return }
        for run in witness.ledger.order {
            for task in run.tasks.values.sorted(by: { $0.key.task < $1.key.task })
            where task.definition.spec.handler == .answer && task.state.status == .running {
                let token = AttemptID(run: run.header.id, task: task.key.task, number: Int(task.state.attempt))
                let value: Answer = dice.once(in: 4) ? .fail(TaskError(type: "declined", message: "no")) : .complete(JSON(["by": "somebody"]))
                return coordinator.turns.answer(token, value) { _ in }
            }
        }
    }
}
