import BatonBroker
import BatonCoordinator
import BatonModel
package import BatonStore
import BatonWire
import Logging

/// One coordinator on a real store, a broker, and workers, in one thread and on a clock of its own. What happens next is chosen by
/// dice, one step at a time; after each step the invariants are looked at.
///
/// First there are faults; then there are none, and everything that was accepted has to end.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
package final class Simulation: @unchecked Sendable {
    let settings: SimulationSettings
    let base: any Store
    var dice: Dice
    let clock = VirtualClock()
    let executor = TurnExecutor()
    let topology = Topology()
    let broker: SimulatedBroker
    let behaviour: Behaviour
    let witness: Witness
    var result: SimulationResult

    /// The coordinator that there is at present.
    var coordinator: CoordinatorProcess?
    var coordinators = 0
    var workers: [ModelWorker] = []
    var workersMade = 0
    let producer: SimulatedLink
    var requests: RandomRequests
    var isCalm = false
    /// Queues that were asked to be paused, and not known to go on.
    var paused: [QueueName] = []
    /// Whether a schedule is still to be made.
    var hasSchedule = false
    /// When the next coordinator, or the next worker, may start.
    var restartAt = Duration.zero

    static let cancelWait = Duration.seconds(2)
    /// After the faults; what takes longer will not end.
    private static let mostCalmSteps = 6000
    private static let longestCalm = Duration.seconds(3600)

    /// - Parameter store: empty.
    package init(_ settings: SimulationSettings, store: any Store) {
        self.settings = settings
        base = store
        var dice = Dice(seed: settings.seed)
        behaviour = Behaviour(dice.split())
        hasSchedule = dice.once(in: 6)
        requests = RandomRequests(dice.split(), settings)
        self.dice = dice
        broker = SimulatedBroker(topology: topology)
        producer = broker.makeLink("producer")
        result = SimulationResult(seed: settings.seed)
        witness = Witness([
            Outbox(), Acceptance(), StateMachine(), DependencyOrder(), OneResult(), CancelFence(wait: Self.cancelWait), Compensations(),
            SharedLimits(), StrictPriority(), Timers(), Counters(), History(), Occurrences(),
        ])
        watchBroker()
    }

    /// Goes on until everything has ended, or an invariant doesn't hold.
    package func run() -> SimulationResult {
        defer { dismantle() }
        startCoordinator()
        for _ in 0..<dice.from(1, to: 2) { startWorker() }
        var step = 0
        while witness.violation == nil, step < settings.faultySteps {
            step += 1
            take(isCalm: false)
        }
        calmDown()
        let end = clock.uptime + Self.longestCalm
        var calmSteps = 0
        while witness.violation == nil, !isOver {
            calmSteps += 1
            guard calmSteps < Self.mostCalmSteps, clock.uptime < end else {
                witness.fail("liveness", unfinished)
                break
            }
            take(isCalm: true)
        }
        if witness.violation == nil { witness.ended() }
        result.violation = witness.violation
        for run in witness.ledger.order { result.runs[run.progress.status.rawValue, default: 0] += 1 }
        return result
    }

    private func take(isCalm: Bool) {
        result.steps += 1
        let action = choose(isCalm: isCalm)
        note(action)
        perform(action)
        executor.run()
        bury()
        if case .core = action { lookForAccepted() }
    }

    private func note(_ action: Action) {
        let text = "\(action)"
        for byte in text.utf8 { result.fingerprint = (result.fingerprint ^ UInt64(byte)) &* 1_099_511_628_211 }
        if settings.isTraced { result.trace.append("\(clock.uptime.milliseconds) ms: \(text)") }
    }

    func trace(_ text: @autoclosure () -> String) {
        if settings.isTraced { result.trace.append("    \(text())") }
    }

    /// Everything that was accepted has ended, and the broker has nothing left to say.
    private var isOver: Bool {
        guard requests.isDone, paused.isEmpty, witness.ledger.order.allSatisfy(\.progress.status.isFinal), let coordinator, !coordinator.turns.hasMessages,
            !coordinator.turns.hasEvents, !coordinator.turns.hasInputs
        else { return false }
        return broker.links.allSatisfy { $0.outgoing.isEmpty && $0.unconfirmed.isEmpty } && broker.deliverable({ _ in true }).isEmpty
    }

    private var unfinished: String {
        var open: [String] = []
        for run in witness.ledger.order where !run.progress.status.isFinal {
            let tasks = run.tasks.values.filter { !$0.state.status.isFinal }.sorted { $0.key.task < $1.key.task }
                .map { "\($0.definition.spec.id) \($0.state.status.rawValue)" }
            open.append("\(run.header.id) \(run.progress.status.rawValue): \(tasks.joined(separator: ", "))")
        }
        let queues = broker.names.filter { broker.count($0) > 0 }.map { "\($0) \(broker.count($0))" }
        return "not over after \(result.steps) steps: \(open.joined(separator: "; ")); \(queues.joined(separator: ", "))"
    }

    private func watchBroker() {
        broker.onArrival = { [unowned self] queue, message in
            guard message.type == TaskMessage.type, queue.hasPrefix("\(topology.namespace).tasks."), let id = message.messageID,
                let attempt = AttemptID(id)
            else { return }
            witness.saw(.offered(attempt))
        }
        broker.onAcknowledge = { [unowned self] queue, message in
            guard queue == topology.reportsQueue(0).name, let id = message.correlationID, let attempt = AttemptID(id) else { return }
            witness.saw(.acknowledged(attempt, type: message.type ?? ""))
        }
        broker.onEvent = { [unowned self] message in
            guard let id = message.messageID, let run = message.headers.string(HeaderName.run), let event = Int(id.split(separator: ".").last ?? "")
            else { return }
            witness.saw(.heard(RunID(run), event: event))
        }
        if settings.sabotage == .staleAttempts {
            broker.onDelivery = { [unowned self] queue, message in
                guard queue == topology.reportsQueue(0).name, let id = message.correlationID, let attempt = AttemptID(id),
                    let task = witness.ledger.task(attempt)
                else { return message }
                var message = message
                message.correlationID = AttemptID(run: attempt.run, task: attempt.task, number: Int(task.state.attempt)).description
                return message
            }
        }
    }

    private func dismantle() {
        coordinator?.turns.stop()
        if let coordinator { clock.abandon(coordinator.number) }
        for worker in workers { worker.die() }
        for link in broker.links { link.die() }
        executor.run()
        workers = []
        broker.onArrival = nil
        broker.onAcknowledge = nil
        broker.onEvent = nil
        broker.onDelivery = nil
        broker.clear()
    }
}
