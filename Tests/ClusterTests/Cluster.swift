import BatonModel
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A coordinator and workers, each a process of its own, on a namespace of their own of a real broker.
final class Cluster: Sendable {
    struct Options: Sendable {
        var workers = 2
        var slots = 8
        var queues = ["default"]
        var allowShell = false
        /// Added to the processes' broker address, such as `heartbeat=1`.
        var brokerQuery: String?
        /// Queues of Celery applications: the part after the namespace, and Baton's queue.
        var celery: [String: String] = [:]
        /// `nil` for the common one.
        var broker: RabbitMQ?
        /// Added to the coordinator's arguments.
        var coordinator: [String] = []
        /// What the tests themselves show where access control is on.
        var token: String?
        /// Accounts on the broker for the processes, as `name:password`; `nil` for that of the broker's address.
        var coordinatorAccount: String?
        var workerAccount: String?
        /// `nil` for one made up.
        var namespace: String?
        /// Whether the coordinator and the workers are there when the test begins, or are the test's to start.
        var isStarted = true
        /// Whether the ends of the logs go with a failure. One cluster at a time can have that.
        var isFollowed = true
    }

    /// A worker process, and the id it announced.
    struct WorkerProcess: Sendable {
        let program: Program
        let id: WorkerID
    }

    private struct State {
        var programs: [Program] = []
        var coordinator: Program?
        var workers: [WorkerProcess] = []
        var queues: Set<QueueName> = []
        var foreignQueues: Set<String> = []
        var started = 0
    }

    let options: Options
    let broker: RabbitMQ
    let namespace: String
    let directory: String
    let api: ServerAPI
    private let port: Int
    private let state = Mutex(State())

    fileprivate init(_ options: Options) async throws {
        self.options = options
        if let broker = options.broker { self.broker = broker } else { broker = try await RabbitMQ.common() }
        namespace = options.namespace ?? Self.freshNamespace()
        directory = FileManager.default.temporaryDirectory.appending(path: "baton-" + namespace).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        port = try Self.freePort()
        api = ServerAPI(base: "http://127.0.0.1:\(port)", token: options.token)
        note(queues: options.queues)
    }

    var database: String { directory + "/baton.sqlite" }
    var workers: [WorkerProcess] { state.withLock { $0.workers } }

    /// The address that the processes are given.
    private func url(_ account: String?) -> String { broker.url(account) + (options.brokerQuery.map { "?" + $0 } ?? "") }

    static func freshNamespace() -> String { "test-" + UUID().uuidString.prefix(8).lowercased() }

    // MARK: Processes

    /// Starts a program that ends with the cluster.
    func program(_ name: String, _ words: [String], environment: [String: String] = [:]) throws -> Program {
        let program = try Program(name, words, log: "\(directory)/\(name).log", environment: environment)
        state.withLock { $0.programs.append(program) }
        return program
    }

    /// `baton` with these arguments, to its end.
    func baton(_ arguments: String..., within limit: Duration = .seconds(60)) async throws -> (status: Int32, output: String) {
        try await baton(arguments, within: limit)
    }

