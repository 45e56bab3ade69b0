import BatonBroker
import BatonEngine
import BatonModel
import BatonStore
import BatonWire
import Logging
import Synchronization

/// The one place where state changes: takes inputs in batches, decides, stores, and only then lets anything be seen outside.
///
/// Used by its own thread alone, from `run()`; what others may read of it is in `status`.
final class Core {
    private let configuration: CoordinatorConfiguration
    private let store: any Store
    private let mailbox: Mailbox
    private let publisher: Publisher
    private let registry: WorkerRegistry
    private let announcer: Announcer
    private let bell: EventBell
    private let status: CoreStatus
    private let schemas: SchemaChecks
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    private var cache: RunCache
    private var window: PublishWindow
    private var numbers: (outbox: Int64, backlog: Int64) = (0, 0)
    private var removedOutbox: Int64 = 0
    private var nextTimer: Timestamp?
    /// Nothing could be stored for a while.
    private var isRecovering = false
    private var cleaned = Timestamp(milliseconds: 0)

    init(
        configuration: CoordinatorConfiguration, store: any Store, mailbox: Mailbox, publisher: Publisher,
        registry: WorkerRegistry, announcer: Announcer, bell: EventBell, status: CoreStatus, schemas: SchemaChecks,
        logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.store = store
        self.mailbox = mailbox
        self.publisher = publisher
        self.registry = registry
        self.announcer = announcer
        self.bell = bell
        self.status = status
        self.schemas = schemas
        self.logger = logger
        self.now = now
        cache = RunCache(limit: configuration.cachedTasks)
        window = PublishWindow(minimum: configuration.minimumWindow, perSlot: configuration.windowPerSlot)
    }

    /// Reads what has to be known to go on, and hands the publisher what was not confirmed. Nothing else is special about a
    /// start.
    ///
    /// - Throws: `StoreError`.
    func recover() throws {
        try store.write { transaction in
            try Self.allowSilence(until: now() + Self.settling, transaction)
            try Self.clean(transaction, now())
        }
        cleaned = now()
        try forget()
        let entries = try store.read { try $0.outbox() }
        removedOutbox = (entries.first?.number ?? numbers.outbox + 1) - 1
        publisher.begin(after: removedOutbox)
        publisher.send(entries, areRepeated: true)
        status.revoked(replacingWith: try store.read { try $0.revoked() })
    }

    /// How long signs of life may take to be read once this is there again: they wait in a queue, behind others.
    private static let settling = Duration.seconds(30)
    private static let cleaningInterval = Duration.seconds(600)
    /// How long a message can wait in a queue, or with a worker, before nobody will bring its attempt up any more.
    private static let longestDelivery = Duration.seconds(24 * 3600)

    /// Lets go of what nobody will ask for any more.
    private static func clean(_ transaction: any StoreTransaction, _ now: Timestamp) throws {
        try transaction.forgetRevoked(endedBefore: now + (.zero - longestDelivery))
        try transaction.forgetResults(before: now)
    }

    /// While nobody could hear it, silence proved nothing.
    private static func allowSilence(until time: Timestamp, _ transaction: any StoreTransaction) throws {
        try transaction.postpone([.lease, .heartbeat], to: time)
    }

    /// Drops all that is in memory for what is in the store.
    private func forget() throws {
        cache = RunCache(limit: configuration.cachedTasks)
        let (levels, numbers, timer) = try store.read { (try $0.levels(), try $0.lastNumbers(), try $0.nextTimer()) }
        window.restore(levels)
        self.numbers = (max(numbers.outbox, self.numbers.outbox), numbers.backlog)
        nextTimer = timer
        status.levels(window.levels)
    }

    /// The thread's work, until the mailbox is closed.
    func run() {
        while let inputs = mailbox.take(atMost: configuration.batchSize, waiting: wait) {
            process(inputs)
        }
    }

    /// Until the next timer; a second at most, so that clocks that jump do little harm.
    private var wait: Duration {
        guard let nextTimer else { return .seconds(1) }
        return max(.zero, min(.seconds(1), nextTimer - now()))
    }

