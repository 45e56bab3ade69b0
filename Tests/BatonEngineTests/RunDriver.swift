import BatonEngine
import BatonModel

/// What is wrong with a run after an event.
struct Inconsistency: Error, CustomStringConvertible {
    var description: String
}

/// A run with a clock and a store of its own: hands events to the engine, keeps what the effects ask for, and checks after each event
/// that the state, the store, and a state rebuilt from the store agree.
struct RunDriver {
    private(set) var state: RunState
    private(set) var store: MemoryStore
    var now = Timestamp(milliseconds: 1_000_000)
    var settings: EngineSettings
    /// Off where a graph is too large to be looked at as a whole after each event.
    var isChecked: Bool
    /// Attempts given to workers, oldest first.
    var queue: [AttemptID] = []
    /// The effects of the last event.
    private(set) var last: [RunEffect] = []
    private(set) var readied: [AttemptID] = []
    let listed: [TaskNode]
    private var generator = SeededGenerator(seed: 7)

    init(
        _ tasks: [TaskSpec], input: JSON? = nil, timeout: Duration? = nil, mode: Graph.Mode = .graph,
        onFailure: Graph.FailureMode? = nil, settings: EngineSettings = .init(), links: [Int: JSON] = [:], isChecked: Bool = true
    ) throws {
        let graph = Graph(name: "g", input: input, timeout: timeout, mode: mode, onFailure: onFailure, tasks: tasks)
        try graph.validate(checks: .standard)
        try self.init(graph, settings: settings, links: links, isChecked: isChecked)
    }

    init(_ graph: Graph, settings: EngineSettings = .init(), links: [Int: JSON] = [:], isChecked: Bool = true) throws {
        let prepared = try PreparedGraph(graph)
        self.settings = settings
        self.isChecked = isChecked
        store = MemoryStore(prepared, links: links)
        state = RunState(
            prepared.graph,
            header: RunHeader(
                id: "run", name: "g", correlationID: "c", timeout: graph.timeout, onFailure: graph.onFailure, createdAt: now))
        for task in links.keys { state.link(task) }
        listed = state.nodes.indices.map { [state] in state.nodes[$0] }
        let effects = try state.begin(
            prepared, links: links.mapValues { json in { json } }, now: now, settings: settings)
        try keep(effects)
    }

    // MARK: - Events

    @discardableResult
    mutating func handle(_ event: RunEvent) throws -> [RunEffect] {
        let earlier = generator
        var twin = isChecked ? rebuilt() : nil
        let effects = try state.handle(event, now: now, settings: settings, payloads: store, using: &generator)
        if twin != nil {
            var other = earlier
            let others = try twin?.handle(event, now: now, settings: settings, payloads: store, using: &other)
            guard others == effects else {
                throw Inconsistency(description: "after a restart \(event) gives other effects:\n\(effects)\n\(others ?? [])")
            }
        }
        try keep(effects)
        return effects
    }

    private mutating func keep(_ effects: [RunEffect]) throws {
        // A copy costs a comparison with everything, which only small graphs can bear.
        let before = isChecked ? store : nil
        last = effects
        let changed = store.keep(effects, of: state)
        for case .ready(let task) in effects {
            queue.append(state.attemptID(of: task))
            readied.append(state.attemptID(of: task))
        }
        if let before { try check(since: before) }
        for task in changed { state.release(task) }
    }

    func rebuilt() -> RunState { store.rebuilt(state.header, listed: listed) }

    /// As if the coordinator had died and another one had read the run.
    mutating func restart() { state = rebuilt() }

    /// Lets the time pass, and fires what becomes due on the way, in order.
    mutating func advance(by duration: Duration) throws {
        let end = now + duration
        while let next = store.timers.flatMap({ task, kinds in kinds.map { (due: $0.value, task: task, kind: $0.key) } })
            .filter({ $0.due <= end }).min(by: { ($0.due, $0.task, $0.kind.rawValue) < ($1.due, $1.task, $1.kind.rawValue) })
        {
            now = max(now, next.due)
            store.fired(next.kind, next.task)
            try handle(.timer(next.kind, task: next.task))
        }
        now = end
    }

    @discardableResult
    mutating func start(_ id: TaskID, on worker: WorkerID = "w1") throws -> [RunEffect] {
        try handle(.started(attempt(id), worker: worker, at: now))
    }

