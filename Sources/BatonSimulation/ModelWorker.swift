import BatonBroker
import BatonModel
import BatonWire

/// A worker of level 3 as docs/wire-protocol.md has it, one move at a time.
///
/// A model rather than `BatonWorker`'s own core: that one runs handlers and timers as Swift tasks, whose order nobody chooses. So what
/// the simulation finds is about the coordinator and the protocol; the worker's own decisions have tests of their own.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
final class ModelWorker: @unchecked Sendable {
    enum Claim { case none, asked, granted }

    /// A task's message that it has not started.
    struct Held {
        var task: TaskMessage
        var delivery: Delivery
        var claim: Claim
        var askedAt = Duration.zero
    }

    final class Execution {
        let task: TaskMessage
        var delivery: Delivery?
        let begun: Duration
        let beganAt: Timestamp
        /// `nil` where it never ends by itself.
        var endsAt: Duration?
        var outcome: Report.Content
        var isStopping = false
        var isTold = false
        var isReported = false
        var isLeased = false
        var lastSign: Duration

        init(_ task: TaskMessage, _ delivery: Delivery?, begun: Duration, at time: Timestamp, endsAt: Duration?, outcome: Report.Content) {
            self.task = task
            self.delivery = delivery
            self.begun = begun
            beganAt = time
            self.endsAt = endsAt
            self.outcome = outcome
            lastSign = begun
        }
    }

    let id: WorkerID
    let link: SimulatedLink
    let slots: Int
    private let queues: [QueueName]
    private let topology: Topology
    private let clock: VirtualClock
    private let behaviour: Behaviour
    private unowned let witness: Witness
    /// Whether there is a word on its way to the worker that the attempt is cancelled.
    private let isUnread: (ModelWorker, AttemptID) -> Bool
    private let startedAt: Timestamp

    private(set) var isStalled = false
    private var stalledAt = Duration.zero
    private var inbox: [() -> Void] = []
    private var isWelcomed = false
    private var questions = 0
    private var consumed: Set<String> = []
    private var held: [Held] = []
    private(set) var executions: [Execution] = []
    private var cancelled: Set<String> = []
    private(set) var announcedAt = Duration.zero
    private var lookedAt = Duration.zero

    private static let interval = Duration.seconds(10)
    private static let asking = Duration.seconds(5)
    private static let longestGap = Duration.milliseconds(1500)
    private static let leaseAfter = Duration.seconds(60)

    init(
        id: WorkerID, link: SimulatedLink, slots: Int, queues: [QueueName], topology: Topology, clock: VirtualClock, behaviour: Behaviour,
        witness: Witness, isUnread: @escaping (ModelWorker, AttemptID) -> Bool
    ) {
        self.id = id
        self.link = link
        self.slots = slots
        self.queues = queues
        self.topology = topology
        self.clock = clock
        self.behaviour = behaviour
        self.witness = witness
        self.isUnread = isUnread
        startedAt = clock.now
        try? link.declareNow(exchanges: [topology.control], queues: [topology.controlQueue(id)])
        try? link.consumeNow(queue: topology.controlQueue(id).name, prefetch: 100) { [self] delivery in
            receive { self.control(delivery) }
        }
        link.onQueueEvent { [self] event in
            guard case .missing(let name) = event, topology.tasksLevel(ofQueue: name) != nil else { return }
            receive { self.lack(name) }
        }
        link.onStateChange { [self] state in receive { self.changed(state) } }
        consume()
    }

    /// What it had is the broker's again.
    func die() {
        link.die()
        inbox = []
    }

    // MARK: - Messages

    private func receive(_ body: @escaping () -> Void) {
        if isStalled { inbox.append(body) } else { body() }
    }

    func stall() {
        isStalled = true
        stalledAt = clock.uptime
    }

    /// What was cancelled meanwhile has to be heard before anything starts.
    func goOn() {
        isStalled = false
        if clock.uptime - stalledAt > Self.longestGap, link.isConnected, isWelcomed {
            isWelcomed = false
            questions += 1
            announce(.starting)
        }
        let waiting = inbox
        inbox = []
        for body in waiting { body() }
    }

    private func changed(_ state: LinkState) {
        switch state {
        case .connected:
            questions += 1
            announce(.starting)
        case .connecting:
            // What it holds is somebody else's again, and so is what it runs, but for leases.
            isWelcomed = false
            held = []
            for execution in executions { execution.delivery = nil }
        case .blocked, .closed: break
        }
    }

    /// Looks for the queues that were not there.
    private func consume() {
        lookedAt = clock.uptime
        for queue in queues {
            for priority in Priority.allCases {
                let name = topology.tasksQueue(queue, priority).name
                guard !consumed.contains(name), link.isConnected else { continue }
                let isThere = (try? link.consumeNow(queue: name, prefetch: slots) { [self] delivery in receive { self.take(delivery) } }) != nil
                if isThere { consumed.insert(name) } else { lack(name) }
            }
        }
    }

