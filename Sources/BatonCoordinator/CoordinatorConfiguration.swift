public import BatonEngine
public import BatonModel

/// How a coordinator works.
public struct CoordinatorConfiguration: Sendable {
    /// Sets a cluster's names on the broker apart from others'.
    public var namespace = "baton"
    public var limits = Limits()
    public var engine = EngineSettings()
    public var retention = Retention()
    /// How often workers give a sign of life. One that misses three is shown as silent.
    public var heartbeatInterval: Duration = .seconds(10)
    /// The least number of ready tasks that a level of a queue has with the broker; more where there are many slots.
    public var minimumWindow = 1000
    /// How many ready tasks a level has with the broker for each slot of its workers.
    public var windowPerSlot = 10
    /// How many events are decided in one transaction at most.
    public var batchSize = 512
    /// How many tasks of open runs are kept in memory; runs beyond that are read again when something happens to them.
    public var cachedTasks = 2_000_000
    /// How long a cancel waits for the workers to say that they have heard of it.
    public var cancelWait: Duration = .seconds(2)
    /// Whether a submission by message gets its owner from its routing key alone, which the broker can hold a producer to.
    public var requiresOwnerInKey = false
    /// Queues of Celery applications to take tasks from.
    public var celeryQueues: [CeleryQueue] = []

    public init() {}
}
