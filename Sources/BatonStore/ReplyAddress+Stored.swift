import BatonModel

/// As it stands in a run's row: written and read by hand, since each run that wants an answer has one.
extension ReplyAddress {
    var stored: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("replyTo", replyTo)
            writer.field("correlationID", correlationID)
            writer.name("isSingleTask")
            writer.write(JSONValue.bool(isSingleTask))
            writer.field("format", format?.rawValue)
        }
        return writer.json.description
    }

    /// - Throws: `StoreError` `.unusable` where the text is none of ours.
    init(stored text: String) throws {
        var replyTo: String?
        var correlationID: String?
        var isSingleTask = false
        var format: Format?
        do throws(JSONError) {
            var reader = JSONReader(Array(text.utf8))
            try reader.readObject { (name, reader) throws(JSONError) in
                switch name {
                case "replyTo": replyTo = try reader.readString()
                case "correlationID": correlationID = try reader.readString()
                case "isSingleTask": isSingleTask = try reader.readBool()
                case "format": format = Format(rawValue: try reader.readString())
                default: try reader.skipValue()
                }
            }
        } catch {
            throw StoreError(.unusable, "a stored reply address can't be read: \(error)")
        }
        guard let replyTo else { throw StoreError(.unusable, "a stored reply address names no queue") }
        self.init(replyTo: replyTo, correlationID: correlationID, isSingleTask: isSingleTask, format: format)
    }
}
