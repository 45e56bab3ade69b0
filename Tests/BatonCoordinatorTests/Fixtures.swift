import BatonBroker
import BatonCoordinator
import BatonModel
import BatonStore
import BatonTesting
import Dispatch
import Synchronization

func graph(_ tasks: TaskSpec..., name: String = "test", key: String? = nil) -> Graph { Graph(name: name, key: key, tasks: tasks) }

func task(
    _ id: TaskID, after dependencies: Dependency..., handler: HandlerName = "work", inputs: JSONValue? = nil, flat: Bool = false,
    priority: Priority = .normal, start: TaskSpec.Start = .atOnce, retry: RetryPolicy? = RetryPolicy.none
) -> TaskSpec {
    TaskSpec(
        id: id, handler: handler, inputs: inputs.map { JSON($0) }, dependencies: dependencies, mergesFlat: flat,
        priority: priority, start: start, retry: retry)
}

/// No workers of its own, for scripted ones.
func withCoordinator<Value>(
    clock: TestClock? = nil, configure: (inout TestClusterSettings) -> Void = { _ in }, _ body: (TestCluster) async throws -> Value
) async throws -> Value {
    var settings = TestClusterSettings()
    settings.workers = 0
    settings.clock = clock
    configure(&settings)
    return try await withCluster(settings, body)
}

extension TaskSpec {
    func with(_ change: (inout TaskSpec) -> Void) -> TaskSpec {
        var spec = self
        change(&spec)
        return spec
    }
}

extension TestCluster {
    /// How many attempts are with the broker, once all that was said before has been decided on.
    func published() async throws -> Int {
        try await coordinator.tick()
        return try await coordinator.queues().flatMap(\.levels).reduce(0) { $0 + $1.published }
    }

    func refusal<Value>(of body: () async throws -> Value) async -> OperationError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? OperationError)?.code
        }
    }

    func count(_ type: EventType, _ task: TaskID? = nil, of run: RunID) async throws -> Int {
        try await events(of: run).count { $0.type == type && (task == nil || $0.task == task) }
    }
}

/// Refuses to write while a test wants it to.
final class FailingStore: Store {
    private let store: any Store
    private let switchboard: Switch

    final class Switch: Sendable {
        private let failing = Mutex(false)
        let refusals = Journal<Void>()
        var isFailing: Bool {
            get { failing.withLock { $0 } }
            set { failing.withLock { $0 = newValue } }
        }
    }

    init(_ store: any Store, _ switchboard: Switch) {
        self.store = store
        self.switchboard = switchboard
    }

    func write<Value>(_ body: (any StoreTransaction) throws -> Value) throws -> Value {
        try store.write { transaction in
            let value = try body(transaction)
            if switchboard.isFailing {
                switchboard.refusals.append(())
                throw StoreError(.unusable, "the test wants the disk to be full")
            }
            return value
        }
    }

    func read<Value>(_ body: (any StoreReader) throws -> Value) throws -> Value { try store.read(body) }

    func close() { store.close() }
}

/// Holds its next write up until a test lets it fail.
final class HeldStore: Store {
    private let store: any Store
    private let hold: Hold

    final class Hold: Sendable {
        let held = Journal<Void>()
        private let isArmed = Mutex(false)
        private let release = DispatchSemaphore(value: 0)

        func arm() { isArmed.withLock { $0 = true } }
        func fail() { release.signal() }

        /// The core's own thread, so that no task waits for it.
        fileprivate func pass() throws {
            let holds = isArmed.withLock { isArmed in
                defer { isArmed = false }
                return isArmed
            }
            guard holds else { return }
            held.append(())
            release.wait()
            throw StoreError(.unusable, "the test wants the disk to be full")
        }
    }

    init(_ store: any Store, _ hold: Hold) {
        self.store = store
        self.hold = hold
    }

    func write<Value>(_ body: (any StoreTransaction) throws -> Value) throws -> Value {
        try hold.pass()
        return try store.write(body)
    }

    func read<Value>(_ body: (any StoreReader) throws -> Value) throws -> Value { try store.read(body) }

    func close() { store.close() }
}

/// Tells each transaction that it has written.
final class CountingStore: Store {
    private let store: any Store
    private let commits: Journal<Void>

    init(_ store: any Store, _ commits: Journal<Void>) {
        self.store = store
        self.commits = commits
    }

    func write<Value>(_ body: (any StoreTransaction) throws -> Value) throws -> Value {
        let value = try store.write(body)
        commits.append(())
        return value
    }

    func read<Value>(_ body: (any StoreReader) throws -> Value) throws -> Value { try store.read(body) }

    func close() { store.close() }
}

/// The store of a cluster, for what tests look at or put there behind the coordinator's back.
final class KeptStore: Sendable {
    private let kept = Mutex<(any Store)?>(nil)

    var keep: @Sendable (any Store) -> any Store {
        { [self] store in
            kept.withLock { $0 = store }
            return store
        }
    }

    var store: any Store {
        get throws {
            guard let store = kept.withLock({ $0 }) else { throw StoreError(.unusable, "there is none yet") }
            return store
        }
    }
}
