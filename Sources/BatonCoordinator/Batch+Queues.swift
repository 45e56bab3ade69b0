import BatonModel
import BatonStore

/// Queues that people have stopped.
extension Batch {
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
        var last: TaskKey?
        while true {
            let attempts = try transaction.publishedAttempts(of: queue, after: last, limit: 1000)
            for attempt in attempts {
                numbers.outbox += 1
                let entry = OutboxEntry(number: numbers.outbox, content: .task(attempt.key, attempt: attempt.attempt))
                try transaction.append(entry)
                after.repeated.append(entry)
            }
            guard let end = attempts.last?.key else { return }
            last = end
        }
    }
}