    /// Makes the queue, after it has told that it wasn't there.
    private func lack(_ name: String) {
        guard link.isConnected, let (queue, priority) = topology.tasksLevel(ofQueue: name) else { return }
        announce(.running, missing: name) { [self] in
            receive { try? self.link.declareNow(exchanges: [], queues: [self.topology.tasksQueue(queue, priority)]) }
        }
    }

    private func take(_ delivery: Delivery) {
        guard link.isConnected, let task = try? TaskMessage(delivery.message) else { return }
        let key = task.attempt.description
        if let execution = executions.first(where: { $0.task.attempt == task.attempt }) {
            if execution.isLeased { delivery.acknowledge() } else { execution.delivery = delivery }
        } else if cancelled.contains(key) {
            drop(task, delivery)
        } else {
            held.removeAll { $0.task.attempt == task.attempt }
            var entry = Held(task: task, delivery: delivery, claim: .none)
            if task.needsClaim || delivery.isRedelivered {
                entry.claim = .asked
                ask(&entry)
            }
            held.append(entry)
        }
    }

    private func ask(_ entry: inout Held) {
        entry.askedAt = clock.uptime
        report(.claim(redelivered: entry.delivery.isRedelivered), of: entry.task)
    }

    /// It is cancelled, and never starts.
    private func drop(_ task: TaskMessage, _ delivery: Delivery) {
        outcome(.cancelled(message: nil), of: task, startedAt: nil) { delivery.acknowledge() }
    }

    private func control(_ delivery: Delivery) {
        delivery.acknowledge()
        guard let control = try? Control.read(delivery.message) else { return }
        switch control {
        case .cancel(let attempts, _):
            heed(attempts)
            if let id = delivery.message.messageID {
                publish(WorkerMessage.seen(controlID: id, worker: self.id).message, key: topology.reportsKey(0))
            }
        case .welcome(let attempts):
            heed(attempts)
            if link.isConnected, delivery.message.correlationID == "\(questions)" { isWelcomed = true }
        case .leased(let attempts):
            for execution in executions where attempts.contains(execution.task.attempt.description) {
                execution.isLeased = true
                execution.delivery?.acknowledge()
                execution.delivery = nil
            }
        case .claimed(let granted, let refused):
            for place in held.indices where granted.contains(held[place].task.attempt.description) { held[place].claim = .granted }
            for entry in held where refused.contains(entry.task.attempt.description) { entry.delivery.acknowledge() }
            held.removeAll { refused.contains($0.task.attempt.description) }
        case .announce: announce(.running)
        case .drain: break
        }
    }

    private func heed(_ attempts: [String]) {
        cancelled.formUnion(attempts)
        for execution in executions where attempts.contains(execution.task.attempt.description) && !execution.isReported {
            execution.isStopping = true
            if behaviour.stops() { execution.endsAt = clock.uptime }
        }
        let dropped = held.filter { attempts.contains($0.task.attempt.description) }
        held.removeAll { attempts.contains($0.task.attempt.description) }
        for entry in dropped { drop(entry.task, entry.delivery) }
    }

    /// - Parameter told: called once the broker has it, or nobody is there to be told.
    private func announce(_ state: WorkerAnnouncement.State, missing: String? = nil, told: @escaping () -> Void = {}) {
        announcedAt = clock.uptime
        let announcement = WorkerAnnouncement(
            worker: id, state: isWelcomed ? state : .starting, handlers: Behaviour.handlers, queues: queues, slots: slots,
            running: executions.filter { !$0.isReported }.map(\.task.attempt.description), controlQueue: topology.controlQueue(id).name,
            host: "simulation", startedAt: startedAt, missing: missing.map { [$0] })
        var message = WorkerMessage.announcement(announcement).message
        message.messageID = "\(questions)"
        publish(message, key: topology.reportsKey(0), told)
    }

    private func publish(_ message: Message, key: String, _ told: @escaping () -> Void = {}) {
        nonisolated(unsafe) let told = told
        link.publish([Publication(exchange: topology.reports.name, routingKey: key, message: message)]) { _, _ in told() }
    }

    private func report(_ content: Report.Content, of task: TaskMessage, startedAt: Timestamp? = nil) {
        publish(Report(content, of: task.attempt, by: id, startedAt: startedAt).message(task: task.task), key: task.replyTo)
    }

