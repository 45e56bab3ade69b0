/// A place in the work of a coordinator or a worker at which a debug build can be made to die.
///
/// With `BATON_CRASH_AT=NAME` in its environment, a process kills itself by SIGKILL the first time that it passes the point, and
/// with `BATON_CRASH_AT=NAME:N` the N-th time. Release builds have neither the points nor the variable.
package enum CrashPoint: String, CaseIterable, Sendable {
    // MARK: The coordinator: deciding and storing

    /// What was not confirmed has been read from the store, and nothing is done about it yet.
    case recovering
    /// Inputs have been read, and nothing is decided.
    case inputsTaken
    /// In the transaction: everything is decided and written, and nothing committed.
    case beforeCommit
    /// Everything is committed, and nobody has heard of it.
    case afterCommit
    /// In the transaction: a timer that was due is off, and what follows from it decided.
    case timerFired
    /// In the transaction: a schedule that was due has begun its runs.
    case scheduleVisited
    /// What the deliveries brought is committed, and they are still the coordinator's.
    case beforeAcknowledgement
    /// The deliveries have just been acknowledged, and nobody who asked has been answered.
    case acknowledged

    // MARK: The coordinator: publishing

    /// The publisher has entries of the outbox in hand, and the link to the broker has none of them.
    case messagesTaken
    /// The link has the messages; whether the broker has them, nobody knows.
    case messagesHandedOver
    /// The broker has a message, and the publisher has not noted it.
    case messageConfirmed
    /// A queue of tasks isn't there, and what was in it is not stored to be sent again.
    case queueMissed
    /// What was in a queue that isn't there is stored to be sent again, and the queue is not declared.
    case queueRefilled
    /// The feed has events in hand, and the link has none of them.
    case eventsTaken
    /// Every listener's queue has the events, and the feed has not noted it.
    case eventsConfirmed

    // MARK: The coordinator: telling workers

    /// A worker asks for what is cancelled, and has not been told.
    case beforeWelcome
    /// A lease is stored, and the worker has not been told.
    case leaseStored
    /// A claim is decided on, and the worker has not been told.
    case claimDecided
    /// A cancel is stored, and no worker has been told.
    case beforeCancelSent
    /// A cancel has just been sent to the workers, and whoever asked for it may not have been answered.
    case cancelSent

    // MARK: Workers

    /// The broker has the word that a queue isn't there, and the worker has not declared it.
    case queueReported
    /// A task's message has come, and nothing is done with it.
    case taskReceived
    /// A claim is with the broker, and not answered.
    case claimSent
    /// The coordinator has granted a claim, and the worker has not heeded it.
    case claimGranted
    /// The start of a claimed attempt is confirmed, and its handler not called.
    case startConfirmed
    /// A handler is about to be called.
    case beforeHandler
    /// A handler has returned, and nobody knows.
    case handlerDone
    /// The link has the report of an outcome; whether the broker has it, nobody knows.
    case reportHandedOver
    /// The broker has the report of an outcome, and the task's message is still the worker's.
    case reportConfirmed
    /// A task's message has just been acknowledged after its report was confirmed.
    case taskAcknowledged
    /// The request for a lease is with the broker, and not answered.
    case leaseSent
    /// The coordinator has granted a lease, and the task's message is still the worker's.
    case leaseConfirmed
    /// A task's message has just been acknowledged on the strength of a lease.
    case leasedAcknowledged
    /// A cancel has come, and the worker has not heeded it.
    case cancelHeard
    /// The broker has the report that a cancelled attempt never started, and the task's message is still the worker's.
    case refusalConfirmed

    /// Dies here where the environment says so.
    @inlinable @inline(__always)
    package func pass() {
        #if DEBUG
            CrashTrigger.shared?.passed(self, isLater: false)
        #endif
    }

    /// Dies a moment from here where the environment says so: when what was handed to a link has most likely been written by the
    /// link's own thread.
    @inlinable @inline(__always)
    package func passSoon() {
        #if DEBUG
            CrashTrigger.shared?.passed(self, isLater: true)
        #endif
    }
}
