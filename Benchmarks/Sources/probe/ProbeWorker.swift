import BatonModel
import BatonWorker
import Logging
import Synchronization

/// A worker within the probe, whose handlers say what happens to them.
struct ProbeWorker: Sendable {
    /// Runs until it is cancelled.
    static let waits: HandlerName = "probe.wait"
    /// Counts, and is done.
    static let counts: HandlerName = "probe.count"

    let watch = Watch()
    private let worker: Worker

    init(_ options: ClusterOptions, slots: Int) throws {
        var logger = Logger(label: "probe")
        logger.logLevel = .warning
        let configuration = WorkerConfiguration(slots: slots, namespace: options.namespace, amqpURL: options.amqpUrl)
        worker = try Worker(configuration, logger: logger)
        let watch = watch
        worker.register(Self.counts) { (_: JSON, _: TaskContext) in
            watch.count()
            return JSON.null
        }
        worker.register(Self.waits) { (_: JSON, context: TaskContext) in
            watch.started(context.runID)
            try await withTaskCancellationHandler {
                try await Task.sleep(for: .seconds(3_600))
            } onCancel: {
                watch.cancelled(context.runID)
            }
            return JSON.null
        }
    }

    func run() async throws { try await worker.run() }

    /// What the handlers have seen.
    final class Watch: Sendable {
        private struct State {
            var counted = 0
            var started: Set<RunID> = []
            var cancelled: [RunID: UInt64] = [:]
        }

        private let state = Mutex(State())

        func count() { state.withLock { $0.counted += 1 } }
        func started(_ run: RunID) { state.withLock { _ = $0.started.insert(run) } }
        func cancelled(_ run: RunID) {
            let moment = Monotonic.now
            state.withLock { $0.cancelled[run] = moment }
        }

        /// Executions of `probe.count`.
        var counted: Int { state.withLock { $0.counted } }
        /// Whether the waiting task of the run has begun.
        func hasStarted(_ run: RunID) -> Bool { state.withLock { $0.started.contains(run) } }
        /// When the waiting task of the run was told to stop.
        func cancellation(of run: RunID) -> UInt64? { state.withLock { $0.cancelled[run] } }
    }
}

/// Looks every few milliseconds whether something holds; fails after a minute.
func wait(until what: String, _ holds: () async throws -> Bool) async throws {
    let end = Monotonic.now + 60_000_000_000
    while try await !holds() {
        guard Monotonic.now < end else { throw Mistake("\(what): not so after a minute") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
