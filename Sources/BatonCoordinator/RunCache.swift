import BatonEngine
import BatonModel
import BatonStore

/// A run in memory. A class, so that looking at one task never copies the others.
final class CachedRun {
    let number: RunNumber
    let reply: ReplyAddress?
    var state: RunState
    fileprivate(set) var lastUse: UInt64 = 0
    /// The tasks that it was counted with.
    fileprivate let weight: Int

    init(_ number: RunNumber, _ state: RunState, reply: ReplyAddress?) {
        self.number = number
        self.state = state
        self.reply = reply
        weight = state.tasks.listedCount
    }
}

/// The runs that something has happened to lately, as decisions see them. Everything in it is in the store too.
final class RunCache {
    private var runs: [RunNumber: CachedRun] = [:]
    private var numbers: [RunID: RunNumber] = [:]
    private var tasks = 0
    private var clock: UInt64 = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func insert(_ run: CachedRun) {
        run.lastUse = clock
        runs[run.number] = run
        numbers[run.state.id] = run.number
        tasks += run.weight
    }

    /// Reads the run from the store where it isn't here; `nil` where there is no such run.
    func run(_ id: RunID, _ reader: any StoreReader) throws -> CachedRun? {
        clock += 1
        if let run = numbers[id].flatMap({ runs[$0] }) {
            run.lastUse = clock
            return run
        }
        guard let loaded = try reader.load(id) else { return nil }
        let state = RunState(
            header: loaded.run.header, nodes: loaded.nodes, tasks: loaded.tasks, progress: loaded.run.progress,
            added: loaded.added, count: loaded.count, loops: loaded.loops)
        let run = CachedRun(loaded.run.number, state, reply: loaded.run.reply)
        insert(run)
        return run
    }

    /// The run, if it is here.
    subscript(number: RunNumber) -> CachedRun? { runs[number] }

    /// Makes room: ended runs go, then those unused for longest.
    func trim(ended: some Sequence<RunNumber>) {
        for number in ended { remove(number) }
        guard tasks > limit, runs.count > 1 else { return }
        for run in runs.values.sorted(by: { $0.lastUse < $1.lastUse }) where tasks > limit && runs.count > 1 {
            remove(run.number)
        }
    }

    func remove(_ runs: [RunID]) {
        for run in runs { if let number = numbers[run] { remove(number) } }
    }

    private func remove(_ number: RunNumber) {
        guard let run = runs.removeValue(forKey: number) else { return }
        numbers[run.state.id] = nil
        tasks -= run.weight
    }
}
