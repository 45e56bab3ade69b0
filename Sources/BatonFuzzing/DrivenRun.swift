import BatonEngine
import BatonModel
import Synchronization

/// A run without a store and a broker, whose attempts complete one after another with results of several kinds.
final class DrivenRun {
    private let graph: Graph
    private var payloads: DrivenPayloads
    private var state: RunState
    private var ready: [AttemptID] = []
    private var generator = SeededGenerator(seed: 1)
    private var now = Timestamp(milliseconds: 1_764_000_000_000)
    private var settings = EngineSettings()

    private static let results: [JSON] = [
        .emptyObject, .null, JSON(trusted: Array("[1,2]".utf8)), JSON(trusted: Array(#"{"a":{"b":"x"},"ok":true,"items":[1]}"#.utf8)),
        JSON(trusted: Array("1e400".utf8)), JSON(trusted: Array(#""x""#.utf8)),
    ]

    /// - Throws: what preparing and the first decision throw, which for a graph that was accepted is nothing.
    init(_ graph: Graph) throws {
        self.graph = graph
        let prepared = try PreparedGraph(graph)
        payloads = DrivenPayloads(prepared)
        let header = RunHeader(id: "run", name: graph.name, correlationID: "c", timeout: graph.timeout, onFailure: graph.onFailure, createdAt: now)
        state = RunState(prepared.graph, header: header)
        keep(try state.begin(prepared, now: now, settings: settings))
    }

    /// - Throws: what decisions throw.
    func work(steps: Int) throws {
        var step = 0
        while step < steps, !ready.isEmpty {
            let attempt = ready.removeFirst()
            now = now + .milliseconds(10)
            keep(try state.handle(event(of: attempt, step), now: now, settings: settings, payloads: payloads, using: &generator))
            step += 1
        }
    }

    private func event(of attempt: AttemptID, _ step: Int) -> RunEvent {
        if step % 7 == 6 {
            return .failed(attempt, worker: "w", startedAt: now, error: TaskError(type: "e", message: "no", retryable: step % 2 == 0 ? false : nil))
        }
        return .completed(attempt, worker: "w", startedAt: now, result: Self.results[step % Self.results.count])
    }

    private func keep(_ effects: [RunEffect]) {
        for effect in effects {
            payloads.keep(effect)
            if case .ready(let task) = effect { ready.append(state.attemptID(of: task)) }
        }
    }
}

/// What a store would have of a run.
private struct DrivenPayloads: RunPayloads {
    private let prepared: PreparedGraph
    private var specs: [Int: TaskSpec]
    private var results: [Int: JSON] = [:]
    private var errors: [Int: TaskError] = [:]
    private var parts: [Int: [TaskPart: JSON]] = [:]
    private var items: [Int: [JSON]] = [:]

    init(_ prepared: PreparedGraph) {
        self.prepared = prepared
        specs = Dictionary(uniqueKeysWithValues: prepared.graph.tasks.enumerated().map { ($0.offset, $0.element) })
    }

    mutating func keep(_ effect: RunEffect) {
        switch effect {
        case .append(let task, let spec): specs[task] = spec
        case .result(let task, let result): results[task] = result
        case .error(let task, let error): errors[task] = error
        case .part(let task, let part, let value): parts[task, default: [:]][part] = value
        case .items(let task, let list): items[task] = list
        case .clear(let task): (results[task], errors[task], parts[task]) = (nil, nil, nil)
        default: break
        }
    }

    func input() -> JSON? { prepared.graph.input }
    func inputs(of task: Int) -> JSON? { specs[task]?.inputs }
    func dependencies(of task: Int) -> [Dependency] { specs[task]?.dependencies ?? [] }
    func result(of task: Int) -> JSON? { results[task] }
    func error(of task: Int) -> TaskError? { errors[task] }
    func part(_ part: TaskPart, of task: Int) -> JSON? { parts[task]?[part] }
    func itemCount(of loop: Int) -> Int { items[loop]?.count ?? 0 }

    func item(_ number: Int, of loop: Int) -> JSON? {
        guard let list = items[loop], list.indices.contains(number) else { return nil }
        return list[number]
    }

    func collected(_ loop: Int, count: Int, adding results: [Int: JSON], limit: Int) -> JSON? {
        var writer = JSONWriter()
        writer.array { for number in 0..<count { $0.write(results[number] ?? .null) } }
        return writer.json.bytes.count <= limit ? writer.json : nil
    }
}
