extension Series {
    /// The state beside the schedule, to be stored and read back.
    public var document: JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("anchor", Int(anchor.milliseconds))
            writer.field("decided", decided.map { Int($0.milliseconds) })
            writer.field("started", startedCount)
            writer.field("lastScheduled", lastScheduled.map { Int($0.milliseconds) })
            writer.field("missed", missedCount)
            writer.field("overlapped", overlappedCount)
            writer.field("paused", JSON(.bool(isPaused)))
            if !waiting.isEmpty { writer.field("waiting", JSON(.array(waiting.map { .integer($0.milliseconds) }))) }
        }
        return writer.json
    }

    /// So that counting on from what was stored can't overflow.
    private static let mostCounted = 1 << 60

    /// - Returns: `nil` where this is no such document.
    public init?(_ schedule: Schedule, document: JSON) {
        let fields = document.value
        let time = { (value: JSONValue?) in value?.int.map { Timestamp(milliseconds: Int64($0)) } }
        let count = { (name: String) in fields[name]?.int.flatMap { (0...Self.mostCounted).contains($0) ? $0 : nil } }
        guard let anchor = time(fields["anchor"]), let started = count("started"), let missed = count("missed"),
            let overlapped = count("overlapped"), let isPaused = fields["paused"]?.bool
        else { return nil }
        self.init(schedule, anchor: anchor)
        decided = time(fields["decided"])
        startedCount = started
        lastScheduled = time(fields["lastScheduled"])
        missedCount = missed
        overlappedCount = overlapped
        self.isPaused = isPaused
        waiting = (fields["waiting"]?.array ?? []).compactMap { time($0) }
    }
}
