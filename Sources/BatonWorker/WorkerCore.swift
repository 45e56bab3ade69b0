import BatonBroker
import BatonModel
import BatonWire
import Logging
import Synchronization

/// A worker's mechanics: takes what comes from the broker and from handlers, decides under its lock, and acts outside of it.
final class WorkerCore: Sendable {
    let id: WorkerID
    let configuration: WorkerConfiguration
    let topology: Topology
    let registry: HandlerRegistry
    let time: WorkerTime
    let logger: Logger
    let startedAt: Timestamp
    let host: String
    /// For reports. Consuming has a link of its own: acknowledgements must not wait behind publications.
    let publishing: any BrokerLink
    let consuming: any BrokerLink
    let state: Mutex<WorkerState>
    let timerSignal = Signal()
    let intakeSignal = Signal()
    /// Both raised once a draining worker has nothing left to do: for `serve`, and for `stopNow`.
    let finished = Signal()
    let stopped = Signal()

    init(
        id: WorkerID, configuration: WorkerConfiguration, broker: any Broker, registry: HandlerRegistry, time: WorkerTime,
        host: String, logger: Logger
    ) {
        self.id = id
        self.configuration = configuration
        self.registry = registry
        self.time = time
        self.host = host
        self.logger = logger
        topology = Topology(namespace: configuration.namespace)
        startedAt = time.wall()
        publishing = broker.link("worker-reports")
        consuming = broker.link("worker")
        state = Mutex(WorkerState(configuration))
    }

    /// Decides by `body`, then performs what it asks for.
    func act<Result: Sendable>(_ body: (inout WorkerState) -> sending Result) -> Result {
        var effects: [Effect] = []
        var mustWakeTimer = false
        let result = state.withLock { state in
            if time.watchesGaps { state.notice(gapUntil: time.now()) }
            let result = body(&state)
            swap(&effects, &state.effects)
            mustWakeTimer = state.mustWakeTimer
            state.mustWakeTimer = false
            return result
        }
        if mustWakeTimer { timerSignal.raise() }
        for effect in effects { perform(effect) }
        return result
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .start(let attempt): start(attempt)
        case .cancelTask(let attempt): attempt.cancelTask()
        case .acknowledge(let delivery): delivery.acknowledge()
        case .giveBack(let delivery): delivery.giveBack()
        case .outcome(let content, let attempt): sendOutcome(content, attempt)
        case .note(let content, let attempt): sendNote(content, attempt)
        case .unstarted(let content, let offer): sendUnstarted(content, offer)
        case .claim(let offer, let isRedelivered): sendClaim(offer, isRedelivered)
        case .publish(let entry): send(entry.outgoing, tries: entry.tries)
        case .announce(let state, let running): announce(state, running: running)
        case .seen(let controlID, let routingKey): sendSeen(controlID, routingKey)
        case .log(let line): log(line)
        case .wakeIntake: intakeSignal.raise()
        case .finished:
            finished.raise()
            stopped.raise()
        }
    }

    private func log(_ line: Remark) {
        switch line {
        case .waitingForCoordinator: logger.notice("waiting for the coordinator")
        case .welcomed: logger.debug("welcomed by the coordinator")
        case .stoodStill(let gap):
            logger.notice("stood still; asking the coordinator what was cancelled meanwhile", metadata: ["for": "\(gap)"])
        case .saturated: logger.debug("unsubscribed: fetching one by one")
        case .ignoresStop(let attempt):
            logger.warning(
                "a handler ignores that it should stop; its slot stays taken",
                metadata: [LogKey.attempt: "\(attempt.key)", LogKey.handler: "\(attempt.message.handler)"])
        case .draining(let running, let count):
            logger.info("draining", metadata: [LogKey.running: "\(running)", "given-back": "\(count)"])
        case .drainTimeout(let running):
            logger.notice("drain timeout: stopping what still runs", metadata: [LogKey.running: "\(running)"])
        }
    }
}
