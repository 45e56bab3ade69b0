public import BatonBroker
public import BatonModel
public import BatonStore
import BatonWire
import Dispatch
public import Logging

/// The service that keeps the graphs: takes submissions and reports, decides, stores, and publishes what is ready.
///
/// All of its state is in the store; killing it at any moment loses nothing that was acknowledged. One coordinator owns a store.
public final class Coordinator: Sendable {
    let configuration: CoordinatorConfiguration
    let store: any Store
    let mailbox = Mailbox()
    private let publishing: any BrokerLink
    private let consuming: any BrokerLink
    private let topology: Topology
    let registry: WorkerRegistry
    private let announcer: Announcer
    private let repair: QueueRepair
    /// What is found out about queues that the coordinator takes from.
    private let queueEvents: (stream: AsyncStream<QueueEvent>, continuation: AsyncStream<QueueEvent>.Continuation)
    let publisher: Publisher
    let feed: EventFeed
    let bell = EventBell()
    let status = CoreStatus()
    let schemas = SchemaChecks()
    let links = LinkStates()
    private let logger: Logger
    let now: @Sendable () -> Timestamp
    let surroundings: Surroundings
    /// For queries: they block on the store, but not the threads that tasks share.
    let queries = DispatchQueue(label: "baton.queries", attributes: .concurrent)

    public convenience init(
        _ configuration: CoordinatorConfiguration = CoordinatorConfiguration(), store: any Store, broker: any Broker,
        logger: Logger, now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        self.init(configuration, store: store, broker: broker, logger: logger, now: now, surroundings: Surroundings())
    }

    package init(
        _ configuration: CoordinatorConfiguration, store: any Store, broker: any Broker, logger: Logger,
        now: @escaping @Sendable () -> Timestamp, surroundings: Surroundings
    ) {
        let registry = WorkerRegistry(heartbeatInterval: configuration.heartbeatInterval)
        var configuration = configuration
        configuration.engine.hooks = { registry.hooks(of: $0) }
        configuration.engine.announces = { registry.knows($0) }
        configuration.engine.problem = { [schemas] in schemas.problem($0, $1) }
        self.configuration = configuration
        self.store = store
        self.logger = logger
        self.now = now
        self.surroundings = surroundings
        self.registry = registry
        topology = Topology(namespace: configuration.namespace)
        publishing = broker.link("coordinator-publish")
        consuming = broker.link("coordinator-consume")
        announcer = Announcer(
            link: publishing, topology: topology, registry: registry, status: status, cancelWait: configuration.cancelWait,
            surroundings: surroundings)
        let mailbox = mailbox
        // Whatever is dropped here is told again, with the next try to take from the queue.
        let events = AsyncStream<QueueEvent>.makeStream(bufferingPolicy: .bufferingNewest(256))
        queueEvents = events
        repair = QueueRepair(
            broker: broker, topology: topology, links: links, surroundings: surroundings, logger: logger,
            lost: { await Self.tell(mailbox, lost: $0) }, deleted: { events.continuation.yield(.missing($0)) })
        publisher = Publisher(
            link: publishing, store: store, topology: topology,
            messages: OutboxMessages(
                topology: topology,
                builder: MessageBuilder(replyTo: topology.reportsKey(0), limits: configuration.limits, schemas: schemas), now: now,
                undeliverable: { attempt, error, entry in mailbox.put(.undeliverable(attempt, error, entry: entry)) },
                isPaused: { [status] in status.paused.contains($0) }),
            logger: logger, lost: { await Self.tell(mailbox, lost: .tasks($0)) }, surroundings: surroundings)
        feed = EventFeed(
            link: publishing, store: store, topology: topology, logger: logger, settle: { [publisher] in publisher.settle($0) })
    }

