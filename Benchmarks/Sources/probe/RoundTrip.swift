import AMQP
import ArgumentParser
import Synchronization

/// Publishes tasks and takes their reports, through queues that `echo` works on, with nothing of Baton but its AMQP module.
struct RoundTrip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "round-trip", abstract: "Measure the broker alone: a message to a worker, and one back.")

    @Option(help: "The broker's address.")
    var url: String

    @Option(help: "How many tasks.")
    var tasks = 10_000

    @Option(help: "Tasks on the wire without a confirm.")
    var window = 1_000

    @Flag(help: "Send the next task when the one before has come back.")
    var oneByOne = false

    func run() async throws {
        var configuration = try ConnectionConfiguration(url: url)
        configuration.maxUnconfirmed = window
        let consuming = Connection(configuration)
        let publishing = Connection(configuration)
        try await withThrowingTaskGroup { group in
            group.addTask { try await consuming.run() }
            group.addTask { try await publishing.run() }
            try await publishing.waitUntilConnected()
            if oneByOne { try await oneByOne(publishing, consuming) } else { try await all(publishing, consuming) }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func all(_ publishing: Connection, _ consuming: Connection) async throws {
        let arrivals = Arrivals(count: tasks)
        let consumer = try await consuming.consume(queue: LimitMessages.reportsQueue, prefetch: 1_000) { report in
            arrivals.add(LimitMessages.number(of: report))
            report.ack()
        }
        let clock = ContinuousClock()
        let start = clock.now
        publishing.publish((0..<tasks).map(LimitMessages.task)) { _, result in
            if case .failure(let error) = result { arrivals.fail("\(error)") }
        }
        try await arrivals.wait()
        let seconds = (clock.now - start).seconds
        withExtendedLifetime(consumer) {}
        print(#"{"seconds": \#(seconds), "tasks": \#(tasks)}"#, to: &standardOutput)
    }

    private func oneByOne(_ publishing: Connection, _ consuming: Connection) async throws {
        let consumer = try await consuming.consume(queue: LimitMessages.reportsQueue, prefetch: 1_000)
        var reports = consumer.makeAsyncIterator()
        let clock = ContinuousClock()
        var times: [Duration] = []
        let start = clock.now
        for number in 0..<tasks {
            let sent = clock.now
            try await publishing.publish(LimitMessages.task(number))
            guard let report = await reports.next(), LimitMessages.number(of: report) == number else {
                throw Mistake("task \(number) did not come back")
            }
            report.ack()
            times.append(clock.now - sent)
        }
        let seconds = (clock.now - start).seconds
        times.sort()
        let median = times[tasks / 2].seconds * 1e6
        print(#"{"seconds": \#(seconds), "tasks": \#(tasks), "median_us": \#(median)}"#, to: &standardOutput)
    }

    func validate() throws {
        guard tasks > 0, window > 0 else { throw ValidationError("--tasks and --window must be positive") }
    }
}

/// Which tasks have come back: each exactly once, or it fails.
private final class Arrivals: Sendable {
    private struct State {
        var seen: [Bool]
        var missing: Int
    }

    private let state: Mutex<State>
    private let (stream, continuation) = AsyncThrowingStream<Void, any Error>.makeStream()

    init(count: Int) { state = Mutex(State(seen: Array(repeating: false, count: count), missing: count)) }

    func add(_ number: Int?) {
        let isLast: Bool? = state.withLock { state in
            guard let number, state.seen.indices.contains(number), !state.seen[number] else { return nil }
            state.seen[number] = true
            state.missing -= 1
            return state.missing == 0
        }
        guard let isLast else { return fail("a report of no task, or the second one of task \(number ?? -1)") }
        if isLast { continuation.finish() }
    }

    func fail(_ text: String) { continuation.finish(throwing: Mistake(text)) }

    func wait() async throws { for try await _ in stream {} }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
