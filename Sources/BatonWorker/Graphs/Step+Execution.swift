public import BatonModel

/// How a step is run.
extension Step {
    /// The task's id; by default the last part of the handler's name, with a number where several would be the same.
    @discardableResult
    public func id(_ id: TaskID) -> Self { set { $0.id = id } }

    @discardableResult
    public func priority(_ priority: Priority) -> Self { set { $0.spec.priority = priority } }

    @discardableResult
    public func queue(_ queue: QueueName) -> Self { set { $0.spec.queue = queue } }

    /// Configuration of the handler, at most 16 KiB.
    @discardableResult
    public func params(_ params: some Encodable) -> Self {
        let params = EncodedValue(params)
        return set { $0.spec.params = $0.take(params, for: "params") }
    }

    @discardableResult
    public func retry(_ policy: RetryPolicy) -> Self { set { $0.spec.retry = policy } }

    /// Limits in time. Absent ones don't apply.
    ///
    /// - Parameters:
    ///   - attempt: of one attempt, from its start.
    ///   - total: over all attempts, from when the task was first ready.
    ///   - queued: of the wait of a ready attempt for a worker.
    ///   - heartbeat: of the silence of a running attempt.
    @discardableResult
    public func timeouts(
        attempt: Duration? = nil, total: Duration? = nil, queued: Duration? = nil, heartbeat: Duration? = nil
    ) -> Self {
        set { $0.spec.timeouts = Timeouts(attempt: attempt, total: total, queued: queued, heartbeat: heartbeat) }
    }

    /// Whether the step's failure fails the run; it does by default.
    @discardableResult
    public func critical(_ isCritical: Bool) -> Self { set { $0.spec.critical = isCritical } }

    /// Limits tasks of this handler and key, over all runs and workers.
    ///
    /// - Parameters:
    ///   - key: tasks with different values don't limit one another.
    ///   - concurrency: tasks at a time.
    ///   - rate: starts a period.
    @discardableResult
    public func limit(key: StepExpression? = nil, concurrency: Int? = nil, rate: SharedLimit.Rate? = nil) -> Self {
        set { draft in
            draft.spec.rules.limit = SharedLimit(concurrency: concurrency, rate: rate)
            draft.limitKey = key.map { draft.waiting(for: $0) }
        }
    }

    /// Leaves the handler alone for a while, once it has failed so often in a row.
    @discardableResult
    public func breaker(failures: Int = 5, reset: Duration = .seconds(30)) -> Self {
        set { $0.spec.rules.breaker = BreakerRule(failures: failures, reset: reset) }
    }

    /// Takes the stored result of an earlier task with equal inputs.
    ///
    /// - Parameter version: part of what makes inputs equal.
    @discardableResult
    public func cache(for ttl: Duration, version: String = "1") -> Self {
        set { $0.spec.rules.cache = CacheRule(ttl: ttl, version: version) }
    }

    /// JSON Schemas for what goes in and what comes out.
    @discardableResult
    public func schemas(inputs: JSON? = nil, result: JSON? = nil) -> Self {
        set { $0.spec.rules.schemas = Schemas(inputs: inputs, result: result) }
    }

    /// Passes on only the last so many of the results it depends on, in the order in which they ended.
    @discardableResult
    public func context(window: Int) -> Self { set { $0.context { $0.window = window } } }

    /// Has a handler compress what results the step gets, where they are larger than the limit.
    ///
    /// - Parameter limit: in bytes.
    @discardableResult
    public func context(compressedBy handler: HandlerName, limit: Int) -> Self {
        set { $0.context { $0.compressor = ContextRule.Compressor(handler, limit: limit) } }
    }
}

extension StepDraft {
    fileprivate mutating func context(_ change: (inout ContextRule) -> Void) {
        var rule = spec.rules.context ?? ContextRule()
        change(&rule)
        spec.rules.context = rule
    }
}
