import BatonEngine
import BatonModel
import Benchmark

/// What the engine needs to decide, in memory: no store, no broker.
func registerEngine() {
    Benchmark("Engine: a run of 1,000 tasks begins", configuration: .counted()) { benchmark in
        let prepared = try PreparedGraph(Graphs.fanOut(1000))
        try benchmark.counting { blackHole(try BegunRun(prepared)) }
    }

    // One task more than is measured completes first, so that the copy has storage of its own, and one more stays open.
    Benchmark("Engine: a task of a fan-out of 1,000 completes", configuration: .counted(.kilo)) { benchmark in
        var run = try BegunRun(PreparedGraph(Graphs.fanOut(1002)))
        try run.complete(0)
        try benchmark.counting {
            for task in 1...1000 { blackHole(try run.complete(task)) }
        }
    }

    // The last of a thousand completes, and what waits for all of them becomes ready.
    Benchmark("Engine: a join of 1,000 is decided", configuration: .counted()) { benchmark in
        var run = try BegunRun(PreparedGraph(Graphs.fanOut(1000)))
        for task in 0..<999 { try run.complete(task) }
        try benchmark.counting { blackHole(try run.complete(999)) }
    }

    Benchmark("Engine: a step of a chain completes", configuration: .counted(.kilo)) { benchmark in
        var run = try BegunRun(PreparedGraph(Graphs.chain(1002)))
        try run.complete(0)
        try benchmark.counting {
            for task in 1...1000 { blackHole(try run.complete(task)) }
        }
    }
}

/// A run that takes reports, as the coordinator has it in memory.
private struct BegunRun {
    private static let now = Timestamp(milliseconds: 1_764_000_000_000)
    private static let result = JSON(["receipt": "r-1"])
    private var state: RunState
    private let payloads: GraphPayloads
    private let settings = EngineSettings()
    private var generator = SystemRandomNumberGenerator()

    init(_ prepared: PreparedGraph) throws {
        let header = RunHeader(id: Graphs.run, name: prepared.graph.name, correlationID: "c", createdAt: Self.now)
        state = RunState(prepared.graph, header: header)
        payloads = GraphPayloads(prepared)
        _ = try state.begin(prepared, now: Self.now, settings: settings)
    }

    @discardableResult
    mutating func complete(_ task: Int) throws -> [RunEffect] {
        let attempt = AttemptID(run: Graphs.run, task: task, number: 1)
        let report = RunEvent.completed(attempt, worker: "host-17-2k9f", startedAt: Self.now, result: Self.result)
        return try state.handle(report, now: Self.now, settings: settings, payloads: payloads, using: &generator)
    }
}
