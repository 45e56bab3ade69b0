import AMQP
import Foundation
import Synchronization

/// A producer of single tasks, which wants their outcomes.
final class SingleTasks: Sendable {
    let answers = Answers()
    private let publishing: Connection
    private let namespace: String
    private let queue: String
    private let prefix = UUID().uuidString
    /// Called on the connection's thread after each outcome.
    private let onOutcome = Mutex<(@Sendable () -> Void)?>(nil)
    private let consumer = Mutex<Consumer?>(nil)

    /// - Parameter consuming: the connection on which a queue for the answers is made, which goes with it.
    init(publishing: Connection, consuming: Connection, namespace: String) async throws {
        self.publishing = publishing
        self.namespace = namespace
        queue = try await consuming.declare(QueueDeclaration("", durable: false, exclusive: true)).name
        // Not itself, which keeps the consumer.
        let made = try await consuming.consume(queue: queue, prefetch: 2_000) { [weak self] in self?.take($0) }
        consumer.withLock { $0 = made }
    }

    private func take(_ answer: Delivery) {
        let moment = Monotonic.now
        answer.ack()
        guard answer.properties.type != "accepted" else { return }
        answers.outcome(answer.properties.correlationID.flatMap(Int.init), type: answer.properties.type, at: moment)
        onOutcome.withLock { $0 }?()
    }

    /// - Parameter moment: from which the time until the outcome counts.
    func submit(at moment: UInt64) {
        let number = answers.submitted(at: moment)
        let properties = Properties(
            contentType: "application/json", headers: ["baton-handler": "core.noop", "baton-reply": "result"],
            correlationID: "\(number)", replyTo: queue, messageID: "\(prefix)-\(number)", type: "task")
        let publication = Publication(
            exchange: "\(namespace).submit", routingKey: "-.core.noop", properties: properties, body: Array("{}".utf8))
        publishing.publish([publication]) { [answers] _, result in
            if case .failure(let error) = result { answers.fail("submission \(number) was not taken: \(error)") }
        }
    }

    /// One at a time, each when the outcome of the one before is there.
    ///
    /// - Returns: nanoseconds.
    func oneByOne(_ count: Int) async throws -> [UInt64] {
        let first = answers.count
        let (outcomes, continuation) = AsyncStream<Void>.makeStream()
        onOutcome.withLock { $0 = { continuation.yield() } }
        var arrived = outcomes.makeAsyncIterator()
        for _ in 0..<count {
            submit(at: Monotonic.now)
            await arrived.next()
        }
        onOutcome.withLock { $0 = nil }
        return try await times(from: first)
    }

    /// As many as are done when so many are always under way.
    ///
    /// - Returns: outcomes a second.
    func closedLoop(inFlight: Int, seconds: Double) async throws -> Double {
        let first = answers.count
        let begin = Monotonic.now
        let end = begin + UInt64(seconds * 1e9)
        onOutcome.withLock { $0 = { [weak self] in if Monotonic.now < end { self?.submit(at: Monotonic.now) } } }
        let before = answers.answered
        for _ in 0..<inFlight { submit(at: begin) }
        try await Task.sleep(for: .seconds(seconds))
        let done = answers.answered - before
        let took = Double(Monotonic.now - begin) / 1e9
        onOutcome.withLock { $0 = nil }
        _ = try await times(from: first)
        return Double(done) / took
    }

    /// So many a second, at equal distances, whether or not those before are done. A time counts from the moment at which the
    /// submission was due.
    ///
    /// - Returns: nanoseconds.
    func openLoop(rate: Double, seconds: Double) async throws -> [UInt64] {
        let first = answers.count
        let begin = Monotonic.now + 10_000_000
        let count = max(1, Int(rate * seconds))
        await withCheckedContinuation { continuation in
            // A thread, for it has to wake up more exactly than a task does.
            Thread.detachNewThread { [self] in
                for number in 0..<count {
                    let due = begin + UInt64(Double(number) / rate * 1e9)
                    if due > Monotonic.now { Monotonic.sleep(until: due) }
                    submit(at: due)
                }
                continuation.resume()
            }
        }
        return try await times(from: first)
    }

    private func times(from first: Int) async throws -> [UInt64] {
        let end = Monotonic.now + 60_000_000_000
        while Monotonic.now < end {
            if let times = try answers.times(from: first) { return times }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Mistake("\(answers.count - answers.answered) of \(answers.count) submissions have no outcome after a minute")
    }
}
