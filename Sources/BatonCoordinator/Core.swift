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
    private let feed: EventFeed
    private let registry: WorkerRegistry
    private let announcer: Announcer
    private let bell: EventBell
    private let status: CoreStatus
    private let links: LinkStates
    private let schemas: SchemaChecks
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let surroundings: Surroundings

    private var generator: any RandomNumberGenerator
    private var cache: RunCache
    private var window: PublishWindow
    private var numbers: (outbox: Int64, backlog: Int64) = (0, 0)
    private var removedOutbox: Int64 = 0
    /// When entries beyond those were last removed.
    private var tidied: Duration
    private var statistics: [HandlerName: HandlerStatistics] = [:]
    private var nextTimer: Timestamp?
    /// Nothing could be stored for a while.
    private var isRecovering = false
    /// Nothing could be heard for a while, and what waited since then has still to be read.
    private var wasDeaf = false
    private var began = Timestamp(milliseconds: 0)
    /// When it last looked at the clock, which it does every second.
    private var looked = Timestamp(milliseconds: 0)
    private var hasSlept = false
    /// What follows from the inputs in hand, but can't be decided on, and why.
    private var faulty: [String: String] = [:]
    private var cleaned = Timestamp(milliseconds: 0)
    /// There may be rows of retired runs.
    private var isPurging = true
    private var purged = Timestamp(milliseconds: 0)
    /// What the store has refused, to be tried again.
    private var unstored: Unstored?
    private var triesAgain = Timestamp(milliseconds: 0)
    private static let shortestPause = Duration.milliseconds(250)

    private struct Unstored {
        var inputs: [Input]
        var error: any Error
    }

    init(
        configuration: CoordinatorConfiguration, store: any Store, mailbox: Mailbox, publisher: Publisher, feed: EventFeed,
        registry: WorkerRegistry, announcer: Announcer, bell: EventBell, status: CoreStatus, links: LinkStates, schemas: SchemaChecks,
        logger: Logger, now: @escaping @Sendable () -> Timestamp, surroundings: Surroundings
    ) {
        self.configuration = configuration
        self.store = store
        self.mailbox = mailbox
        self.publisher = publisher
        self.feed = feed
        self.registry = registry
        self.announcer = announcer
        self.bell = bell
        self.status = status
        self.links = links
        self.schemas = schemas
        self.logger = logger
        self.now = now
        self.surroundings = surroundings
        generator = surroundings.generator()
        tidied = surroundings.uptime()
        cache = RunCache(limit: configuration.cachedTasks)
        window = PublishWindow(minimum: configuration.minimumWindow, perSlot: configuration.windowPerSlot)
    }

    /// Reads what has to be known to go on, and hands the publisher what was not confirmed. Nothing else is special about a
    /// start.
    ///
    /// - Throws: `StoreError`.
    func recover() throws {
        began = now()
        looked = began
        try store.write { transaction in
            try Self.allowSilence(until: now() + Self.settling, transaction)
            try Self.clean(transaction, now())
        }
        cleaned = now()
        try forget()
        if window.levels.values.contains(where: { $0.published > 0 }) { announcer.settle() }
        registry.restore(try store.read { try $0.hooks() })
        let entries = try store.read { try $0.outbox() }
        CrashPoint.recovering.pass()
        removedOutbox = (entries.first?.number ?? numbers.outbox + 1) - 1
        publisher.begin(after: removedOutbox, waiting: entries.map(\.number))
        publisher.send(entries, areRepeated: true)
        feed.send(entries.filter(\.isOfEvents))
        status.revoked(replacingWith: try store.read { try $0.revoked() })
    }

    /// Ten minutes; less where runs are kept for less than that.
    private var cleaningInterval: Duration {
        let shortest = [configuration.retention.completed, configuration.retention.failed].compactMap(\.self).min() ?? .seconds(600)
        return max(.seconds(1), min(.seconds(600), shortest))
    }

    /// How long signs of life may take to be read once this is there again: they wait in a queue, behind others.
    private static let settling = Duration.seconds(30)
    /// How much of that may be gone when the broker is there for the first time.
    private static let connecting = Duration.seconds(5)
    /// Between two portions of rows that retired runs left, and how many rows those have.
    private static let purgingInterval = Duration.milliseconds(50)
    private static let purgedRows = 2000
    private static let retiredRuns = 500
    /// How many outbox entries are removed at once that come after one which is still to be sent.
    private static let removedEntries = 1000
    /// How much of what follows from a batch can be faulty before the batch itself is taken to be.
    private static let mostFaulty = 20
    /// How long a message can wait in a queue, or with a worker, before nobody will bring its attempt up any more.
    private static let longestDelivery = Duration.seconds(24 * 3600)

    /// Lets go of what nobody will ask for any more.
    private static func clean(_ transaction: any StoreTransaction, _ now: Timestamp) throws {
        try transaction.forgetRevoked(endedBefore: now + (.zero - longestDelivery))
        try transaction.forgetResults(before: now)
    }

    /// Takes runs away that have been kept for long enough.
    private func retire(_ transaction: any StoreTransaction, _ now: Timestamp) throws -> [RunID] {
        var retired: [RunID] = []
        for (status, time) in [
            (RunStatus.completed, configuration.retention.completed), (.failed, configuration.retention.failed),
            (.cancelled, configuration.retention.failed),
        ] {
            guard let time else { continue }
            let runs = try transaction.retire(status, endedBefore: now + (.zero - time), limit: Self.retiredRuns)
            retired += runs
            if status == .completed || runs.isEmpty { continue }
            logger.notice(
                "runs that did not complete have been kept for long enough and are removed",
                metadata: ["status": "\(status.rawValue)", "runs": "\(runs.map(\.rawValue).joined(separator: " "))"])
        }
        return retired
    }

    private func finishCleaning(_ retired: [RunID], _ now: Timestamp) {
        cache.remove(retired)
        if retired.isEmpty {
            cleaned = now
        } else {
            // There may be more of them.
            isPurging = true
            let pause = retired.count < Self.retiredRuns ? .seconds(1) : Self.purgingInterval
            cleaned = now + (pause - cleaningInterval)
        }
    }

    /// While nobody could hear it, silence proved nothing: what ends an attempt may be waiting to be read.
    private static func allowSilence(until time: Timestamp, _ transaction: any StoreTransaction) throws {
        try transaction.postpone([.lease, .heartbeat, .attemptTimeout, .queuedTimeout, .cancelGrace], to: time)
    }

    /// Drops all that is in memory for what is in the store.
    private func forget() throws {
        cache = RunCache(limit: configuration.cachedTasks)
        let (levels, numbers, timer, statistics, paused) = try store.read {
            (try $0.levels(), try $0.lastNumbers(), try $0.nextTimer(), try $0.statistics(), try $0.pausedQueues())
        }
        window.restore(levels, paused: paused)
        self.statistics = statistics
        self.numbers = (max(numbers.outbox, self.numbers.outbox), numbers.backlog)
        nextTimer = timer
        status.levels(window.levels)
        status.paused(paused)
    }

    /// The thread's work, until the mailbox is closed.
    func run() {
        while let inputs = mailbox.take(atMost: configuration.batchSize, waiting: wait) {
            var pause = Self.shortestPause
            unstored = process(inputs)
            while let refused = unstored {
                guard let come = refuseRequests(during: pause, refused.error) else { return }
                unstored = process(refused.inputs + come)
                pause = min(.seconds(5), pause * 2)
            }
        }
    }

    /// One turn of that work, which waits for nothing: for whoever has no thread for it.
    func turn() {
        let inputs = mailbox.take(atMost: configuration.batchSize) ?? []
        if let refused = unstored {
            unstored = process(refused.inputs + refuseRequests(inputs, refused.error))
        } else {
            unstored = process(inputs)
        }
        triesAgain = now() + Self.shortestPause
    }

    /// When the next turn has something to do, if nothing comes meanwhile.
    var due: Timestamp? {
        if unstored != nil { return triesAgain }
        return isPurging ? min(purged + Self.purgingInterval, nextTimer ?? now()) : nextTimer
    }

    /// Until the next timer; a second at most, so that clocks that jump do little harm.
    private var wait: Duration {
        let longest = isPurging ? Self.purgingInterval : .seconds(1)
        guard let nextTimer else { return longest }
        return max(.zero, min(longest, nextTimer - now()))
    }

    /// - Parameter timers: how many of what is due are decided on with them at most.
    /// - Returns: what the store has refused.
    private func process(_ inputs: [Input], timers: Int = 1000) -> Unstored? {
        var pending = inputs
        while true {
            do {
                let after = try decide(pending, timers: timers)
                isRecovering = false
                faulty = [:]
                status.storeFailed(nil)
                finish(after)
                return nil
            } catch let fault as FaultyFollowUp {
                // What led to it is as good as any, and is decided on once more without it.
                logger.critical(
                    "something that follows can't be decided on and is given up",
                    metadata: ["what": "\(fault.name)", "error": "\(fault.error)"])
                faulty[fault.name] = "\(fault.error)"
                try? forget()
            } catch let fault as FaultyInput where fault.source == .several {
                // One of them can't be decided on. It shows which when each is decided on alone.
                try? forget()
                for (position, input) in pending.enumerated() {
                    guard var refused = process([input], timers: 0) else { continue }
                    refused.inputs += pending[(position + 1)...]
                    return refused
                }
                return process([], timers: min(1, timers))
            } catch let fault as FaultyInput {
                // A mistake of ours: without this one input the batch is as good as any.
                logger.critical("an input can't be decided on and is dropped", metadata: ["error": "\(fault.error)"])
                try? forget()
                drop(fault, from: &pending)
            } catch {
                // Nothing of the batch has happened. Messages wait here until the store works again; requests are told.
                logger.error("the store refuses; nothing is accepted until it works", metadata: ["error": "\(error)"])
                status.count { $0.storeFailures += 1 }
                status.storeFailed("\(error)")
                isRecovering = true
                pending = refuseRequests(pending, error)
                try? forget()
                return Unstored(inputs: pending, error: error)
            }
        }
    }

    private func decide(_ inputs: [Input], timers: Int) throws -> Batch.Aftermath {
        let now = now()
        // Whoever slept, or had the clock set, has not listened: silence of that time is nobody's.
        if now - looked > configuration.engine.lease { hasSlept = true }
        looked = now
        let confirmed = publisher.watermark
        let isTidy = surroundings.uptime() - tidied < .seconds(1)
        let settled = publisher.settledBeyond(atMost: Self.removedEntries, atLeast: isTidy ? Self.removedEntries : 1)
        let isDue = timers > 0 && nextTimer.map { $0 <= now } ?? false
        let cleans = now - cleaned > cleaningInterval
        let purges = isPurging && now - purged >= Self.purgingInterval
        if inputs.isEmpty, !isDue, !isRecovering, !cleans, !purges, confirmed == removedOutbox, settled.isEmpty {
            return Batch.Aftermath()
        }
        if !inputs.isEmpty { CrashPoint.inputsTaken.pass() }
        let links = links.takeSilence()
        if links.wasDeaf || (links.isFirst && now - began > Self.connecting) { wasDeaf = true }
        var retired: [RunID] = []
        var hasPurged = false
        let start = surroundings.uptime()
        let (after, newWindow, newNumbers, newStatistics, newGenerator, timer) = try store.write { transaction in
            if confirmed > removedOutbox { try transaction.removeOutbox(through: confirmed) }
            if !settled.isEmpty { try transaction.removeOutbox(settled) }
            if cleans {
                try Self.clean(transaction, now)
                retired = try retire(transaction, now)
            }
            if purges { hasPurged = try transaction.purge(rows: Self.purgedRows) }
            if isRecovering || wasDeaf || (links.isDeaf && isDue) {
                try Self.allowSilence(until: now + Self.settling, transaction)
            } else if hasSlept {
                try transaction.postpone([.lease], to: now + configuration.engine.lease)
            }
            var batch = Batch(
                transaction: transaction, now: now, settings: configuration.engine, retention: configuration.retention,
                limits: configuration.limits, schemas: schemas, slots: registry.slots(of:), cache: cache, window: window, numbers: numbers,
                statistics: statistics, faulty: faulty, isSettled: publisher.isSettled, generator: generator)
            var sources: [FaultyInput.Source] = []
            func check(_ source: FaultyInput.Source, _ body: () throws -> Void) throws {
                sources.append(source)
                try FaultyInput.check(source, body)
            }
            for (position, input) in inputs.enumerated() { try check(.input(position)) { try batch.apply(input) } }
            if isDue {
                for (key, kind) in try transaction.dueTimers(by: now, limit: timers) {
                    try check(.timer(key, kind)) { try batch.fire(key, kind) }
                    CrashPoint.timerFired.pass()
                }
                let alarms = min(1000, timers - min(timers, sources.count - inputs.count))
                for alarm in try transaction.dueAlarms(by: now, limit: alarms) { try check(.alarm(alarm)) { try batch.ring(alarm) } }
                let schedules = min(100, timers - min(timers, sources.count - inputs.count))
                for schedule in try transaction.dueSchedules(by: now, limit: schedules) {
                    try check(.schedule(schedule)) { try batch.visit(schedule: schedule) }
                    CrashPoint.scheduleVisited.pass()
                }
            }
            // What follows is told by what it follows from, where that is one thing.
            let source = sources.count == 1 ? sources[0] : .several
            do {
                try FaultyInput.check(source) { try batch.finish() }
            } catch let fault as FaultyFollowUp where faulty.count >= Self.mostFaulty {
                throw FaultyInput(source: source, error: fault.error)
            }
            let timer = try transaction.nextTimer()
            CrashPoint.beforeCommit.pass()
            return (batch.after, batch.window, batch.numbers, batch.statistics, batch.generator, timer)
        }
        CrashPoint.afterCommit.pass()
        if cleans { finishCleaning(retired, now) }
        if purges { (isPurging, purged) = (hasPurged, now) }
        status.count { counters in
            counters.commits += 1
            counters.inputs += inputs.count
            counters.commitTime.add(surroundings.uptime() - start)
            counters.outbox = Int(newNumbers.outbox - confirmed)
            counters.runsSubmitted += after.begunRuns
            for status in after.endings { counters.runsEnded[status.rawValue, default: 0] += 1 }
        }
        removedOutbox = confirmed
        publisher.removed(settled)
        if !settled.isEmpty { tidied = surroundings.uptime() }
        (wasDeaf, hasSlept) = (false, false)
        window = newWindow
        numbers = newNumbers
        statistics = newStatistics
        generator = newGenerator
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
            case .report(_, let delivery), .worker(_, _, let delivery), .givenUp(_, _, _, let delivery): delivery.discard()
            case .submission(let request):
                request.answer(.failure(refusal))
                request.delivery?.discard()
            case .cancel(let request): request.answer(.failure(refusal))
            case .command(let command): command.refuse(refusal)
            case .undeliverable(_, _, let entry): publisher.settle(entry)
            case .lost(_, let stored): stored(false)
            case .reconnected: break
            case .tick(let heard): heard()
            }
        }
    }

    /// What may be seen now that it is stored.
    private func finish(_ after: Batch.Aftermath) {
        status.paused(window.paused)
        publisher.send(after.outbox)
        publisher.send(after.repeated, areRepeated: true)
        feed.send(after.outbox.filter(\.isOfEvents))
        for entry in after.settled { publisher.settle(entry) }
        status.levels(window.levels)
        status.revoked(adding: after.remembered, removing: after.unrevoked, at: surroundings.uptime())
        announcer.tell(after, now: now())
        if !after.deliveries.isEmpty {
            CrashPoint.beforeAcknowledgement.pass()
            for delivery in after.deliveries { delivery.acknowledge() }
            CrashPoint.acknowledged.passSoon()
        }
        for answer in after.answers { answer() }
        for warning in after.warnings { logger.error("\(warning)") }
        if !after.changedRuns.isEmpty { bell.ring(after.changedRuns) }
    }

    /// Tells all who ask within the time that the store doesn't work, and returns the messages that came, which the consumers'
    /// prefetch bounds; `nil` where the mailbox is closed and nobody in it waits for an answer any more.
    private func refuseRequests(during time: Duration, _ error: any Error) -> [Input]? {
        var kept: [Input] = []
        let deadline = ContinuousClock.now + time
        while true {
            let left = deadline - .now
            guard left > .zero else { return kept }
            guard let inputs = mailbox.take(atMost: configuration.batchSize, waiting: left) else { return nil }
            kept += refuseRequests(inputs, error)
        }
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
            case .report, .worker, .submission, .givenUp, .undeliverable, .lost, .reconnected: return true
            }
        }
    }
}
