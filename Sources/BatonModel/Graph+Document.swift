extension Graph {
    /// The document that reads back as this graph: fields in a fixed order, defaults left out. Two equal graphs give the same
    /// text.
    public var document: JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("name", name)
            writer.field("key", key)
            writer.field("correlationId", correlationID)
            writer.field("owner", owner)
            writer.field("input", input)
            writer.field("inputSchema", inputSchema)
            writer.field("timeout", timeout?.text)
            if mode != .graph { writer.field("mode", mode.rawValue) }
            if onFailure != Self.defaultOnFailure(tasks) { writer.field("onFailure", onFailure.rawValue) }
            writer.name("tasks")
            writer.array { writer in
                for task in tasks { task.write(to: &writer) }
            }
        }
        return writer.json
    }
}

extension TaskSpec {
    /// As in a graph document.
    package var document: JSON {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.json
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("id", id.rawValue)
            if handler != .graph, handler != .answer { writer.field("handler", handler.rawValue) }
            writer.field("inputs", inputs)
            writer.field("params", params)
            writer.field("parent", parent?.rawValue)
            if !dependencies.isEmpty {
                writer.name("dependencies")
                writer.array { writer in
                    for dependency in dependencies { dependency.write(to: &writer) }
                }
            }
            if mergesFlat { writer.field("merge", "flat") }
            if queue != .default { writer.field("queue", queue.rawValue) }
            if priority != .normal { writer.field("priority", priority.rawValue) }
            switch start {
            case .atOnce: break
            case .after(let delay): writer.field("delay", delay.text)
            case .at(let time): writer.field("at", time.description)
            }
            if let retry { writer.field("retry", retry.document) }
            if timeouts != .none { writer.field("timeouts", timeouts.document) }
            if !critical { writer.field("critical", false) }
            if hasRules { rules.write(to: &writer) }
        }
    }
}

extension Dependency {
    fileprivate func write(to writer: inout JSONWriter) {
        if condition == .completed, alias == nil, select == nil { return writer.write(task.rawValue) }
        writer.object { writer in
            writer.field("task", task.rawValue)
            writer.field("on", condition.rawValue)
            writer.field("as", alias)
            guard let select else { return }
            guard requiresPart else { return writer.field("select", select) }
            writer.name("select")
            writer.object {
                $0.field("expression", select)
                $0.field("required", true)
            }
        }
    }
}

extension RetryPolicy {
    /// As in a graph document.
    package var document: JSON {
        var fields: [String: JSONValue] = [
            "maxAttempts": .integer(Int64(maxAttempts)), "delay": .string(delay.text), "factor": .number(factor),
            "maxDelay": .string(maxDelay.text), "jitter": .number(jitter),
        ]
        switch backoff {
        case .fixed: fields["backoff"] = "fixed"
        case .linear: fields["backoff"] = "linear"
        case .exponential: fields["backoff"] = "exponential"
        case .explicit(let delays):
            fields["backoff"] = "explicit"
            fields["delays"] = .array(delays.map { .string($0.text) })
        }
        if !only.isEmpty { fields["only"] = .array(only.map(JSONValue.string)) }
        if !never.isEmpty { fields["never"] = .array(never.map(JSONValue.string)) }
        return JSON(.object(fields))
    }
}

extension Timeouts {
    /// As in a graph document.
    package var document: JSON {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("attempt", attempt?.text)
            writer.field("total", total?.text)
            writer.field("queued", queued?.text)
            writer.field("heartbeat", heartbeat?.text)
        }
        return writer.json
    }
}
