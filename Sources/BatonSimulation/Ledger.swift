import BatonModel
import BatonStore

/// What has been committed, as the invariants see it: kept from what transactions wrote, apart from the store's own rows.
final class Ledger {
    final class Run {
        let number: RunNumber
        let header: RunHeader
        var progress: RunProgress
        var tasks: [Int: Task] = [:]
        /// Task numbers in the order in which they completed, by the events.
        var completions: [Int] = []
        var lastEvent = 0
        /// It was run again, or a route led back: what ended may have been opened again.
        var resets = 0
        /// How the run stands by its events.
        var told = RunStatus.running

        init(_ number: RunNumber, _ header: RunHeader, _ progress: RunProgress) {
            self.number = number
            self.header = header
            self.progress = progress
        }
    }

    final class Task {
        let key: TaskKey
        let definition: TaskDefinition
        var state: TaskState
        /// How the task stands by its events; `nil` before the first.
        var told: TaskStatus?
        /// Which of its attempts results were stored for.
        var results: [Int] = []
        var loop: LoopState?

        init(_ key: TaskKey, _ definition: TaskDefinition, _ state: TaskState) {
            self.key = key
            self.definition = definition
            self.state = state
        }

        var counts: Bool { definition.role?.counts ?? true }
    }

    /// A step that a task took with a commit.
    struct Step {
        var task: Task
        var before: TaskState?
        var after: TaskState { task.state }
    }

    struct Commit {
        var steps: [Step] = []
        var runs: [Run] = []
        var results: [(task: Task, result: JSON)] = []
        var events: [(run: Run, event: StoredEvent)] = []
        /// By the coordinator's calendar.
        var now = Timestamp(milliseconds: 0)
        /// That was set before.
        var hasJumped = false
    }

    private(set) var runs: [RunNumber: Run] = [:]
    private(set) var order: [Run] = []
    private var numbers: [RunID: RunNumber] = [:]

    func run(_ id: RunID) -> Run? { numbers[id].flatMap { runs[$0] } }
    func task(_ attempt: AttemptID) -> Task? { run(attempt.run)?.tasks[attempt.task] }
    func task(_ key: TaskKey) -> Task? { runs[key.run]?.tasks[key.task] }

    func apply(_ changes: [CommitJournal.Change], now: Timestamp, hasJumped: Bool) -> Commit {
        var commit = Commit()
        commit.now = now
        commit.hasJumped = hasJumped
        var touched: Set<RunNumber> = []
        var before: [TaskKey: Int] = [:]
        func touch(_ number: RunNumber) {
            guard touched.insert(number).inserted, let run = runs[number] else { return }
            commit.runs.append(run)
        }
        for change in changes {
            switch change {
            case .run(let number, let header, let progress):
                let run = Run(number, header, progress)
                runs[number] = run
                order.append(run)
                numbers[header.id] = number
                touch(number)
            case .added(let key, let definition, let state):
                let task = Task(key, definition, state)
                task.told = pendingTold.removeValue(forKey: key)
                runs[key.run]?.tasks[key.task] = task
                before[key] = commit.steps.count
                commit.steps.append(Step(task: task, before: nil))
            case .state(let key, let state):
                guard let task = runs[key.run]?.tasks[key.task] else { continue }
                if before[key] == nil {
                    before[key] = commit.steps.count
                    commit.steps.append(Step(task: task, before: task.state))
                }
                task.state = state
                touch(key.run)
            case .progress(let number, let progress):
                runs[number]?.progress = progress
                touch(number)
            case .event(let number, let event):
                guard let run = runs[number] else { continue }
                touch(number)
                commit.events.append((run, event))
                follow(event, in: run)
            case .result(let key, let result):
                if let task = runs[key.run]?.tasks[key.task] { commit.results.append((task, result)) }
            case .loop(let key, let loop): runs[key.run]?.tasks[key.task]?.loop = loop
            case .published(let key):
                runs[key.run]?.tasks[key.task]?.state.flags.subtract(.backlogged)
                runs[key.run]?.tasks[key.task]?.state.flags.formUnion(.published)
            case .attempt, .enqueued, .dequeued, .sent, .gate, .passed, .left: break
            }
        }
        return commit
    }

    /// What events say of tasks that are written later in the same transaction.
    private var pendingTold: [TaskKey: TaskStatus] = [:]

    private func follow(_ event: StoredEvent, in run: Run) {
        switch event.type {
        case .runSubmitted, .runRestarted: run.told = .running
        case .runCompensating: run.told = .compensating
        case .runCompleted: run.told = .completed
        case .runFailed: run.told = .failed
        case .runCancelled: run.told = .cancelled
        default: break
        }
        guard let index = event.task, let status = Self.status(after: event.type) else { return }
        if event.type == .taskReset { run.resets += 1 }
        if event.type == .taskCompleted { run.completions.append(index) }
        if let task = run.tasks[index] { task.told = status } else { pendingTold[TaskKey(run.number, index)] = status }
    }

    private static func status(after type: EventType) -> TaskStatus? {
        switch type {
        case .taskScheduled: .scheduled
        case .taskQueued: .queued
        case .taskStarted: .running
        case .taskRetrying, .taskRejected: .retrying
        case .taskCompleted: .completed
        case .taskFailed: .failed
        case .taskCancelled: .cancelled
        case .taskSkipped: .skipped
        case .taskReset, .taskAdded: .pending
        default: nil
        }
    }
}
