import BatonModel

/// Reads views that carry payloads, keeping those as the text they came as: a decoder would lose numbers it has no type for.
enum ViewText {
    static func task(_ text: [UInt8]) throws -> TaskView {
        var (task, payloads) = try split(text, payloads: ["inputs", "params", "result", "feedback"], as: TaskView.self)
        task.inputs = payloads["inputs"]
        task.params = payloads["params"]
        task.result = payloads["result"]
        task.feedback = payloads["feedback"]
        return task
    }

    static func schedule(_ text: [UInt8]) throws -> ScheduleView {
        var (schedule, payloads) = try split(text, payloads: ["document"], as: ScheduleView.self)
        schedule.document = payloads["document"]
        return schedule
    }

    static func event(_ text: [UInt8]) throws -> EventView {
        var (event, payloads) = try split(text, payloads: ["data"], as: EventView.self)
        event.data = payloads["data"]
        return event
    }

    /// The events of `{"items": […]}`.
    static func events(_ text: [UInt8]) throws -> [EventView] {
        guard let items = try JSON(parsing: text).fields?.first(where: { $0.name == "items" })?.value else { throw NotAView() }
        var texts: [JSON] = []
        var reader = JSONReader(items.bytes)
        try reader.readArray { (reader) throws(JSONError) in texts.append(try reader.readRaw()) }
        return try texts.map { try event($0.bytes) }
    }

    private static func split<View: Decodable>(
        _ text: [UInt8], payloads names: Set<String>, as type: View.Type
    ) throws -> (View, [String: JSON]) {
        guard let fields = try JSON(parsing: text).fields else { throw NotAView() }
        var payloads: [String: JSON] = [:]
        var rest = JSONWriter()
        rest.object { writer in
            for (name, value) in fields {
                if names.contains(name) { payloads[name] = value } else { writer.field(name, value) }
            }
        }
        return (try rest.json.decodeExactly(as: type), payloads)
    }

    private struct NotAView: Error {}
}
