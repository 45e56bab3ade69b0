public import BatonModel

extension BatonClient {
    /// Has a graph run again and again.
    ///
    /// - Throws: `ClientError`, whose `refusal` is `invalidSchedule` with each mistake in the problem's `problems`, or `conflict` for
    ///   a name that is in use.
    public func create(_ schedule: Schedule) async throws -> ScheduleView {
        try await createSchedule(document: schedule.document.bytes, contentType: "application/json")
    }

    /// Creates a schedule of a document as it is.
    ///
    /// - Parameter contentType: `application/json` or `application/yaml`; without one, the coordinator looks.
    public func createSchedule(document: [UInt8], contentType: String? = nil) async throws -> ScheduleView {
        try await transport.call(
            .post, "/v1/schedules", headers: [("Content-Type", contentType ?? "application/octet-stream")], body: document,
            reading: ViewText.schedule)
    }

    /// With its document.
    public func schedule(_ name: String) async throws -> ScheduleView {
        try await transport.call(.get, path(schedule: name), reading: ViewText.schedule)
    }

    /// By name, without their documents. The page's cursor asks for what follows.
    public func schedules(limit: Int = 50, cursor: String? = nil) async throws -> Page<ScheduleView> {
        try await transport.call(.get, "/v1/schedules", query: [("limit", String(limit)), ("cursor", cursor)])
    }

    public func changeSchedule(_ name: String, _ change: ScheduleChange) async throws -> ScheduleView {
        try await transport.call(
            .patch, path(schedule: name), headers: Self.json, body: RequestText.change(change), reading: ViewText.schedule)
    }

    /// No run is started until it goes on; those under way are left alone.
    public func pauseSchedule(_ name: String) async throws -> ScheduleView {
        try await changeSchedule(name, ScheduleChange(paused: true))
    }

    public func resumeSchedule(_ name: String) async throws -> ScheduleView {
        try await changeSchedule(name, ScheduleChange(paused: false))
    }

    /// Runs that go on are left alone.
    public func removeSchedule(_ name: String) async throws {
        try await transport.call(.delete, path(schedule: name)) { _ in }
    }

    private func path(schedule name: String) -> String { "/v1/schedules/" + Transport.escape(name) }
}
