import AMQP
import ArgumentParser
import Synchronization

/// A bare worker that does what is queued while no coordinator runs, and then waits for a task that was not.
struct FirstDelivery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do the queued tasks, and tell when a new one comes.",
        discussion: """
            Prints 'drained' when nothing has been in the queue for half a second and all reports are confirmed: then is the moment to
            start the coordinator. Prints when the first task came that was not in the queue before, by the machine's monotonic
            clock, keeps it without doing it, and ends: the broker gives it to the next worker.
            """)

    @OptionGroup var broker: ClusterOptions

    @Option(help: "The queue, without its priority.")
    var queue = "default"

    func run() async throws {
        let configuration = try ConnectionConfiguration(url: broker.amqpUrl)
        let publishing = Connection(configuration)
        let consuming = Connection(configuration)
        let queued = QueuedTasks(reports: "\(broker.namespace).reports", publishing: publishing)
        let name = "\(broker.namespace).tasks.\(queue).p2"
        try await withThrowingTaskGroup { group in
            group.addTask { try await publishing.run() }
            group.addTask { try await consuming.run() }
            let consumer = try await consuming.consume(queue: name, prefetch: 500) { queued.take($0) }
            let drained = try await drain(queued)
            print("drained \(drained)", to: &standardOutput)
            let first = try await queued.first()
            print(#"{"first_ns": \#(first), "drained": \#(drained)}"#, to: &standardOutput)
            withExtendedLifetime(consumer) {}
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// - Returns: how many tasks were done.
    private func drain(_ queued: QueuedTasks) async throws -> Int {
        var last = -1
        while true {
            let (done, isSettled) = try queued.progress
            if isSettled, done > 0, done == last {
                queued.stop()
                return done
            }
            last = done
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}

/// The tasks that were in the queue, and the first that was not.
private final class QueuedTasks: Sendable {
    private struct State {
        var known: Set<String> = []
        var unconfirmed = 0
        var isDraining = true
        var mistake: String?
    }

    private let state = Mutex(State())
    private let reports: String
    private let publishing: Connection
    private let (stream, continuation) = AsyncStream<UInt64>.makeStream()

    init(reports: String, publishing: Connection) {
        self.reports = reports
        self.publishing = publishing
    }

    func take(_ task: Delivery) {
        let moment = Monotonic.now
        guard let id = task.properties.messageID, let replyTo = task.properties.replyTo else { return fail("a task message without an id") }
        let isToDo = state.withLock { state in
            guard state.isDraining else {
                if !state.known.contains(id) { continuation.yield(moment) }
                return false
            }
            state.known.insert(id)
            state.unconfirmed += 1
            return true
        }
        guard isToDo else { return }
        let report = Publication(
            exchange: reports, routingKey: replyTo,
            properties: Properties(contentType: "application/json", correlationID: id, type: "completed"), body: Array("null".utf8))
        publishing.publish([report]) { [self] _, result in
            if case .failure(let error) = result { return fail("a report was not taken: \(error)") }
            task.ack()
            state.withLock { $0.unconfirmed -= 1 }
        }
    }

    private func fail(_ mistake: String) { state.withLock { $0.mistake = mistake } }

    /// How many tasks have come, and whether all of them are reported.
    var progress: (done: Int, isSettled: Bool) {
        get throws {
            try state.withLock { state in
                if let mistake = state.mistake { throw Mistake(mistake) }
                return (state.known.count, state.unconfirmed == 0)
            }
        }
    }

    /// From now on nothing more is done.
    func stop() { state.withLock { $0.isDraining = false } }

    /// When a task came that had not been there.
    func first() async throws -> UInt64 {
        for await moment in stream { return moment }
        throw Mistake("no new task came")
    }
}
