import DequeModule

/// Runs tasks on the thread of the simulation, one after another in the order in which they became ready, when it is told to.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
final class TurnExecutor: TaskExecutor, @unchecked Sendable {
    private var jobs: Deque<UnownedJob> = []

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    /// Until nothing is ready any more.
    func run() {
        while let job = jobs.popFirst() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
