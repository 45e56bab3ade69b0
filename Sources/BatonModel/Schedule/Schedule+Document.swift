extension Schedule {
    /// The document that reads back as this schedule: fields in a fixed order, defaults left out.
    public var document: JSON {
        var writer = JSONWriter(reserving: graph.bytes.count + 256)
        writer.object { writer in
            writer.field("name", name)
            writer.name(recurrence.name)
            recurrence.write(to: &writer)
            if timeZone != .utc { writer.field("timeZone", timeZone.name) }
            writer.field("from", from?.description)
            writer.field("until", until?.description)
            writer.field("times", times)
            if missed != .once { writer.field("missed", missed.rawValue) }
            if overlap != .skip { writer.field("overlap", overlap.rawValue) }
            if isPaused {
                writer.name("paused")
                writer.write(JSONValue.bool(true))
            }
            writer.field("graph", graph)
        }
        return writer.json
    }
}

extension Recurrence {
    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .every(let interval): writer.write(interval.text)
        case .cron(let cron): writer.write(cron.text)
        case .daily(let times): Self.write(nil, times, to: &writer)
        case .weekly(let days, let times): Self.write(days.map { .string($0.text) }, times, to: &writer)
        case .monthly(let days, let times):
            Self.write(days.map(\.value), times, to: &writer)
        case .yearly(let days, let times): Self.write(days.map { .string($0.text) }, times, to: &writer)
        }
    }

    private static func write(_ days: [JSONValue]?, _ times: [TimeOfDay], to writer: inout JSONWriter) {
        writer.object { writer in
            if let days { writer.field("on", JSON(.array(days))) }
            writer.field("at", JSON(.array(times.map { .string($0.text) })))
        }
    }
}

extension MonthDay {
    fileprivate var value: JSONValue {
        if case .day(let number) = self { .integer(Int64(number)) } else { .string(text) }
    }
}
