public import BatonModel
import BatonWire

/// Work that follows from a task, decided by its code.
///
/// What `run` and the hooks dispatch rides on the report of the completion: the coordinator stores both in one write, or
/// neither. So it starts exactly when the task is recorded as completed, and once. What an attempt has dispatched that fails,
/// is cancelled or times out is dropped with it, and the next attempt begins anew; an error that a hook throws after it has
/// dispatched takes nothing back.
///
/// The new tasks belong to the same run. All of these throw `TaskError`: of type `invalidDispatch` where the coordinator would
/// refuse the task, and `tooLarge` where an attempt dispatches more than 1,000 tasks, or 256 KiB of them.
extension TaskContext {
    /// Runs a handler of this program's own after this task.
    ///
    /// - Parameters:
    ///   - id: for others of the attempt's tasks to wait for; the run knows the task as `<this task>~<id>`, or by a number
    ///     where there is none.
    ///   - queue: `default` where absent, whichever queue this task came from.
    ///   - delay: from the completion on, at most 3650 days; not together with `at`.
    ///   - time: not before then.
    ///   - tasks: ids that this attempt dispatches too, and that have to complete first. Their results are put into the inputs.
    public func dispatch<Handler: TaskHandler>(
        _ handler: Handler.Type, _ input: Handler.Input, id: TaskID? = nil, priority: Priority = .normal,
        queue: QueueName? = nil, delay: Duration? = nil, at time: Timestamp? = nil, params: (any Encodable)? = nil,
        after tasks: [TaskID] = []
    ) throws where Handler.Input: Encodable {
        try dispatch(
            handler: Handler.name, inputs: input, id: id, priority: priority, queue: queue, delay: delay, at: time, params: params,
            after: tasks)
    }

    /// Runs any worker's handler after this task, by its name.
    ///
    /// - Parameters:
    ///   - inputs: encoded to JSON; `JSON` is passed on as it is.
    ///   - id: for others of the attempt's tasks to wait for; the run knows the task as `<this task>~<id>`, or by a number
    ///     where there is none.
    ///   - queue: `default` where absent, whichever queue this task came from.
    ///   - delay: from the completion on, at most 3650 days; not together with `at`.
    ///   - time: not before then.
    ///   - tasks: ids that this attempt dispatches too, and that have to complete first. Their results are put into the inputs.
    public func dispatch(
        handler: HandlerName, inputs: (any Encodable)? = nil, id: TaskID? = nil, priority: Priority = .normal,
        queue: QueueName? = nil, delay: Duration? = nil, at time: Timestamp? = nil, params: (any Encodable)? = nil,
        after tasks: [TaskID] = []
    ) throws {
        var task = DispatchedTask(handler: handler, id: id)
        task.inputs = try Self.payload("inputs", inputs)
        task.params = try Self.payload("params", params)
        task.after = tasks
        task.queue = queue
        task.priority = priority
        task.delay = delay
        task.time = time
        try dispatches.add(task)
    }

    /// Runs a task with all that a graph document can say of one: retries, limits in time, dependencies by outcome.
    public func dispatch(_ task: TaskSpec) throws { try dispatches.add(DispatchedTask(task)) }

    /// Runs this task again after a while, as a task of its own, whose `round` is one higher. For work that looks
    /// again and again whether something has come about, without holding a worker meanwhile:
    ///
    /// ```swift
    /// if !isReady, context.round < 5 {
    ///     try context.reschedule(after: .seconds(1) * (1 << (context.round - 1)))     // 1, 2, 4, 8 s
    /// }
    /// ```
    ///
    /// This task completes with its own result. The next round keeps the queue, the priority, the number of attempts and the
    /// limits on one attempt; it has no id, so that nothing takes it for the same task. Once an attempt.
    ///
    /// - Parameters:
    ///   - delay: from the completion on, at most 3650 days.
    ///   - inputs: instead of this round's, which hold the results of its dependencies.
    ///   - params: instead of this round's.
    public func reschedule(
        after delay: Duration, inputs: (any Encodable)? = nil, params: (any Encodable)? = nil
    ) throws {
        var task = DispatchedTask(handler: message.handler)
        task.inputs = try inputs.map { try Self.payload("inputs", $0) } ?? (self.inputs.isNull ? nil : self.inputs)
        task.params = try params.map { try Self.payload("params", $0) } ?? message.body.params
        task.queue = queue
        task.priority = message.priority
        task.delay = delay
        task.maxAttempts = max(1, min(maxAttempts, 1_000_000))
        task.timeouts = Timeouts(attempt: Self.limit(message.timeout), heartbeat: Self.limit(message.heartbeat))
        task.round = min(round + 1, TaskMessage.lastRound)
        try dispatches.add(task)
    }

    /// What a document can say of a limit; others are left to the coordinator.
    private static func limit(_ duration: Duration?) -> Duration? {
        duration.flatMap { $0 > .zero && $0 <= DispatchedTask.longestDelay ? $0 : nil }
    }

    /// A null counts as absent.
    private static func payload(_ field: String, _ value: (any Encodable)?) throws(TaskError) -> JSON? {
        guard let value else { return nil }
        do {
            let json = try (value as? JSON) ?? JSON(encoding: value)
            return json.isNull ? nil : json
        } catch {
            throw DispatchedTask.invalid("\(field): can't be encoded: \(error)")
        }
    }
}
