/// What a decision asks for. All of one batch is done in one transaction; what concerns the broker leaves only after it.
public enum RunEffect: Sendable, Hashable {
    /// The task's state changed.
    case store(task: Int)
    /// A task was added to the run.
    case append(task: Int)
    case event(EventType, task: Int?, attempt: Int?, data: JSON?)
    case result(task: Int, JSON)
    case error(task: Int, TaskError)
    /// What the next attempt gets.
    case checkpoint(task: Int, JSON)
    /// An attempt that was not the last one has ended.
    case attempt(task: Int, AttemptView)
    /// The task's present attempt is to be given to a worker.
    case ready(task: Int)
    case arm(task: Int, TimerKind, due: Timestamp)
    case disarm(task: Int, TimerKind)
    /// The attempt must stop, or not start: to be told to the workers, and again to whoever brings the attempt up.
    case revoke(AttemptID, reason: String)
    /// The attempt's message has been seen for the last time.
    case forget(AttemptID)
    case leased(AttemptID, worker: WorkerID)
    case claimed(AttemptID, worker: WorkerID, granted: Bool)
    /// The attempt's message is put aside for people to look at.
    case park(AttemptID, reason: String)
    /// The run has reached its final state.
    case finished
}
