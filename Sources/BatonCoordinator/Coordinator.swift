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
    private let configuration: CoordinatorConfiguration
    private let store: any Store
    private let mailbox = Mailbox()
    private let publishing: any BrokerLink
    private let consuming: any BrokerLink
    private let topology: Topology
    private let registry: WorkerRegistry
    private let announcer: Announcer
    private let publisher: Publisher
    private let bell = EventBell()
    private let status = CoreStatus()
    private let links = LinkStates()
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    /// For queries: they block on the store, but not the threads that tasks share.
    private let queries = DispatchQueue(label: "baton.queries", attributes: .concurrent)

    public init(
        _ configuration: CoordinatorConfiguration = CoordinatorConfiguration(), store: any Store, broker: any Broker,
        logger: Logger, now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        let registry = WorkerRegistry(heartbeatInterval: configuration.heartbeatInterval)
        var configuration = configuration
        configuration.engine.hooks = { registry.hooks(of: $0) }
        self.configuration = configuration
        self.store = store
        self.logger = logger
        self.now = now
        self.registry = registry
        topology = Topology(namespace: configuration.namespace)
        publishing = broker.link("coordinator-publish")
        consuming = broker.link("coordinator-consume")
        announcer = Announcer(
            link: publishing, topology: topology, registry: registry, status: status, cancelWait: configuration.cancelWait)
        let mailbox = mailbox
        publisher = Publisher(
            link: publishing, store: store, topology: topology,
            builder: MessageBuilder(replyTo: topology.reportsKey(0), limits: configuration.limits), logger: logger, now: now,
            undeliverable: { attempt, error in mailbox.put(.undeliverable(attempt, error)) })
    }

    /// Works until the calling task is cancelled; then finishes the batch in hand, and returns.
    ///
    /// - Throws: `StoreError` where the store can't be read at the start, `BrokerError` where the broker refuses for good.
    public func run() async throws {
        let core = CoreBox(
            Core(
                configuration: configuration, store: store, mailbox: mailbox, publisher: publisher, registry: registry,
                announcer: announcer, bell: bell, status: status, logger: logger, now: now))
        do {
            try core.recover()
        } catch {
            // Nobody will take what has been put there meanwhile.
            status.stop()
            mailbox.close()
            core.run()
            throw error
        }
        publishing.onStateChange { [links] in links.set(publishing: $0) }
        consuming.onStateChange { [links] in links.set(consuming: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [publishing] in try await publishing.run() }
            group.addTask { [consuming] in try await consuming.run() }
            group.addTask { await WorkThread.run(named: "baton-core") { core.run() } }
            group.addTask { [publisher] in await WorkThread.run(named: "baton-publisher") { publisher.run() } }
            group.addTask { try await self.serve() }
            defer {
                status.stop()
                mailbox.close()
                publisher.close()
                bell.ringAll()
                group.cancelAll()
            }
            // The first to end decides: all of them are there to stay.
            try await withTaskCancellationHandler {
                try await group.next()
            } onCancel: { [mailbox, publisher, status, bell] in
                status.stop()
                mailbox.close()
                publisher.close()
                bell.ringAll()
            }
        }
    }

    /// Has the core look at its clock, and returns once it has decided on what is due, a thousand timers at most: for clocks
    /// that jump.
    package func tick() async {
        await withCheckedContinuation { continuation in
            if !mailbox.put(.tick(heard: { continuation.resume() })) { continuation.resume() }
        }
    }

    /// Declares what has to be there, takes messages, and stays until cancelled.
    private func serve() async throws {
        try await publishing.declare(exchanges: topology.exchanges, queues: [])
        try await consuming.declare(
            exchanges: topology.exchanges,
            queues: [topology.submitQueue, topology.parkingQueue, topology.parkedQueue, topology.reportsQueue(0)])
        let intake = Intake(
            mailbox: mailbox, publishing: publishing, topology: topology, registry: registry, announcer: announcer,
            limits: configuration.limits, logger: logger, now: now)
        let subscriptions = [
            try await consuming.consume(queue: topology.reportsQueue(0).name, prefetch: 1000, handler: intake.report),
            try await consuming.consume(queue: topology.submitQueue.name, prefetch: 32, handler: intake.submission),
            try await consuming.consume(queue: topology.parkedQueue.name, prefetch: 32, handler: intake.parked),
        ]
        links.serving()
        announcer.announce()
        logger.info("the coordinator is ready", metadata: ["namespace": "\(topology.namespace)"])
        do {
            while true {
                try await Task.sleep(for: configuration.heartbeatInterval)
                registry.forgetSilent(now: now())
            }
        } catch {
            withExtendedLifetime(subscriptions) {}
        }
    }

    /// The core belongs to its thread; this only carries it there.
    private struct CoreBox: @unchecked Sendable {
        // Used by `run()` before its thread starts, and by the thread from then on.
        private let core: Core
        init(_ core: Core) { self.core = core }
        func recover() throws { try core.recover() }
        func run() { core.run() }
    }
}

// MARK: - Operations

extension Coordinator: Operations {
    public var limits: Limits { configuration.limits }

