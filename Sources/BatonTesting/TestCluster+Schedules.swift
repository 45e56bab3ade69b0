import BatonCoordinator
public import BatonModel

extension TestCluster {
    /// Creates a schedule, whose runs `runs(RunFilter(schedule:))` lists. Move the clock to have its occurrences come; the first
    /// time, starts the workers before.
    ///
    /// - Throws: `OperationError` `.invalid` where it can have no occurrence; `.conflict` for a name that is in use.
    @discardableResult
    public func createSchedule(_ schedule: Schedule) async throws -> ScheduleView {
        try await startWorkers()
        return try await coordinator.createSchedule(schedule)
    }

    public func schedule(_ name: String) async throws -> ScheduleView { try await coordinator.schedule(name) }

    /// All of them, by name.
    public func schedules() async throws -> [ScheduleView] {
        try await coordinator.schedules(limit: 1_000_000, cursor: nil).items
    }

    @discardableResult
    public func pauseSchedule(_ name: String) async throws -> ScheduleView {
        try await coordinator.changeSchedule(name, ScheduleChange(paused: true))
    }

    /// Goes on with the first time after now.
    @discardableResult
    public func resumeSchedule(_ name: String) async throws -> ScheduleView {
        try await coordinator.changeSchedule(name, ScheduleChange(paused: false))
    }

    /// Runs that go on are left alone.
    public func removeSchedule(_ name: String) async throws { try await coordinator.removeSchedule(name) }
}
