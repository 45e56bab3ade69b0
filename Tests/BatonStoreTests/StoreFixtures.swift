import BatonModel
import BatonStore

/// Runs and tasks as the tests of the store make them.
enum Fixture {
    static let now = Timestamp(milliseconds: 1_700_000_000_123)

    static func run(
        _ id: RunID = "r1", key: String? = nil, owner: String? = nil, digest: [UInt8] = [1], lineage: Lineage? = nil
    ) -> NewRun {
        NewRun(
            header: RunHeader(
                id: id, name: "order", key: key, correlationID: "c", owner: owner, timeout: .seconds(60), onFailure: .cancel,
                createdAt: now, lineage: lineage),
            digest: digest, input: JSON(["x": 1]), progress: RunProgress(),
            reply: ReplyAddress(replyTo: "q", correlationID: "p", isSingleTask: true))
    }

    static func definition(_ id: TaskID, after: [Int] = [], _ change: (inout TaskSpec) -> Void = { _ in }) -> TaskDefinition {
        var spec = TaskSpec(id: id, handler: "h", inputs: JSON(["id": .string(id.rawValue)]))
        spec.dependencies = after.map { Dependency(TaskID("t\($0)"), on: .finished, as: "in\($0)") }
        change(&spec)
        return TaskDefinition(spec, dependencies: after)
    }

    /// A task that was added for another one.
    static func added(
        _ id: TaskID, _ role: TaskNode.Role, for origin: Int, number: Int = 0, _ change: (inout TaskSpec) -> Void = { _ in }
    ) -> TaskDefinition {
        var spec = TaskSpec(id: id, handler: "h")
        change(&spec)
        return TaskDefinition(spec, dependencies: [], role: role, origin: origin, number: number)
    }

    static func queued(_ attempt: Int32 = 1, _ flags: TaskState.Flags = []) -> TaskState {
        var state = TaskState(status: .queued)
        state.attempt = attempt
        state.queuedAt = now
        state.flags = flags
        return state
    }

    static func ended(_ status: TaskStatus = .completed, _ change: (inout TaskState) -> Void = { _ in }) -> TaskState {
        var state = TaskState(status: status)
        state.attempt = 1
        state.startedAt = now
        state.finishedAt = now
        change(&state)
        return state
    }
}

extension StoreTransaction {
    /// A run with one task for each state, `t0` and so on.
    func insertRun(_ run: NewRun, _ states: [TaskState]) throws -> RunNumber {
        let number = try insert(run)
        for (index, state) in states.enumerated() {
            try insert(Fixture.definition(TaskID("t\(index)")), state, at: TaskKey(number, index))
        }
        return number
    }

    func insertRun(_ states: [TaskState]) throws -> RunNumber { try insertRun(Fixture.run(), states) }
}
