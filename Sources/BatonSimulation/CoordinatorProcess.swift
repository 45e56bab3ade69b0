import BatonBroker
import BatonCoordinator
import BatonModel
import BatonStore
import BatonWire
import Logging

/// A coordinator under simulation, with what it can be hurt by.
final class CoordinatorProcess {
    let number: Int
    let turns: CoordinatorTurns
    let store: FaultyStore
    let publishing: SimulatedLink
    let consuming: SimulatedLink
    /// Nothing it does has any effect any more; it is taken away after the step.
    var isDying: Bool { fence.isShut }
    let fence: Fence

    /// What lets things out, until it is shut.
    ///
    /// Unchecked: a simulation and all that belongs to it are used by one thread.
    final class Fence: @unchecked Sendable {
        var isShut = false
        /// How many things may still go out before it shuts; `nil` for any number.
        var left: Int?

        /// - Returns: whether this one may not.
        func holds() -> Bool {
            guard !isShut else { return true }
            guard let left else { return false }
            if left == 0 { isShut = true }
            self.left = left - 1
            return isShut
        }
    }

    init(number: Int, turns: CoordinatorTurns, store: FaultyStore, publishing: SimulatedLink, consuming: SimulatedLink, fence: Fence) {
        self.number = number
        self.turns = turns
        self.store = store
        self.publishing = publishing
        self.consuming = consuming
        self.fence = fence
    }
}

extension Simulation {
    func startCoordinator() {
        coordinators += 1
        let number = coordinators
        let fence = CoordinatorProcess.Fence()
        let store = FaultyStore(
            base,
            onCommit: { [unowned self] changes in
                result.commits += 1
                tell(changes)
                witness.committed(changes, now: clock.calendar, hasJumped: clock.hasJumped)
            },
            onDeath: { [unowned self] place in
                trace("the coordinator dies \(place)")
                fence.isShut = true
            })
        spoil(store)
        var surroundings = Surroundings()
        surroundings.uptime = { [clock] in clock.uptime }
        surroundings.sleep = { [clock] in try await clock.sleep($0, owner: number) }
        let chance = dice.split()
        surroundings.generator = { chance }
        surroundings.executor = executor
        var configuration = CoordinatorConfiguration()
        configuration.minimumWindow = 2
        configuration.windowPerSlot = 1
        configuration.batchSize = 8
        configuration.cancelWait = Self.cancelWait
        let links = CoordinatorLinks(broker)
        let coordinator = Coordinator(
            configuration, store: store, broker: links, logger: Self.silence, now: { [clock] in clock.calendar }, surroundings: surroundings)
        guard let turns = try? CoordinatorTurns(coordinator), let publishing = links.publishing, let consuming = links.consuming else {
            for link in links.all { link.die() }
            witness.fail("restart", "the coordinator can't start")
            return
        }
        for link in links.all { link.isFenced = { fence.holds() } }
        if settings.sabotage == .cancelFence { publishing.onPublish = Self.withoutCancels }
        self.coordinator = CoordinatorProcess(
            number: number, turns: turns, store: store, publishing: publishing, consuming: consuming, fence: fence)
        executor.run()
    }

    /// What a commit says, for the trace.
    private func tell(_ changes: [CommitJournal.Change]) {
        guard settings.isTraced else { return }
        for change in changes {
            guard case .event(let run, let event) = change else { continue }
            let task = event.task.map { " task \($0)" } ?? ""
            let attempt = event.attempt.map { " attempt \($0)" } ?? ""
            trace("committed: run \(run.rawValue) \(event.type.rawValue)\(task)\(attempt) \(event.data?.description ?? "")")
        }
    }

    private static let silence = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    /// A coordinator that is dying is no more after the step in which it began to.
    func bury() {
        guard let dead = coordinator, dead.isDying else { return }
        coordinator = nil
        dead.store.isDead = true
        dead.turns.stop()
        dead.publishing.die()
        dead.consuming.die()
        clock.abandon(dead.number)
        executor.run()
        restartAt = clock.uptime + .milliseconds(dice.below(3000))
        requests.coordinatorDied()
    }

    // MARK: - Faults put in on purpose

    private func spoil(_ store: FaultyStore) {
        switch settings.sabotage {
        case .joins:
            store.onLoad = { loaded in
                var loaded = loaded
                for place in loaded.nodes.indices where loaded.nodes[place].dependencies.count > 1 { loaded.nodes[place].dependencies.removeLast() }
                return loaded
            }
        case .compensationOrder:
            store.onLoad = { loaded in
                var loaded = loaded
                for place in loaded.tasks.indices where loaded.tasks[place].order > 0 { loaded.tasks[place].order = 1_000_000 - loaded.tasks[place].order }
                return loaded
            }
        case .sentBeforeCommit:
            store.onSend = { [unowned self] entry, reader in
                guard case .task(let key, let number) = entry.content, let data = try reader.dispatch(key) else { return }
                let message = TaskMessage(
                    attempt: AttemptID(run: data.run.id, task: key.task, number: number), task: data.spec.id, handler: data.spec.handler,
                    correlationID: data.run.correlationID, priority: data.spec.priority, replyTo: topology.reportsKey(0), maxAttempts: 1,
                    sentAt: clock.now)
                producer.publish([
                    Publication(
                        exchange: topology.tasks.name, routingKey: topology.tasksKey(data.spec.queue, data.spec.priority),
                        message: message.message)
                ]) { _, _ in }
            }
        case .staleAttempts, .cancelFence, nil: break
        }
    }

    private static func withoutCancels(_ publication: Publication) -> Publication? {
        guard let control = try? Control.read(publication.message) else { return publication }
        switch control {
        case .cancel: return nil
        case .welcome:
            var publication = publication
            let question = publication.message.correlationID
            publication.message = Control.welcome(cancelled: []).message()
            publication.message.correlationID = question
            return publication
        case .leased, .claimed, .announce, .drain: return publication
        }
    }
}

/// Hands a coordinator its links, and keeps them.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
private final class CoordinatorLinks: Broker, @unchecked Sendable {
    private let broker: SimulatedBroker
    private(set) var all: [SimulatedLink] = []

    init(_ broker: SimulatedBroker) { self.broker = broker }

    func link(_ name: String) -> any BrokerLink {
        let link = broker.makeLink(name)
        all.append(link)
        return link
    }

    var publishing: SimulatedLink? { all.first { $0.name == "coordinator-publish" } }
    var consuming: SimulatedLink? { all.first { $0.name == "coordinator-consume" } }
}