    /// Works until the calling task is cancelled; then finishes the batch in hand, and returns.
    ///
    /// - Throws: `StoreError` where the store can't be read at the start, `BrokerError` where the broker refuses for good.
    public func run() async throws {
        defer { links.end() }
        let core = CoreBox(makeCore())
        do {
            try core.recover()
        } catch {
            // Nobody will take what has been put there meanwhile.
            status.stop()
            mailbox.close()
            core.run()
            throw error
        }
        watchLinks()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [publishing] in try await publishing.run() }
            group.addTask { [consuming] in try await consuming.run() }
            group.addTask { await WorkThread.run(named: "baton-core") { core.run() } }
            group.addTask { [publisher] in await WorkThread.run(named: "baton-publisher") { publisher.run() } }
            group.addTask { [feed] in await WorkThread.run(named: "baton-events") { feed.run() } }
            group.addTask { try await self.serve() }
            defer {
                status.stop()
                mailbox.close()
                publisher.close()
                feed.close()
                bell.ringAll()
                group.cancelAll()
            }
            // The first to end decides: all of them are there to stay.
            try await withTaskCancellationHandler {
                try await group.next()
            } onCancel: { [mailbox, publisher, feed, status, bell] in
                status.stop()
                mailbox.close()
                publisher.close()
                feed.close()
                bell.ringAll()
            }
        }
    }

    func makeCore() -> Core {
        Core(
            configuration: configuration, store: store, mailbox: mailbox, publisher: publisher, feed: feed, registry: registry,
            announcer: announcer, bell: bell, status: status, links: links, schemas: schemas, logger: logger, now: now,
            surroundings: surroundings)
    }

    func watchLinks() {
        publishing.onStateChange { [links, mailbox, publisher] state in
            links.set(publishing: state)
            // It may have been the broker that took no messages.
            if case .connected = state {
                mailbox.put(.reconnected)
                publisher.reconnected()
            }
        }
        consuming.onQueueEvent { [queueEvents] in queueEvents.continuation.yield($0) }
        consuming.onStateChange { [links, mailbox] state in
            links.set(consuming: state)
            if case .connected = state { mailbox.put(.reconnected) }
        }
    }

    /// Returns once messages are taken for the first time, or `run` has ended.
    package func whenServing() async { await links.whenServing() }

    /// Has the core look at its clock, and returns once it has decided on what is due, a thousand timers at most: for clocks
    /// that jump.
    package func tick() async {
        await withCheckedContinuation { continuation in
            if !mailbox.put(.tick(heard: { continuation.resume() })) { continuation.resume() }
        }
    }

    /// Takes a level's waiting messages off the broker.
    func purge(_ queue: QueueName, _ priority: Priority) async throws {
        try await publishing.purge(queue: topology.tasksQueue(queue, priority).name)
    }

    /// Only one coordinator works in a namespace: of two with databases of their own, each would take the other's reports. Waits
    /// for as long as there is another one.
    private func takeNamespace() async throws {
        var isTold = false
        while true {
            do {
                return try await consuming.declare(exchanges: [], queues: [topology.coordinatorQueue])
            } catch let error as BrokerError where error.code == .mismatch {
                links.rival()
                if !isTold {
                    logger.error(
                        """
                        another coordinator works in this namespace, with another database: this one does nothing until it is gone. Stop one \
                        of them, or give this one a namespace of its own
                        """,
                        metadata: ["namespace": "\(topology.namespace)"])
                }
                isTold = true
                try await surroundings.sleep(.seconds(1))
            }
        }
    }

    /// Declares what has to be there, takes messages, and stays until cancelled.
    func serve() async throws {
        try await takeNamespace()
        publisher.open()
        feed.open()
        try await publishing.declare(exchanges: topology.exchanges, queues: [])
        try await consuming.declare(
            exchanges: topology.exchanges, queues: configuration.celeryQueues.map { Queue(name: $0.name, kind: .adopted, bindings: []) })
        try await declareIncoming()
        publisher.lookAgain(status.levels.filter { $0.value.published > 0 }.map(\.key))
        let intake = Intake(
            mailbox: mailbox, publishing: publishing, topology: topology, registry: registry, announcer: announcer,
            limits: configuration.limits, schemas: schemas,
            owners: SubmissionOwner(topology: topology, isRequired: configuration.requiresOwnerInKey),
            prepare: { [publisher] queues, anew in publisher.prepare(queues, anew: anew) },
            lost: { [publisher] level in
                publisher.count(lossOf: level)
                publisher.prepare([level.queue], anew: true)
            }, suspect: repair.suspect, logger: logger,
            now: now)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.keepQueues() }
                group.addTask { try await self.watchQueues() }
                try await take(from: topology.reportsQueue(0), prefetch: 1000, intake.report)
                try await take(from: topology.parkedQueue, prefetch: 32, intake.parked)
                group.addTask { try await self.take(from: self.topology.submitQueue, prefetch: 32, intake.submission) }
                for source in configuration.celeryQueues {
                    let queue = Queue(name: source.name, kind: .adopted, bindings: [])
                    group.addTask { try await self.take(from: queue, prefetch: 32) { intake.celery($0, from: source) } }
                }
                links.serving()
                announcer.announce()
                logger.info("the coordinator is ready", metadata: ["namespace": "\(topology.namespace)"])
                group.addTask { try await self.beat() }
                for try await _ in group {}
            }
        } catch is CancellationError {}
    }

    /// Returns once messages come. A queue that isn't there, or can't be served, is waited for: it is seen to meanwhile.
    private func take(from queue: Queue, prefetch: Int, _ handler: @escaping @Sendable (Delivery) -> Void) async throws {
        while true {
            do {
                _ = try await consuming.consume(queue: queue.name, prefetch: prefetch, handler: handler)
                return
            } catch let error as BrokerError where error.code == .unavailable || error.code == .missing {
                logger.error("nothing can be taken from a queue; trying again", metadata: ["queue": "\(queue.name)", "error": "\(error)"])
                if error.code == .missing { queueEvents.continuation.yield(.missing(queue.name)) }
                try await surroundings.sleep(.seconds(1))
            }
        }
    }

    private func beat() async throws {
        while true {
            try await surroundings.sleep(configuration.heartbeatInterval)
            registry.forgetSilent(now: now())
            knock()
        }
    }

    /// Looks from time to time whether the queues are there in which something should be, and whether they take what is sent.
    private func watchQueues() async throws {
        while true {
            try await surroundings.sleep(Self.watchInterval)
            for level in publisher.unconfirmed(for: Self.watchInterval) where links.linkProblem == nil {
                repair.suspect(topology.tasksQueue(level.queue, level.priority).name)
            }
            for level in status.levels where level.value.published > 0 {
                let name = topology.tasksQueue(level.key.queue, level.key.priority).name
                if try await !isThere(name) { publisher.prepare([level.key.queue], anew: true) }
            }
        }
    }

    private static let watchInterval = Duration.seconds(30)

    /// What can't be found out now is found out later.
    private func isThere(_ queue: String) async throws -> Bool {
        do {
            return try await publishing.has(queue: queue)
        } catch is BrokerError {
            return true
        }
    }

    /// Declares what messages are taken from. Where something of it isn't there, reports may have been lost with it.
    private func declareIncoming() async throws {
        for queue in [topology.reportsQueue(0), topology.parkedQueue] {
            if try await consuming.has(queue: queue.name) { continue }
            while await !Self.tell(mailbox, lost: .incoming) { try await surroundings.sleep(.seconds(1)) }
            break
        }
        try await consuming.declare(exchanges: topology.exchanges, queues: topology.incomingQueues + [topology.parkingQueue])
    }

    /// Makes anew what is lost of the queues, until cancelled.
    private func keepQueues() async {
        for await event in queueEvents.stream {
            switch event {
            case .unavailable(let queue): repair.suspect(queue)
            case .missing(let queue):
                if let (name, _) = topology.tasksLevel(ofQueue: queue) {
                    publisher.prepare([name], anew: true)
                    continue
                }
                while !Task.isCancelled {
                    do {
                        try await declareIncoming()
                        break
                    } catch {
                        logger.error("the queues can't be declared; trying again", metadata: ["error": "\(error)"])
                        try? await surroundings.sleep(.seconds(1))
                    }
                }
            }
        }
    }

    /// - Returns: whether it is stored that what was in the queue is sent again. Where it isn't, the queue must not be declared.
    private static func tell(_ mailbox: Mailbox, lost queue: LostQueue) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = StoredAnswer(continuation)
            mailbox.put(.lost(queue, stored: { answer.give($0) }))
        }
    }

    /// A broker that takes no messages says so only to those who publish. Workers can't be heard then, which has to be known before
    /// their silence is taken for death.
    private func knock() {
        guard links.linkProblem == nil else { return }
        let message = Publication(exchange: topology.tasks.name, routingKey: ".", message: Message(type: "knock", body: []), isMandatory: false)
        publishing.publish([message]) { _, _ in }
    }

    /// The core belongs to its thread; this only carries it there.
    ///
    /// Unchecked: used by `run()` before the core's thread starts, and by that thread alone from then on.
    private struct CoreBox: @unchecked Sendable {
        private let core: Core
        init(_ core: Core) { self.core = core }
        func recover() throws { try core.recover() }
        func run() { core.run() }
    }
}