    @discardableResult
    mutating func complete(_ id: TaskID, _ result: JSON = .null, dispatch: [TaskSpec] = []) throws -> [RunEffect] {
        try handle(.completed(attempt(id), worker: "w1", startedAt: now, result: result, dispatch: dispatch))
    }

    @discardableResult
    mutating func fail(_ id: TaskID, _ error: TaskError = .final) throws -> [RunEffect] {
        try handle(.failed(attempt(id), worker: "w1", startedAt: now, error: error))
    }

    @discardableResult
    mutating func cancel(_ id: TaskID, _ reason: String = "stop") throws -> [RunEffect] {
        try handle(.cancelTask(index(id), reason: reason))
    }

    /// Executes what is ready, oldest first, until nothing is.
    mutating func work(_ execute: (TaskID, HandlerName) throws -> Outcome) throws {
        while !queue.isEmpty {
            let attempt = queue.removeFirst()
            guard state.tasks.has(attempt.task), state.attemptID(of: attempt.task) == attempt,
                state.tasks[attempt.task].status == .queued
            else { continue }
            switch try execute(id(attempt.task), state.nodes[attempt.task].handler) {
            case .gives(let result): try handle(.completed(attempt, worker: "w1", startedAt: now, result: result))
            case .dispatches(let specs):
                try handle(.completed(attempt, worker: "w1", startedAt: now, result: .null, dispatch: specs))
            case .fails(let error): try handle(.failed(attempt, worker: "w1", startedAt: now, error: error))
            case .runsOn: try handle(.started(attempt, worker: "w1", at: now))
            }
        }
    }

    enum Outcome {
        case gives(JSON)
        case dispatches([TaskSpec])
        case fails(TaskError)
        case runsOn
    }

    // MARK: - Looking

    func index(_ id: TaskID) -> Int { store.indices[id] ?? -1 }
    func id(_ task: Int) -> TaskID { store.specs[task].id }
    func has(_ id: TaskID) -> Bool { store.indices[id] != nil }
    func status(_ id: TaskID) -> TaskStatus? { store.indices[id].map { store.states[$0].status } }
    func attempt(_ id: TaskID) -> AttemptID {
        AttemptID(run: "run", task: index(id), number: Int(store.states[index(id)].attempt))
    }
    func result(_ id: TaskID) -> JSON? { store.results[index(id)] }
    func error(_ id: TaskID) -> TaskError? { store.errors[index(id)] }
    func part(_ part: TaskPart, _ id: TaskID) -> JSON? { store.parts[index(id)]?[part] }
    func due(_ id: TaskID, _ kind: TimerKind) -> Duration? { store.timers[index(id)]?[kind].map { $0 - now } }
    func flags(_ id: TaskID) -> TaskState.Flags { store.states[index(id)].flags }
    func attempts(_ id: TaskID) -> [AttemptView] { store.attempts[index(id)] ?? [] }
    func count(_ type: EventType, _ id: TaskID? = nil) -> Int {
        store.events.count { $0.type == type && (id == nil || $0.task == id.map(index)) }
    }
    /// The ids of all tasks that were added with the role, in their order.
    func added(_ role: TaskNode.Role) -> [TaskID] { store.added.filter { $0.value.role == role }.keys.sorted().map(id) }
    var runStatus: RunStatus { state.progress.status }
}

extension TaskError {
    /// One that no retry follows.
    static let final = TaskError(type: "e", message: "no", retryable: false)
    static let transient = TaskError(type: "transient", message: "not yet")
}

func task(
    _ id: TaskID, handler: HandlerName = "h", after: [Dependency] = [], inputs: JSON? = nil, retry: RetryPolicy? = nil,
    timeouts: Timeouts = .none, start: TaskSpec.Start = .atOnce, critical: Bool = true, _ change: (inout TaskRules) -> Void = { _ in }
) -> TaskSpec {
    var rules = TaskRules()
    change(&rules)
    return TaskSpec(
        id: id, handler: handler, inputs: inputs, dependencies: after, start: start, retry: retry, timeouts: timeouts,
        critical: critical, rules: rules)
}

func json(_ value: JSONValue) -> JSON { JSON(value) }