    func baton(_ arguments: [String], within limit: Duration = .seconds(60)) async throws -> (status: Int32, output: String) {
        let program = try program("\(arguments[0])-\(number())", [try Repository.baton()] + arguments)
        let status = try await program.exit(within: limit)
        return (status, program.output.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n"))
    }

    /// The arguments of a coordinator on this cluster's database.
    var coordinatorArguments: [String] { coordinatorArguments(http: "127.0.0.1:\(port)") }

    func coordinatorArguments(http: String) -> [String] {
        ["coordinator", "--amqp-url", url(options.coordinatorAccount), "--namespace", namespace, "--database", database, "--http", http]
            + options.coordinator
            + options.celery.sorted { $0.key < $1.key }.flatMap { ["--celery-queue", "\(celeryQueue($0.key))=\($0.value)"] }
    }

    /// A queue of another program's, deleted with the cluster.
    func celeryQueue(_ name: String) -> String {
        let queue = "celery-\(namespace)-\(name)"
        state.withLock { _ = $0.foreignQueues.insert(queue) }
        return queue
    }

    /// Starts the coordinator, again where it has ended, without waiting until it is ready.
    @discardableResult
    func launchCoordinator(environment: [String: String] = [:]) throws -> Program {
        let program = try program("coordinator", [try Repository.baton()] + coordinatorArguments, environment: environment)
        state.withLock { $0.coordinator = program }
        return program
    }

    /// Starts the coordinator and waits until it is ready.
    func startCoordinator() async throws {
        try launchCoordinator()
        try await coordinatorIsReady()
    }

    func coordinatorIsReady(within limit: Duration = .seconds(60)) async throws {
        try await eventually("a coordinator that is ready", within: limit) {
            try checkCoordinatorRuns()
            return try await api.ask("GET", "/readyz").status == 200 ? () : nil
        }
    }

    private func checkCoordinatorRuns() throws {
        if let status = coordinator.status { throw Failure("the coordinator has ended (\(status))") }
    }

    var coordinator: Program {
        guard let program = state.withLock({ $0.coordinator }) else { preconditionFailure("no coordinator was started") }
        return program
    }

    /// Starts a worker process without waiting for it.
    func launchWorker(slots: Int? = nil, queues: [String]? = nil, environment: [String: String] = [:]) throws -> Program {
        var words = [try Repository.baton(), "worker", "--amqp-url", url(options.workerAccount), "--namespace", namespace]
        words += ["--queues", (queues ?? options.queues).joined(separator: ","), "--slots", String(slots ?? options.slots)]
        if options.allowShell { words.append("--allow-shell") }
        if let queues { note(queues: queues) }
        return try program("worker-\(number())", words, environment: environment)
    }

    /// Starts a worker and waits until the coordinator knows it.
    @discardableResult
    func startWorker(slots: Int? = nil, queues: [String]? = nil) async throws -> WorkerProcess {
        let program = try launchWorker(slots: slots, queues: queues)
        let id = try await eventually("the announcement of \(program.name)") {
            if let status = program.status { throw Failure("it has ended (\(status))") }
            // The id names the process: <host>-<process>-<random>.
            return try await api.workers().first { $0.state == "running" && $0.id.rawValue.contains("-\(program.id)-") }?.id
        }
        let worker = WorkerProcess(program: program, id: id)
        state.withLock { $0.workers.append(worker) }
        return worker
    }

    /// The process that announced itself by this id.
    func worker(_ id: String?) throws -> WorkerProcess {
        guard let worker = workers.first(where: { $0.id.rawValue == id }) else {
            throw Failure("no process of this cluster is worker '\(id ?? "nil")'")
        }
        return worker
    }

    /// Kills the coordinator and all workers at once, as a loss of power would.
    func crashAll() async throws {
        let running = state.withLock { state in
            state.workers = []
            return state.programs.filter(\.isRunning)
        }
        for program in running { program.signal(SIGKILL) }
        for program in running { try await program.exit() }
    }

    private func number() -> Int {
        state.withLock { state in
            state.started += 1
            return state.started
        }
    }

    // MARK: Queues

    /// Task queues to be deleted with the cluster.
    func note(queues: [String]) { state.withLock { $0.queues.formUnion(queues.map(QueueName.init(rawValue:))) } }

    /// A connection to the broker beside the cluster's own.
    func withPeer<Value>(_ body: (BrokerPeer) async throws -> Value) async throws -> Value {
        try await BrokerPeer.with(url: broker.url, namespace: namespace, body)
    }

    // MARK: Beginning and end

    fileprivate func start() async throws {
        guard options.isStarted else { return }
        try await startCoordinator()
        for _ in 0..<options.workers { try await startWorker() }
    }

    /// Nothing may be left, neither on this machine nor on the broker.
    fileprivate func stop() async {
        try? await crashAll()
        if options.isFollowed { FailureLogs.freeze() }
        let (queues, foreign) = state.withLock { ($0.queues, $0.foreignQueues) }
        do {
            try await within(.seconds(20), "the deletion of namespace \(namespace)") { [self] in
                try await withPeer { peer in
                    for queue in foreign { try await peer.delete(queue: queue) }
                    try await peer.deleteNamespace(queues: queues)
                }
            }
        } catch {
            FileHandle.standardError.write(Data("namespace \(namespace) is left on the broker: \(error)\n".utf8))
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    var logTails: String {
        let logs = Set(state.withLock { $0.programs.map(\.log) }).sorted()
        return logs.map { log in
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? "no log"
            return "=== \(log.split(separator: "/").last ?? "")\n\(text.lastLines(40))"
        }.joined(separator: "\n")
    }

    /// Below the range from which the system takes ports for outgoing connections.
    private static func freePort() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 12_000..<20_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
            if result == 0 { return port }
        }
        throw Failure("no free port found")
    }
}

/// Runs a cluster while the body runs; whatever happens, nothing of it is left.
func withCluster(_ options: Cluster.Options, _ body: (Cluster) async throws -> Void) async throws {
    let cluster = try await Cluster(options)
    if options.isFollowed { FailureLogs.follow { cluster.logTails } } else { FailureLogs.followNothing() }
    do {
        try await cluster.start()
        try await body(cluster)
    } catch {
        await cluster.stopUncancelled()
        throw error
    }
    await cluster.stopUncancelled()
}

func withCluster(
    workers: Int = 2, slots: Int = 8, queues: [String] = ["default"], allowShell: Bool = false, brokerQuery: String? = nil,
    celery: [String: String] = [:], broker: RabbitMQ? = nil, _ body: (Cluster) async throws -> Void
) async throws {
    let options = Cluster.Options(
        workers: workers, slots: slots, queues: queues, allowShell: allowShell, brokerQuery: brokerQuery,
        celery: celery, broker: broker)
    try await withCluster(options, body)
}

extension Cluster {
    /// A test whose time is up is cancelled; the end has to be reached all the same.
    fileprivate func stopUncancelled() async {
        // Unstructured so that cancellation doesn't reach it; it is awaited here.
        await Task { await stop() }.value
    }
}
