public import BatonModel

/// Looking at runs: what connects their tasks, when they ran, and what they wait for.
extension BatonClient {
    /// The tasks of a run and what connects them.
    ///
    /// - Throws: `ClientError`; refused where the run has more tasks than the coordinator's limit `pictureTasks`.
    public func graph(of run: RunID) async throws -> RunGraph {
        try await transport.call(.get, path(run) + "/graph", query: [("format", PictureFormat.json.rawValue)])
    }

    /// The graph as the coordinator draws it.
    ///
    /// - Throws: `ClientError`; refused with the type `tooLargeToDraw` where a picture would show nothing: take `json` or `dot`.
    public func graph(of run: RunID, as format: PictureFormat) async throws -> String {
        try await transport.call(.get, path(run) + "/graph", query: [("format", format.rawValue)]) { String(decoding: $0, as: UTF8.self) }
    }

    /// When each attempt of a run waited and ran.
    public func timeline(of run: RunID) async throws -> RunTimeline {
        try await transport.call(.get, path(run) + "/timeline", query: [("format", PictureFormat.json.rawValue)])
    }

    /// The timeline as the coordinator draws it: as `svg`, or as `json`.
    public func timeline(of run: RunID, as format: PictureFormat) async throws -> String {
        try await transport.call(.get, path(run) + "/timeline", query: [("format", format.rawValue)]) { String(decoding: $0, as: UTF8.self) }
    }

    /// What a task waits for, or why it ended as it did.
    public func why(_ task: TaskID, of run: RunID) async throws -> WhyView {
        try await transport.call(.get, path(run, task) + "/why")
    }

    /// The tasks that hold a run up.
    public func why(_ run: RunID) async throws -> RunWhyView {
        try await transport.call(.get, path(run) + "/why")
    }
}
