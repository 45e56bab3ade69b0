import BatonModel
import BatonStore

/// Which ready attempts the broker has, and which wait in the store for room there.
extension Batch {
    /// Gives the present attempt to the broker, or lets it wait for room there.
    mutating func ready(_ task: Int, of run: CachedRun) throws {
        try leaveWindow(task, of: run)
        if run.state.tasks[task].flags.contains(.permitted) { try leaveGates(task, of: run) }
        if run.state.nodes[task].sharesLimits {
            run.state.mark(task, .held)
            followUps.append(.pass(run, task: task))
        } else {
            try publish(task, of: run)
        }
    }

    mutating func publish(_ task: Int, of run: CachedRun) throws {
        let key = TaskKey(run.number, task)
        let attempt = Int(run.state.tasks[task].attempt)
        let level = Self.level(task, run)
        if window.admits(level, slots: slots(level.queue)) {
            window.published(level)
            run.state.mark(task, .published)
            try send(.task(key, attempt: attempt))
        } else {
            window.backlogged(level)
            run.state.mark(task, .backlogged)
            numbers.backlog += 1
            try transaction.enqueue(ReadyTask(number: numbers.backlog, key: key, attempt: attempt), on: level)
        }
        dirty[run.number, default: Changes(run: run)].tasks.insert(task)
    }

    mutating func leaveWindow(_ task: Int, of run: CachedRun) throws {
        let flags = run.state.tasks[task].flags
        guard !flags.isDisjoint(with: [.published, .backlogged, .held]) else { return }
        if !flags.contains(.held) { window.left(Self.level(task, run), published: flags.contains(.published)) }
        run.state.mark(task, [])
    }

    private static func level(_ task: Int, _ run: CachedRun) -> QueueLevel {
        QueueLevel(run.state.nodes[task].queue, run.state.nodes[task].priority)
    }

    mutating func send(_ content: OutboxEntry.Content) throws {
        numbers.outbox += 1
        let entry = OutboxEntry(number: numbers.outbox, content: content)
        try transaction.append(entry)
        after.outbox.append(entry)
    }

    mutating func refill() throws {
        for (level, room) in window.refillable(slots: slots) {
            let limit = min(room, 1000)
            let ready = try transaction.dequeue(level, limit: limit)
            for task in ready {
                window.left(level, published: false)
                window.published(level)
                try send(.task(task.key, attempt: task.attempt))
                cache[task.key.run]?.state.mark(task.key.task, .published)
                try transaction.markPublished(task.key)
            }
            if ready.count < limit { window.drained(level) }
        }
    }
}
