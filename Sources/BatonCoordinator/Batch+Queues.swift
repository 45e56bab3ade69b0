import BatonBroker
import BatonEngine
import BatonModel
import BatonStore

/// Queues that people have stopped, and such as the broker has lost.
extension Batch {
    private static let attemptsRead = 1000

    /// Nothing more of the queue goes to the broker. What is there already has to be taken off by whoever can.
    mutating func pause(_ queue: QueueName) throws {
        try transaction.set(paused: true, queue)
        window.paused.insert(queue)
    }

    /// What was taken off the broker's queues, or never reached them, goes there again; where a worker has it after all, its claim
    /// tells.
    mutating func resume(_ queue: QueueName) throws {
        guard window.paused.remove(queue) != nil else { return }
        try transaction.set(paused: false, queue)
        try eachPublished(queue, nil) { batch, attempt in
            if !attempt.isStarted { try batch.sendAgain(attempt.key, attempt.attempt) }
        }
    }

    /// The broker has a queue no more, and what was in it is gone: sends it again, once the queue is there.
    ///
    /// With what the coordinator takes from go reports of which nobody knows, so that every attempt may be concerned.
    mutating func lost(_ queue: LostQueue) throws {
        switch queue {
        case .tasks(let level):
            guard window.levels[level]?.published ?? 0 > 0 else { return }
            try eachPublished(level.queue, level.priority) { try $0.gone($1) }
        case .incoming:
            guard window.levels.values.contains(where: { $0.published > 0 }) else { return }
            try eachPublished(nil, nil) { try $0.gone($1) }
        }
    }

    private mutating func gone(_ attempt: PublishedAttempt) throws {
        if attempt.isStarted {
            guard let run = try transaction.runID(of: attempt.key.run) else { return }
            followUps.append(.event(run, .messageGone(AttemptID(run: run, task: attempt.key.task, number: attempt.attempt))))
        } else if try !findUnderway().contains(attempt) {
            try sendAgain(attempt.key, attempt.attempt)
            underway?.insert(attempt)
        }
    }

    /// What has not been confirmed is still to come, or comes again: the publisher sees to it.
    private mutating func findUnderway() throws -> Set<PublishedAttempt> {
        if let underway { return underway }
        let found = Set(
            try transaction.outbox().compactMap { entry -> PublishedAttempt? in
                guard case .task(let key, let attempt) = entry.content, !isSettled(entry.number) else { return nil }
                return PublishedAttempt(key: key, attempt: attempt, isStarted: false)
            })
        underway = found
        return found
    }

    private mutating func eachPublished(
        _ queue: QueueName?, _ priority: Priority?, _ body: (inout Batch, PublishedAttempt) throws -> Void
    ) throws {
        var last: TaskKey?
        while true {
            let attempts = try transaction.publishedAttempts(of: queue, priority, after: last, limit: Self.attemptsRead)
            for attempt in attempts { try body(&self, attempt) }
            guard attempts.count == Self.attemptsRead, let end = attempts.last?.key else { return }
            last = end
        }
    }

    /// Whoever gets it asks before it starts, since somebody else may have it.
    mutating func sendAgain(_ key: TaskKey, _ attempt: Int) throws {
        numbers.outbox += 1
        let entry = OutboxEntry(number: numbers.outbox, content: .task(key, attempt: attempt))
        try transaction.append(entry)
        after.repeated.append(entry)
    }
}
