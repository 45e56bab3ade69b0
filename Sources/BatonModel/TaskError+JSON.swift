extension TaskError {
    /// Reads an error's fields; missing ones get defaults.
    public init(_ json: JSON) {
        self.init(type: "error", message: "")
        for (name, value) in json.fields ?? [] {
            switch name {
            case "type": type = value.value.string ?? type
            case "message": message = value.value.string ?? value.description
            case "retryable": retryable = value.value.bool
            case "retryAfterMs": retryAfterMs = value.value.int.map(Int64.init)
            case "details": details = value
            default: break
            }
        }
    }

    public var json: JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("type", type)
            writer.field("message", message)
            if let retryable {
                writer.name("retryable")
                writer.write(JSONValue.bool(retryable))
            }
            writer.field("retryAfterMs", retryAfterMs.map { Int(clamping: $0) })
            writer.field("details", details)
        }
        return writer.json
    }
}
