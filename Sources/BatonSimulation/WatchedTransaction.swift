import BatonModel
import BatonStore

/// A transaction of the real store that takes down what is written, for the invariants to look at once it is committed.
struct WatchedTransaction: StoreTransaction {
    let base: any StoreTransaction
    let journal: CommitJournal
    /// For faults put in on purpose.
    let onLoad: (LoadedRun) -> LoadedRun
    let onSend: ((OutboxEntry, any StoreReader) throws -> Void)?

    func insert(_ run: NewRun) throws -> RunNumber {
        let number = try base.insert(run)
        journal.note(.run(number, run.header, run.progress))
        return number
    }
    func insert(_ definition: TaskDefinition, _ state: TaskState, at key: TaskKey) throws {
        journal.note(.added(key, definition, state))
        try base.insert(definition, state, at: key)
    }
    func update(_ state: TaskState, at key: TaskKey) throws {
        journal.note(.state(key, state))
        try base.update(state, at: key)
    }
    func update(_ progress: RunProgress, of run: RunNumber) throws {
        journal.note(.progress(run, progress))
        try base.update(progress, of: run)
    }
    func append(_ event: StoredEvent, to run: RunNumber) throws {
        journal.note(.event(run, event))
        try base.append(event, to: run)
    }
    func put(result: JSON, at key: TaskKey) throws {
        journal.note(.result(key, result))
        try base.put(result: result, at: key)
    }
    func put(error: TaskError, at key: TaskKey) throws { try base.put(error: error, at: key) }
    func put(_ part: TaskPart, _ payload: JSON?, at key: TaskKey) throws { try base.put(part, payload, at: key) }
    func put(_ attempt: AttemptView, at key: TaskKey) throws {
        journal.note(.attempt(key, attempt))
        try base.put(attempt, at: key)
    }
    func put(items: [JSON], at loop: TaskKey) throws { try base.put(items: items, at: loop) }
    func put(_ loop: LoopState, at key: TaskKey) throws {
        journal.note(.loop(key, loop))
        try base.put(loop, at: key)
    }
    func clear(_ key: TaskKey) throws { try base.clear(key) }
    func link(_ key: TaskKey, to source: TaskKey) throws { try base.link(key, to: source) }
    func archive(_ run: RunNumber, as header: RunHeader) throws -> RunNumber { try base.archive(run, as: header) }
    func arm(_ kind: TimerKind, at key: TaskKey, due: Timestamp) throws { try base.arm(kind, at: key, due: due) }
    func disarm(_ kind: TimerKind, at key: TaskKey) throws { try base.disarm(kind, at: key) }
    func postpone(_ kinds: [TimerKind], to time: Timestamp) throws { try base.postpone(kinds, to: time) }
    func enqueue(_ entry: ReadyTask, on level: QueueLevel) throws {
        journal.note(.enqueued(entry, level))
        try base.enqueue(entry, on: level)
    }
    func dequeue(_ level: QueueLevel, limit: Int) throws -> [ReadyTask] {
        let ready = try base.dequeue(level, limit: limit)
        journal.note(.dequeued(level, ready, isEmpty: ready.count < limit))
        return ready
    }
    func markPublished(_ key: TaskKey) throws {
        journal.note(.published(key))
        try base.markPublished(key)
    }
    func append(_ entry: OutboxEntry) throws {
        journal.note(.sent(entry))
        try onSend?(entry, base)
        try base.append(entry)
    }
    func removeOutbox(through number: Int64) throws { try base.removeOutbox(through: number) }
    func removeOutbox(_ numbers: [Int64]) throws { try base.removeOutbox(numbers) }
    func revoke(_ attempt: AttemptID) throws { try base.revoke(attempt) }
    func unrevoke(_ attempt: AttemptID) throws { try base.unrevoke(attempt) }
    func forgetRevoked(endedBefore time: Timestamp) throws { try base.forgetRevoked(endedBefore: time) }
    func put(_ gate: Gate) throws {
        journal.note(.gate(gate))
        try base.put(gate)
    }
    func hold(_ entry: ReadyTask, at gate: String) throws { try base.hold(entry, at: gate) }
    func takeHeld(at gate: String) throws -> ReadyTask? { try base.takeHeld(at: gate) }
    func addPass(_ gate: String, of key: TaskKey) throws {
        journal.note(.passed(gate, key))
        try base.addPass(gate, of: key)
    }
    func removePasses(of key: TaskKey) throws {
        journal.note(.left(key))
        try base.removePasses(of: key)
    }
    func put(_ breaker: Breaker, of handler: HandlerName) throws { try base.put(breaker, of: handler) }
    func keep(_ result: JSON, under digest: String, until expiry: Timestamp) throws { try base.keep(result, under: digest, until: expiry) }
    func forgetResults(before time: Timestamp) throws { try base.forgetResults(before: time) }
    func append(logs lines: [LogLine], attempt: Int, of key: TaskKey, after number: Int) throws { try base.append(logs: lines, attempt: attempt, of: key, after: number) }
    func put(_ statistics: HandlerStatistics, of handler: HandlerName) throws { try base.put(statistics, of: handler) }
    func set(paused: Bool, _ queue: QueueName) throws { try base.set(paused: paused, queue) }
    func put(hooks: Set<TaskNode.Hook>, of handler: HandlerName) throws { try base.put(hooks: hooks, of: handler) }
    func retire(_ status: RunStatus, endedBefore time: Timestamp, limit: Int) throws -> [RunID] { try base.retire(status, endedBefore: time, limit: limit) }
    func purge(rows limit: Int) throws -> Bool { try base.purge(rows: limit) }
    func trimEvents(of run: RunNumber, before event: Int) throws { try base.trimEvents(of: run, before: event) }
    func trimAttempts(of key: TaskKey, before number: Int) throws { try base.trimAttempts(of: key, before: number) }
    func arm(alarm: String, due: Timestamp) throws { try base.arm(alarm: alarm, due: due) }
    func disarm(alarm: String) throws { try base.disarm(alarm: alarm) }
    func put(_ schedule: StoredSchedule) throws { try base.put(schedule) }
    func removeSchedule(_ name: String) throws { try base.removeSchedule(name) }
}
