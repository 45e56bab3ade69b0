import BatonModel
import BatonStore

/// What one transaction writes, in its order.
final class CommitJournal {
    enum Change {
        case run(RunNumber, RunHeader, RunProgress)
        case added(TaskKey, TaskDefinition, TaskState)
        case state(TaskKey, TaskState)
        case progress(RunNumber, RunProgress)
        case event(RunNumber, StoredEvent)
        case result(TaskKey, JSON)
        case attempt(TaskKey, AttemptView)
        case loop(TaskKey, LoopState)
        case enqueued(ReadyTask, QueueLevel)
        case dequeued(QueueLevel, [ReadyTask], isEmpty: Bool)
        case published(TaskKey)
        case sent(OutboxEntry)
        case gate(Gate)
        case passed(String, TaskKey)
        case left(TaskKey)
    }

    private(set) var changes: [Change] = []

    func note(_ change: Change) { changes.append(change) }
}
