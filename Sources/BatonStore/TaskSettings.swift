import BatonModel

/// The rare settings of a task as one text, absent for a task that has none, so that a million plain tasks stay small.
/// Written as a task of a graph document.
struct TaskSettings {
    let text: String?

    init(_ spec: TaskSpec) {
        var plain = TaskSpec(id: "t", handler: "h")
        plain.start = spec.start
        plain.retry = spec.retry
        plain.timeouts = spec.timeouts
        plain.critical = spec.critical
        plain.mergesFlat = spec.mergesFlat
        text = plain == TaskSpec(id: "t", handler: "h") ? nil : Graph(name: "g", tasks: [plain]).document.description
    }

    /// Sets what the text says.
    static func apply(_ text: String?, to spec: inout TaskSpec) throws {
        guard let text else { return }
        let graph = try GraphReader.read(json: Array(text.utf8))
        guard let read = graph.tasks.first else { return }
        spec.start = read.start
        spec.retry = read.retry
        spec.timeouts = read.timeouts
        spec.critical = read.critical
        spec.mergesFlat = read.mergesFlat
    }
}

extension TaskDefinition {
    /// `[[index, condition, name], …]`; absent without dependencies.
    var dependencyText: String? {
        if dependencies.isEmpty { return nil }
        var writer = JSONWriter(reserving: dependencies.count * 24)
        writer.array { writer in
            for (dependency, index) in zip(spec.dependencies, dependencies) {
                writer.array { writer in
                    writer.write(index)
                    writer.write(dependency.condition.rawValue)
                    writer.write(dependency.name)
                }
            }
        }
        return writer.json.description
    }

    static func readDependencies(_ text: String?) throws -> [(index: Int, condition: Dependency.Condition, name: String)] {
        guard let text else { return [] }
        var list: [(Int, Dependency.Condition, String)] = []
        var reader = JSONReader(Array(text.utf8))
        try reader.readArray { (reader) throws(JSONError) in
            var position = 0
            var entry = (0, Dependency.Condition.completed, "")
            try reader.readArray { (reader) throws(JSONError) in
                switch position {
                case 0: entry.0 = Int(try reader.readNumberText()) ?? 0
                case 1: entry.1 = Dependency.Condition(rawValue: try reader.readString()) ?? .completed
                default: entry.2 = try reader.readString()
                }
                position += 1
            }
            list.append(entry)
        }
        return list
    }
}
