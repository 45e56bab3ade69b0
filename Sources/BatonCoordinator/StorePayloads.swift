import BatonEngine
import BatonModel
import BatonStore

/// The payloads of a run, from the transaction that its decisions are part of.
struct StorePayloads: RunPayloads {
    let reader: any StoreReader
    let run: RunNumber

    func input() throws -> JSON? { try reader.input(of: run) }
    func inputs(of task: Int) throws -> JSON? { try reader.inputs(TaskKey(run, task)) }
    func dependencies(of task: Int) throws -> [Dependency] { try reader.dependencies(TaskKey(run, task)) }
    func result(of task: Int) throws -> JSON? { try reader.result(TaskKey(run, task)) }
    func error(of task: Int) throws -> TaskError? { try reader.error(TaskKey(run, task)) }
    func part(_ part: TaskPart, of task: Int) throws -> JSON? { try reader.part(part, TaskKey(run, task)) }
    func item(_ number: Int, of loop: Int) throws -> JSON? { try reader.item(number, of: TaskKey(run, loop)) }
    func itemCount(of loop: Int) throws -> Int { try reader.itemCount(of: TaskKey(run, loop)) }

    func collected(_ loop: Int, count: Int, adding results: [Int: JSON], limit: Int) throws -> JSON? {
        try reader.collected(TaskKey(run, loop), count: count, adding: results, limit: limit)
    }
}
