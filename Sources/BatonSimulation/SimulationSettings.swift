/// What one simulation is made of; with the same settings everything happens in the same way.
package struct SimulationSettings: Sendable {
    package var seed: UInt64
    package var faults: Set<FaultKind> = Set(FaultKind.allCases)
    /// How many graphs are submitted.
    package var graphs = 2
    /// Of a graph, what the dice add beside them left out.
    package var tasks = 5
    /// How long faults go on.
    package var faultySteps = 220
    /// A fault put in on purpose, for the invariants to find.
    package var sabotage: Sabotage?
    /// Whether the steps are written down.
    package var isTraced = false

    package init(seed: UInt64) { self.seed = seed }
}

/// What may go wrong.
package enum FaultKind: String, Sendable, CaseIterable {
    /// A connection is cut: the coordinator's for publishing or for consuming, or a worker's.
    case cut
    /// The coordinator dies between two steps, around a commit, or in the middle of what follows from one.
    case coordinator
    /// The store refuses a commit, or takes it back.
    case store
    case worker
    /// A worker stands still for a while.
    case stall
    /// The broker restarts: all connections are cut, and what isn't persistent is lost.
    case broker
    /// A queue of tasks that is empty is deleted, so that what is sent there comes back.
    case queue
    /// The coordinator's calendar jumps.
    case clock
    /// Runs and tasks are cancelled.
    case cancel
    /// Ended runs are run again.
    case rerun
    /// Queues are paused, and what they hold is taken back.
    case pause
    /// Submissions come twice.
    case twice
}

/// Faults put in on purpose, to show that they are found. None of them is in the product: each is a wrapper around it.
package enum Sabotage: String, Sendable, CaseIterable {
    /// Tasks' messages are sent before the commit.
    case sentBeforeCommit
    /// A late report is taken for one of the present attempt.
    case staleAttempts
    /// A join counts one of its dependencies twice.
    case joins
    /// What completed first is undone first.
    case compensationOrder
    /// Workers aren't told what is cancelled.
    case cancelFence
}

/// What came of a simulation.
package struct SimulationResult: Sendable {
    package var seed: UInt64
    package var steps = 0
    package var commits = 0
    package var starts = 0
    package var runs: [String: Int] = [:]
    package var violation: Violation?
    package var trace: [String] = []
    /// The kinds of faults that there were.
    package var faults: Set<FaultKind> = []
    /// Of all steps, whether they were written down or not.
    package var fingerprint: UInt64 = 14_695_981_039_346_656_037
}
