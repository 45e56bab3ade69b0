@_spi(TestKit) import ServiceLifecycle

/// What the current task runs in.
enum Surroundings {
    /// Whether a `ServiceGroup` will tell of a graceful shutdown. The library has no other way to ask; without asking, a worker
    /// within a group would trap signals that are the group's to handle.
    static var hasServiceGroup: Bool { TaskLocals.gracefulShutdownManager != nil }
}