    public func submit(_ graph: Graph) async throws -> RunView {
        let (run, existing) = try await withCheckedThrowingContinuation { continuation in
            put(
                .submission(
                    SubmissionRequest(
                        graph: graph, digest: Intake.digest(graph), reply: nil, wantsResult: false,
                        answer: { continuation.resume(with: $0) }, delivery: nil)),
                orElse: continuation)
        }
        var view = try await query { try $0.view(of: run) }
        if existing { view.existing = true }
        return view
    }

    public func cancel(run: RunID, reason: String?) async throws -> CancelView {
        try await cancel(run, nil, reason)
    }

    public func cancel(task: TaskID, of run: RunID, reason: String?) async throws -> CancelView {
        try await cancel(run, task, reason)
    }

    private func cancel(_ run: RunID, _ task: TaskID?, _ reason: String?) async throws -> CancelView {
        try await withCheckedThrowingContinuation { continuation in
            put(
                .cancel(
                    CancelRequest(
                        run: run, task: task, reason: reason ?? "cancelled on request",
                        answer: { continuation.resume(with: $0) })),
                orElse: continuation)
        }
    }

    private func put<Value>(_ input: Input, orElse continuation: CheckedContinuation<Value, any Error>) {
        guard !mailbox.put(input) else { return }
        continuation.resume(throwing: OperationError(.unavailable, "the coordinator is stopping: try again at another one"))
    }

    public func run(_ id: RunID) async throws -> RunView {
        try await query { reader in try reader.view(of: try Self.find(id, reader)) }
    }

    public func runs(_ filter: RunFilter, limit: Int, cursor: String?) async throws -> Page<RunView> {
        let before = try cursor.map { text in
            guard let number = Int64(text), number > 0 else { throw Self.badCursor(text) }
            return RunNumber(rawValue: number)
        }
        return try await query { reader in
            let runs = try reader.runs(filter, limit: limit + 1, before: before)
            let more = runs.count > limit ? runs[limit - 1].number : nil
            return Page(
                items: try runs.prefix(limit).map { try reader.view(of: $0) }, cursor: more.map { String($0.rawValue) })
        }
    }

    public func tasks(of run: RunID, status: TaskStatus?, limit: Int, cursor: String?) async throws -> Page<TaskView> {
        let first = try cursor.map { text in
            guard let index = Int(text), index > 0, index < 1 << 24 else { throw Self.badCursor(text) }
            return index
        }
        return try await query { reader in
            let number = try Self.find(run, reader).number
            let tasks = try reader.tasks(of: number, status: status, limit: limit + 1, from: first ?? 0)
            return Page(
                items: tasks.prefix(limit).map(\.view), cursor: tasks.count > limit ? String(tasks[limit].index) : nil)
        }
    }

    public func task(_ id: TaskID, of run: RunID) async throws -> TaskView {
        try await query { reader in
            guard let task = try reader.task(id, of: try Self.find(run, reader).number) else {
                throw OperationError(.notFound, "run '\(run)' has no task '\(id)'")
            }
            return task.view
        }
    }

    public func events(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        try await query { reader in
            try reader.events(of: try Self.find(run, reader).number, id: run, after: id, limit: limit)
        }
    }

    public func nextEvents(of run: RunID, after id: Int, limit: Int) async throws -> [EventView] {
        while true {
            let ticket = bell.ticket(for: run)
            defer { bell.remove(ticket, for: run) }
            let (events, isEnded) = try await query { reader in
                let stored = try Self.find(run, reader)
                return (
                    try reader.events(of: stored.number, id: run, after: id, limit: limit), stored.progress.status.isFinal
                )
            }
            if !events.isEmpty || isEnded { return events }
            try Task.checkCancellation()
            if status.isStopping { throw OperationError(.unavailable, "the coordinator is stopping: connect again") }
            await ticket.wait()
        }
    }

    public func workers() async throws -> [WorkerView] { registry.views(now: now()) }

    public func queues() async throws -> [QueueView] {
        let levels = status.levels
        let names = registry.queues.union(levels.keys.map(\.queue))
        return names.sorted().map { name in
            QueueView(
                name: name,
                levels: Priority.allCases.map { priority in
                    let level = levels[QueueLevel(name, priority)]
                    return QueueView.Level(
                        priority: priority, waiting: level?.waiting ?? 0, published: level?.published ?? 0)
                },
                workers: registry.workers(of: name), slots: registry.slots(of: name))
        }
    }

    public func health() async -> HealthView {
        let broker = links.problem ?? "ok"
        let store = status.storeError ?? "ok"
        return HealthView(store: store, broker: broker, ready: broker == "ok" && store == "ok" && !status.isStopping)
    }

    private static func find(_ id: RunID, _ reader: any StoreReader) throws -> StoredRun {
        guard let run = try reader.run(id: id) else { throw OperationError(.notFound, "there is no run '\(id)'") }
        return run
    }

    private static func badCursor(_ text: String) -> OperationError {
        OperationError(.badRequest, "'\(text)' is not a cursor: take the one that the page before gave")
    }

    private func query<Value: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Value) async throws -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                queries.async { [store] in continuation.resume(with: Result { try store.read(body) }) }
            }
        } catch let error as StoreError {
            throw OperationError(.unavailable, error.description)
        }
    }
}