    /// - Parameter timers: how many of what is due are decided on with them at most.
    private func process(_ inputs: [Input], timers: Int = 1000) {
        var pending = inputs
        var pause = Duration.milliseconds(250)
        while true {
            do {
                let after = try decide(pending, timers: timers)
                isRecovering = false
                status.storeFailed(nil)
                return finish(after)
            } catch let fault as FaultyInput where fault.source == .several {
                // One of them can't be decided on. It shows which when each is decided on alone.
                try? forget()
                for input in pending { process([input], timers: 0) }
                return process([], timers: min(1, timers))
            } catch let fault as FaultyInput {
                // A mistake of ours: without this one input the batch is as good as any.
                logger.critical("an input can't be decided on and is dropped", metadata: ["error": "\(fault.error)"])
                try? forget()
                drop(fault, from: &pending)
            } catch {
                // Nothing of the batch has happened. Messages wait here until the store works again; requests are told.
                logger.error("the store refuses; nothing is accepted until it works", metadata: ["error": "\(error)"])
                status.storeFailed("\(error)")
                isRecovering = true
                pending = refuseRequests(pending, error)
                try? forget()
                guard let come = refuseRequests(during: pause, error) else { return }
                pending += come
                pause = min(.seconds(5), pause * 2)
            }
        }
    }

    private func decide(_ inputs: [Input], timers: Int) throws -> Batch.Aftermath {
        let now = now()
        let confirmed = publisher.watermark
        let isDue = timers > 0 && nextTimer.map { $0 <= now } ?? false
        if inputs.isEmpty, !isDue, !isRecovering, confirmed == removedOutbox { return Batch.Aftermath() }
        let cleans = now - cleaned > Self.cleaningInterval
        let (after, newWindow, newNumbers, timer) = try store.write { transaction in
            if confirmed > removedOutbox { try transaction.removeOutbox(through: confirmed) }
            if cleans { try Self.clean(transaction, now) }
            if isRecovering || inputs.contains(where: \.isReconnection) {
                try Self.allowSilence(until: now + Self.settling, transaction)
            }
            var batch = Batch(
                transaction: transaction, now: now, settings: configuration.engine, limits: configuration.limits, schemas: schemas,
                slots: registry.slots(of:), cache: cache, window: window, numbers: numbers)
            var sources: [FaultyInput.Source] = []
            func check(_ source: FaultyInput.Source, _ body: () throws -> Void) throws {
                sources.append(source)
                try FaultyInput.check(source, body)
            }
            for (position, input) in inputs.enumerated() { try check(.input(position)) { try batch.apply(input) } }
            if isDue {
                for (key, kind) in try transaction.dueTimers(by: now, limit: timers) {
                    try check(.timer(key, kind)) { try batch.fire(key, kind) }
                }
                let alarms = min(1000, timers - min(timers, sources.count - inputs.count))
                for alarm in try transaction.dueAlarms(by: now, limit: alarms) { try check(.alarm(alarm)) { try batch.ring(alarm) } }
                let schedules = min(100, timers - min(timers, sources.count - inputs.count))
                for schedule in try transaction.dueSchedules(by: now, limit: schedules) {
                    try check(.schedule(schedule)) { try batch.visit(schedule: schedule) }
                }
            }
            // What follows is told by what it follows from, where that is one thing.
            try FaultyInput.check(sources.count == 1 ? sources[0] : .several) { try batch.finish() }
            return (batch.after, batch.window, batch.numbers, try transaction.nextTimer())
        }
        if cleans { cleaned = now }
        removedOutbox = confirmed
        window = newWindow
        numbers = newNumbers
        nextTimer = timer
        cache.trim(ended: after.endedRuns)
        return after
    }

    private func drop(_ fault: FaultyInput, from inputs: inout [Input]) {
        switch fault.source {
        case .several: break
        case .timer(let key, let kind): try? store.write { try $0.disarm(kind, at: key) }
        case .alarm(let alarm): try? store.write { try $0.disarm(alarm: alarm) }
        case .schedule(let name):
            // It stays as it is, to be looked at, but is not due any more.
            try? store.write { transaction in
                guard var stored = try transaction.schedule(name) else { return }
                stored.due = nil
                try transaction.put(stored)
            }
        case .input(let position):
            let refusal = OperationError(.unavailable, "the coordinator can't decide on this: \(fault.error)")
            switch inputs.remove(at: position) {
            case .report(_, let delivery), .worker(_, let delivery), .givenUp(_, _, let delivery): delivery.discard()
            case .submission(let request):
                request.answer(.failure(refusal))
                request.delivery?.discard()
            case .cancel(let request): request.answer(.failure(refusal))
            case .command(let command): command.refuse(refusal)
            case .undeliverable(_, _, let entry): publisher.settle(entry)
            case .reconnected: break
            case .tick(let heard): heard()
            }
        }
    }

