import BatonModel

/// A graph document with these tasks.
func graph(_ name: String, _ tasks: [JSONValue], _ more: [String: JSONValue] = [:]) -> JSONValue {
    .object(["name": .string(name), "tasks": .array(tasks)].merging(more) { $1 })
}

/// A task of a graph document.
func step(
    _ id: String, _ handler: String = "core.noop", inputs: JSONValue? = nil, after dependencies: [JSONValue] = [],
    _ more: [String: JSONValue] = [:]
) -> JSONValue {
    var fields: [String: JSONValue] = ["id": .string(id), "handler": .string(handler)]
    if let inputs { fields["inputs"] = inputs }
    if !dependencies.isEmpty { fields["dependencies"] = .array(dependencies) }
    return .object(fields.merging(more) { $1 })
}

func sleeping(_ id: String, _ seconds: Double, after dependencies: [JSONValue] = [], _ more: [String: JSONValue] = [:]) -> JSONValue {
    step(id, "core.sleep", inputs: ["seconds": .number(seconds)], after: dependencies, more)
}

/// Layers in which each task waits for all of the one before, the first of each for a while, so that a run has a middle.
func layers(_ name: String, count: Int, width: Int, seconds: Double, more: [JSONValue] = []) -> JSONValue {
    var tasks = more
    for layer in 0..<count {
        let above: [JSONValue] = layer == 0 ? [] : (0..<width).map { .string("l\(layer - 1)-\($0)") }
        tasks.append(sleeping("l\(layer)-0", seconds, after: above))
        for place in 1..<width {
            tasks.append(step("l\(layer)-\(place)", after: above))
        }
    }
    return graph(name, tasks)
}