    /// Publishes an outcome until it is confirmed.
    private func outcome(_ content: Report.Content, of task: TaskMessage, startedAt: Timestamp?, _ confirmed: @escaping () -> Void) {
        let message = Report(content, of: task.attempt, by: id, startedAt: startedAt).message(task: task.task)
        let publication = Publication(exchange: topology.reports.name, routingKey: task.replyTo, message: message)
        nonisolated(unsafe) let confirmed = confirmed
        link.publish([publication]) { [self] _, error in
            receive { if error == nil { confirmed() } else { self.outcome(content, of: task, startedAt: startedAt, confirmed) } }
        }
    }

    // MARK: - Work

    private var isFree: Bool { executions.count { !$0.isReported } < slots }

    /// What it could start now.
    var startable: [TaskMessage] {
        guard isWelcomed, link.isConnected, !isStalled else { return [] }
        return held.filter { $0.claim != .asked }.map(\.task)
    }

    var canStart: Bool { !isStalled && isFree && !startable.isEmpty }

    /// The most urgent first; of those the one that came first.
    func start() {
        guard canStart, let priority = startable.map(\.priority).min(),
            let place = held.firstIndex(where: { $0.claim != .asked && $0.task.priority == priority })
        else { return }
        let entry = held.remove(at: place)
        let task = entry.task
        witness.saw(.started(task.attempt, by: self, unread: isUnread(self, task.attempt)))
        let (after, content) = behaviour.plan(task)
        let execution = Execution(
            task, entry.delivery, begun: clock.uptime, at: clock.now, endsAt: after.map { clock.uptime + $0 }, outcome: content)
        executions.append(execution)
        if entry.claim == .granted { tell(execution) }
    }

    private func tell(_ execution: Execution) {
        execution.isTold = true
        execution.lastSign = clock.uptime
        report(.started, of: execution.task, startedAt: execution.beganAt)
    }

    private func end(_ execution: Execution, _ content: Report.Content) {
        execution.isReported = true
        outcome(content, of: execution.task, startedAt: execution.beganAt) { [self] in
            execution.delivery?.acknowledge()
            executions.removeAll { $0 === execution }
        }
    }

    // MARK: - Time

    /// When it has something to do.
    var due: Duration? {
        if isStalled || !link.isConnected { return executions.compactMap { $0.isReported ? nil : $0.endsAt }.min() }
        var times = [announcedAt + (isWelcomed ? Self.interval : Self.asking)]
        if consumed.count < queues.count * Priority.allCases.count { times.append(lookedAt + Self.asking) }
        for entry in held where entry.claim == .asked { times.append(entry.askedAt + Self.asking) }
        for execution in executions where !execution.isReported {
            if let end = execution.endsAt { times.append(end) }
            if !execution.isTold { times.append(execution.begun + .milliseconds(100)) }
            if let limit = limit(execution) { times.append(execution.begun + limit) }
            times.append(execution.lastSign + sign(execution))
            if execution.delivery != nil, clock.uptime - execution.begun < Self.leaseAfter { times.append(execution.begun + Self.leaseAfter) }
        }
        return times.min()
    }

    private func limit(_ execution: Execution) -> Duration? { execution.endsAt == nil ? nil : execution.task.timeout }

    private func sign(_ execution: Execution) -> Duration {
        min(Self.interval, (execution.task.heartbeat ?? Self.interval) / 3)
    }

    /// Does what is due.
    func wake() {
        let now = clock.uptime
        guard !isStalled else { return }
        for execution in executions where !execution.isReported {
            if let end = execution.endsAt, end <= now {
                let isStopped = execution.isStopping && behaviour.stops()
                self.end(execution, isStopped ? .cancelled(message: "it was told to stop") : execution.outcome)
                continue
            }
            if let limit = limit(execution), execution.begun + limit <= now {
                end(execution, .failed(TaskError(type: TaskError.Kind.timeout, message: "it took too long")))
                continue
            }
            if !execution.isTold, execution.begun + .milliseconds(100) <= now { tell(execution) }
            if execution.lastSign + sign(execution) <= now {
                execution.lastSign = now
                if execution.delivery != nil, now - execution.begun >= Self.leaseAfter {
                    report(.lease, of: execution.task)
                } else {
                    report(behaviour.sign(), of: execution.task)
                }
            }
        }
        guard link.isConnected else { return }
        for place in held.indices where held[place].claim == .asked && held[place].askedAt + Self.asking <= now { ask(&held[place]) }
        if consumed.count < queues.count * Priority.allCases.count, lookedAt + Self.asking <= now { consume() }
        if announcedAt + (isWelcomed ? Self.interval : Self.asking) <= now { announce(isWelcomed ? .running : .starting) }
    }

    /// Faults are over: what would never end ends.
    func calm() {
        for execution in executions where execution.endsAt == nil { execution.endsAt = clock.uptime + .seconds(1) }
    }
}
