/// What a decision asks for. All of one batch is done in one transaction; what concerns the broker leaves only after it.
///
/// The large ones are kept elsewhere: a large graph begins with several effects for each of its tasks.
public enum RunEffect: Sendable, Hashable {
    /// The task's state changed.
    case store(task: Int)
    /// A task was added to the run.
    indirect case append(task: Int, TaskSpec)
    case event(EventType, task: Int?, attempt: Int?, data: JSON?)
    case result(task: Int, JSON)
    indirect case error(task: Int, TaskError)
    /// A payload beside inputs and result; `nil` removes it.
    case part(task: Int, TaskPart, JSON?)
    /// All payloads that the task made are removed: it starts anew.
    case clear(task: Int)
    /// A loop's items, in place of those it had.
    case items(task: Int, [JSON])
    indirect case loop(task: Int, LoopState)
    /// The task is a graph: a run of its own begins.
    case startChild(task: Int)
    indirect case cancelChild(AttemptID, reason: String)
    /// An attempt is put on record before another one takes its place.
    ///
    /// `isNews` tells whether it ends with this; otherwise its end was told with its task's, or nobody has worked on it.
    indirect case attempt(task: Int, AttemptView, isNews: Bool)
    /// The task's present attempt is to be given to a worker.
    case ready(task: Int)
    case arm(task: Int, TimerKind, due: Timestamp)
    case disarm(task: Int, TimerKind)
    /// The attempt must stop, or not start: to be told to the workers, and again to whoever brings the attempt up.
    indirect case revoke(AttemptID, reason: String)
    /// The attempt's message has been seen for the last time.
    case forget(AttemptID)
    indirect case leased(AttemptID, worker: WorkerID)
    indirect case claimed(AttemptID, worker: WorkerID, granted: Bool)
    /// The attempt's message is sent once more.
    case sendAgain(AttemptID)
    /// The attempt's message is put aside for people to look at.
    indirect case park(AttemptID, reason: String)
    /// The run has reached its final state.
    case finished
}

/// The payloads that a task has at times, beside its inputs and its result.
public enum TaskPart: Int, Sendable, Hashable, CaseIterable {
    /// What the next attempt gets.
    case checkpoint = 0
    /// Why the next attempt is made: what a validator or a later task said.
    case feedback = 1
    /// A result that validators look at.
    case draft = 2
    /// The dependencies' results, made smaller.
    case context = 3
}