    /// What may be seen now that it is stored.
    private func finish(_ after: Batch.Aftermath) {
        publisher.send(after.outbox)
        for entry in after.settled { publisher.settle(entry) }
        status.levels(window.levels)
        status.revoked(adding: after.remembered, removing: after.unrevoked)
        announcer.tell(after, now: now())
        for delivery in after.deliveries { delivery.acknowledge() }
        for answer in after.answers { answer() }
        if !after.changedRuns.isEmpty { bell.ring(after.changedRuns) }
    }

    /// Tells all who ask within the time that the store doesn't work, and returns the messages that came, which the consumers'
    /// prefetch bounds; `nil` where the core is to stop.
    private func refuseRequests(during time: Duration, _ error: any Error) -> [Input]? {
        var kept: [Input] = []
        let deadline = ContinuousClock.now + time
        while !status.isStopping {
            let left = deadline - .now
            guard left > .zero else { return kept }
            guard let inputs = mailbox.take(atMost: configuration.batchSize, waiting: left) else { return nil }
            kept += refuseRequests(inputs, error)
        }
        return nil
    }

    /// Gives the requests of people their answer; what came as a message stays.
    private func refuseRequests(_ inputs: [Input], _ error: any Error) -> [Input] {
        let refusal = OperationError(.unavailable, "the coordinator can't store anything at present: \(error)")
        return inputs.filter { input in
            switch input {
            case .submission(let request) where request.delivery == nil:
                request.answer(.failure(refusal))
                return false
            case .cancel(let request):
                request.answer(.failure(refusal))
                return false
            case .command(let command):
                command.refuse(refusal)
                return false
            case .tick(let heard):
                heard()
                return false
            case .report, .worker, .submission, .givenUp, .undeliverable, .reconnected: return true
            }
        }
    }
}

extension Input {
    fileprivate var isReconnection: Bool { if case .reconnected = self { true } else { false } }
}

/// An input that leads to a step which the state machine doesn't allow, or to something that can't be read.
private struct FaultyInput: Error {
    enum Source: Equatable {
        case input(Int)
        case timer(TaskKey, TimerKind)
        case alarm(String)
        case schedule(String)
        /// It may be any of the batch.
        case several
    }

    var source: Source
    var error: any Error

    /// Tells what can't be decided on from a store that doesn't work.
    static func check(_ source: Source, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error where error is IllegalTransition || error is InvalidGraph || error is InvalidSchedule || error is TaskError
            || error is OperationError || error is UnreadableItems || error is UnreadableSchedule
        {
            throw FaultyInput(source: source, error: error)
        }
    }
}

/// What others than the core's thread may know of it.
final class CoreStatus: Sendable {
    private struct State {
        var levels: [QueueLevel: PublishWindow.Level] = [:]
        var revoked: Set<String> = []
        var storeError: String?
        var isStopping = false
    }

    private let state = Mutex(State())

    var levels: [QueueLevel: PublishWindow.Level] { state.withLock { $0.levels } }
    var revoked: [String] { state.withLock { $0.revoked.sorted() } }
    var storeError: String? { state.withLock { $0.storeError } }
    var isStopping: Bool { state.withLock { $0.isStopping } }

    func levels(_ levels: [QueueLevel: PublishWindow.Level]) { state.withLock { $0.levels = levels } }
    func storeFailed(_ error: String?) { state.withLock { $0.storeError = error } }
    func stop() { state.withLock { $0.isStopping = true } }

    func revoked(replacingWith attempts: [String]) { state.withLock { $0.revoked = Set(attempts) } }

    func revoked(adding added: [String], removing removed: [String]) {
        guard !added.isEmpty || !removed.isEmpty else { return }
        state.withLock { state in
            state.revoked.formUnion(added)
            state.revoked.subtract(removed)
        }
    }
}
