import BatonEngine
import BatonModel

/// A run with a clock of its own: hands events to the engine, and keeps what the effects ask for.
struct RunDriver {
    private(set) var state: RunState
    var now = Timestamp(milliseconds: 1_000_000)
    var settings = EngineSettings()
    private(set) var effects: [RunEffect] = []
    private(set) var ready: [Int] = []
    private(set) var results: [Int: JSON] = [:]
    private(set) var errors: [Int: TaskError] = [:]
    private(set) var attempts: [Int: [AttemptView]] = [:]
    private(set) var timers: [Int: [TimerKind: Timestamp]] = [:]
    private(set) var events: [(type: EventType, task: Int?, attempt: Int?)] = []
    private(set) var isFinished = 0
    private var generator = SeededGenerator(seed: 7)

    init(_ tasks: [TaskSpec], timeout: Duration? = nil, onFailure: Graph.FailureMode = .stop, settings: EngineSettings = .init()) throws {
        let graph = Graph(name: "g", timeout: timeout, onFailure: onFailure, tasks: tasks)
        try graph.validate()
        self.settings = settings
        state = RunState(
            graph, header: RunHeader(id: "run", name: "g", correlationID: "c", timeout: timeout, onFailure: onFailure, createdAt: now))
        keep(try state.begin(now: now, settings: settings, using: &generator))
    }

    func index(_ id: TaskID) -> Int { state.nodes.firstIndex { $0.id == id } ?? -1 }
    func status(_ id: TaskID) -> TaskStatus { state.tasks[index(id)].status }
    func attempt(_ id: TaskID) -> AttemptID { state.attemptID(of: index(id)) }
    func error(_ id: TaskID) -> TaskError? { errors[index(id)] }
    func due(_ id: TaskID, _ kind: TimerKind) -> Duration? { timers[index(id)]?[kind].map { $0 - now } }
    func count(_ type: EventType, _ id: TaskID? = nil) -> Int {
        events.count { $0.type == type && (id == nil || $0.task == id.map(index)) }
    }

    @discardableResult
    mutating func handle(_ event: RunEvent) throws -> [RunEffect] {
        let effects = try state.handle(event, now: now, settings: settings, using: &generator)
        keep(effects)
        return effects
    }

    @discardableResult
    mutating func start(_ id: TaskID, on worker: WorkerID = "w1") throws -> [RunEffect] {
        try handle(.started(attempt(id), worker: worker, at: now))
    }

    @discardableResult
    mutating func complete(_ id: TaskID, _ result: JSON = .null) throws -> [RunEffect] {
        try handle(.completed(attempt(id), worker: "w1", startedAt: now, result: result))
    }

    @discardableResult
    mutating func fail(_ id: TaskID, _ error: TaskError = TaskError(type: "e", message: "no", retryable: false)) throws -> [RunEffect] {
        try handle(.failed(attempt(id), worker: "w1", startedAt: now, error: error))
    }

    /// Lets the time pass, and fires what becomes due on the way, in order.
    mutating func advance(by duration: Duration) throws {
        let end = now + duration
        while let next = timers.flatMap({ task, kinds in kinds.map { (due: $0.value, task: task, kind: $0.key) } })
            .filter({ $0.due <= end }).min(by: { ($0.due, $0.task) < ($1.due, $1.task) })
        {
            now = max(now, next.due)
            timers[next.task]?[next.kind] = nil
            try handle(.timer(next.kind, task: next.task))
        }
        now = end
    }

    private mutating func keep(_ new: [RunEffect]) {
        effects += new
        for effect in new {
            switch effect {
            case .ready(let task): ready.append(task)
            case .result(let task, let result): results[task] = result
            case .error(let task, let error): errors[task] = error
            case .attempt(let task, let attempt): attempts[task, default: []].append(attempt)
            case .arm(let task, let kind, let due): timers[task, default: [:]][kind] = due
            case .disarm(let task, let kind): timers[task]?[kind] = nil
            case .event(let type, let task, let attempt, _): events.append((type, task, attempt))
            case .finished: isFinished += 1
            case .store, .append, .checkpoint, .revoke, .forget, .leased, .claimed, .park: break
            }
        }
    }

    /// What the counters say must be what the tasks say, whatever has happened.
    var isConsistent: Bool {
        var counts = RunProgress().counts
        for (node, task) in zip(state.nodes, state.tasks) where node.hook == nil { counts[task.status.position] += 1 }
        let restored = RunState(header: state.header, nodes: state.nodes, tasks: state.tasks, progress: state.progress)
        return counts == state.progress.counts && restored.progress.counts == counts
            && zip(restored.tasks, state.tasks).allSatisfy { $0.status != .pending || state.progress.ending != nil || $0.waiting == $1.waiting }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

func task(_ id: TaskID, after: [Dependency] = [], retry: RetryPolicy? = nil, timeouts: Timeouts = .none, start: TaskSpec.Start = .atOnce, critical: Bool = true) -> TaskSpec {
    TaskSpec(id: id, handler: "h", dependencies: after, start: start, retry: retry, timeouts: timeouts, critical: critical)
}
