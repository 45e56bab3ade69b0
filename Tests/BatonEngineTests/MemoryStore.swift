import BatonEngine
import BatonModel

/// What a store keeps of one run, by the effects it was given: enough to rebuild the run's state.
struct MemoryStore {
    struct Added {
        var role: TaskNode.Role
        var origin: Int
        var number: Int
    }

    private(set) var specs: [TaskSpec]
    private(set) var added: [Int: Added] = [:]
    private(set) var indices: [TaskID: Int] = [:]
    private(set) var states: [TaskState]
    private(set) var progress = RunProgress()
    private(set) var results: [Int: JSON] = [:]
    private(set) var errors: [Int: TaskError] = [:]
    private(set) var parts: [Int: [TaskPart: JSON]] = [:]
    private(set) var items: [Int: [JSON]] = [:]
    /// The task that was added last for each item of a loop.
    private(set) var itemTasks: [Int: [Int: Int]] = [:]
    private(set) var loops: [Int: LoopState] = [:]
    private(set) var attempts: [Int: [AttemptView]] = [:]
    private(set) var timers: [Int: [TimerKind: Timestamp]] = [:]
    private(set) var events: [(type: EventType, task: Int?, attempt: Int?, data: JSON?)] = []
    private(set) var revoked: [AttemptID] = []
    private(set) var children: [AttemptID] = []
    private(set) var cancelledChildren: [AttemptID] = []
    private(set) var parked: [AttemptID] = []
    private(set) var sentAgain: [AttemptID] = []
    private(set) var finished = 0
    private(set) var twice: [TaskID] = []
    private let graphInput: JSON?
    private let links: [Int: JSON]

    init(_ prepared: PreparedGraph, links: [Int: JSON]) {
        specs = prepared.graph.tasks
        states = Array(repeating: TaskState(), count: specs.count)
        graphInput = prepared.graph.input
        self.links = links
        for (index, spec) in specs.enumerated() { indices[spec.id] = index }
    }

    /// - Returns: the tasks whose state changed.
    mutating func keep(_ effects: [RunEffect], of state: RunState) -> [Int] {
        var changed: [Int] = []
        for effect in effects {
            switch effect {
            case .store(let task): changed.append(task)
            case .append(let task, let spec):
                changed.append(task)
                append(task, spec, state.nodes[task])
            case .event(let type, let task, let attempt, let data):
                if type == .runRestarted { finished = 0 }
                events.append((type, task, attempt, data))
            case .result(let task, let result):
                results[task] = result
                errors[task] = nil
            case .error(let task, let error): errors[task] = error
            case .part(let task, let part, let payload): parts[task, default: [:]][part] = payload
            case .clear(let task):
                results[task] = nil
                errors[task] = nil
                parts[task] = nil
            case .items(let task, let list):
                items[task] = list
                itemTasks[task] = [:]
            case .loop(let task, let loop): loops[task] = loop
            case .startChild(let task): children.append(state.attemptID(of: task))
            case .cancelChild(let attempt, _): cancelledChildren.append(attempt)
            case .attempt(let task, let attempt, _):
                attempts[task, default: []].removeAll { $0.number == attempt.number }
                attempts[task, default: []].append(attempt)
            case .arm(let task, let kind, let due): timers[task, default: [:]][kind] = due
            case .disarm(let task, let kind): timers[task]?[kind] = nil
            case .revoke(let attempt, _): revoked.append(attempt)
            case .sendAgain(let attempt): sentAgain.append(attempt)
            case .park(let attempt, _): parked.append(attempt)
            case .finished: finished += 1
            case .ready, .forget, .leased, .claimed: break
            }
        }
        for task in changed {
            states[task] = state.tasks[task]
            states[task].waiting = 0
        }
        progress = state.progress
        return changed
    }

    private mutating func append(_ task: Int, _ spec: TaskSpec, _ node: TaskNode) {
        precondition(task == specs.count, "tasks are added in the order of their numbers")
        specs.append(spec)
        states.append(TaskState())
        if indices.updateValue(task, forKey: spec.id) != nil { twice.append(spec.id) }
        guard let role = node.role else { return }
        added[task] = Added(role: role, origin: Int(node.origin), number: Int(node.number))
        if role == .item { itemTasks[Int(node.origin), default: [:]][Int(node.number)] = task }
    }

    mutating func fired(_ kind: TimerKind, _ task: Int) { timers[task]?[kind] = nil }

    /// The run as whoever reads it from here sees it.
    func rebuilt(_ header: RunHeader, listed: [TaskNode]) -> RunState {
        var open: [Int: (node: TaskNode, state: TaskState)] = [:]
        for (task, entry) in added {
            let state = states[task]
            let isNeeded = state.status == .failed || state.status == .cancelled || state.flags.contains(.kept)
            guard !state.status.isFinal || entry.role.counts && isNeeded else { continue }
            open[task] = (node(task, entry), state)
        }
        return RunState(
            header: header, nodes: listed, tasks: Array(states.prefix(listed.count)), progress: progress, added: open,
            count: specs.count, loops: loops.filter { !states[$0.key].status.isFinal })
    }

    private func node(_ task: Int, _ entry: Added) -> TaskNode {
        let spec = specs[task]
        return TaskNode(
            id: spec.id, handler: spec.handler, queue: spec.queue, priority: spec.priority,
            critical: spec.critical && entry.role.counts, start: spec.start, policies: TaskNode.Policies(spec),
            dependencies: spec.dependencies.compactMap { dependency in
                indices[dependency.task].map { TaskNode.Edge(task: $0, condition: dependency.condition) }
            },
            role: entry.role, origin: entry.origin, number: entry.number)
    }
}

extension MemoryStore: RunPayloads {
    func input() -> JSON? { graphInput }
    func inputs(of task: Int) -> JSON? { specs[task].inputs }
    func dependencies(of task: Int) -> [Dependency] { specs[task].dependencies }
    func result(of task: Int) -> JSON? { results[task] ?? links[task] }
    func error(of task: Int) -> TaskError? { errors[task] }
    func part(_ part: TaskPart, of task: Int) -> JSON? { parts[task]?[part] }
    func item(_ number: Int, of loop: Int) -> JSON? { items[loop].flatMap { $0.indices.contains(number) ? $0[number] : nil } }
    func itemCount(of loop: Int) -> Int { items[loop]?.count ?? 0 }

    func collected(_ loop: Int, count: Int, adding results: [Int: JSON], limit: Int) -> JSON? {
        var writer = JSONWriter()
        writer.array { writer in
            for number in 0..<count {
                writer.write(results[number] ?? itemTasks[loop]?[number].flatMap { self.results[$0] } ?? .null)
            }
        }
        return writer.json.bytes.count > limit ? nil : writer.json
    }
}
