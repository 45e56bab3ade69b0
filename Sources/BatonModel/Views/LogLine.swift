/// One line of an attempt's log, as a worker sent it.
public struct LogLine: Sendable, Codable, Hashable {
    public enum Level: String, Sendable, Codable, CaseIterable { case trace, debug, info, notice, warning, error, critical }

    /// By the worker's clock.
    public var at: Timestamp
    public var level: Level
    public var message: String
    /// Values that belong to the line, as an object.
    public var data: JSON?
    /// Which attempt the line is of; not stored with it.
    public var attempt: Int?

    /// Lines longer than this, in bytes, are cut.
    public static let maximumMessage = 8192
    public static let maximumData = 16384
    /// How many lines of one attempt are kept. One more says that there were others.
    public static let maximumLines = 1000
    /// How many lines one report may have.
    public static let maximumLinesOfReport = 200

    public init(at: Timestamp, level: Level = .info, message: String, data: JSON? = nil, attempt: Int? = nil) {
        self.at = at
        self.level = level
        self.message = message
        self.data = data
        self.attempt = attempt
    }

    /// What stands in place of the lines beyond the last one kept.
    package static func truncated(at time: Timestamp) -> LogLine {
        LogLine(at: time, level: .warning, message: "… more lines than \(maximumLines) were logged; the rest is left out")
    }

    package var json: JSON {
        var writer = JSONWriter(reserving: message.utf8.count + 64)
        writer.object { writer in
            writer.field("at", at.description)
            writer.field("attempt", attempt)
            writer.field("data", data)
            writer.field("level", level.rawValue)
            writer.field("message", message)
        }
        return writer.json
    }

    /// Reads what a worker sent: a line, or a text. What is too long is cut; an unknown level is `info`.
    ///
    /// - Parameter now: stands in where the line doesn't say when.
    package init(reported json: JSON, now: Timestamp) {
        var line = LogLine(at: now, message: "")
        if let fields = json.fields {
            for (name, value) in fields {
                switch name {
                case "at": line.at = Self.time(value.value) ?? now
                case "level": line.level = value.value.string.flatMap { Level(rawValue: $0.lowercased()) } ?? .info
                case "message": line.message = value.value.string ?? value.description
                case "data": line.data = value.isObject && value.bytes.count <= Self.maximumData ? value : nil
                default: break
                }
            }
        } else {
            line.message = json.value.string ?? json.description
        }
        line.message = Self.cut(line.message)
        self = line
    }

    package init(stored json: JSON) { self.init(reported: json, now: Timestamp(milliseconds: 0)) }

    private static func time(_ value: JSONValue) -> Timestamp? {
        if let text = value.string { return Timestamp(text) }
        return value.double.flatMap { Int64(exactly: $0.rounded()) }.map(Timestamp.init(milliseconds:))
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumMessage else { return text }
        return String(decoding: text.utf8.prefix(maximumMessage - 4), as: UTF8.self) + "…"
    }
}
