import BatonModel

/// A dependency as it is stored: the other task by its index, and what the dependent says of it.
///
/// Written as `[index, condition]`, with what few have behind: `[index, condition, alias, select, requiresPart]`. Earlier
/// versions wrote `[index, condition, name]`, where the name is the other task's id if there is no alias.
struct StoredDependency {
    var index: Int
    var condition: Dependency.Condition
    var alias: String?
    var select: String?
    var requiresPart: Bool
    private var isEarlier = false

    private init() {
        index = 0
        condition = .completed
        requiresPart = false
    }

    /// - Parameter task: the id of the task with the index.
    func dependency(on task: TaskID) -> Dependency {
        Dependency(
            task, on: condition, as: isEarlier && alias == task.rawValue ? nil : alias, select: select, requiresPart: requiresPart)
    }

    static func read(_ text: String?) throws -> [StoredDependency] {
        guard let text else { return [] }
        var list: [StoredDependency] = []
        var reader = JSONReader(Array(text.utf8))
        try reader.readArray { (reader) throws(JSONError) in
            var position = 0
            var entry = StoredDependency()
            try reader.readArray { (reader) throws(JSONError) in
                switch position {
                case 0: entry.index = Int(try reader.readNumberText()) ?? 0
                case 1: entry.condition = Dependency.Condition(rawValue: try reader.readString()) ?? .completed
                case 2: entry.alias = try reader.readStringIfPresent()
                case 3: entry.select = try reader.readStringIfPresent()
                case 4: entry.requiresPart = try reader.readBool()
                default: try reader.skipValue()
                }
                position += 1
            }
            entry.isEarlier = position == 3
            list.append(entry)
        }
        return list
    }
}

extension TaskDefinition {
    /// As `StoredDependency` reads it; absent without dependencies.
    var dependencyText: String? {
        if dependencies.isEmpty { return nil }
        var writer = JSONWriter(reserving: dependencies.count * 24)
        writer.array { writer in
            for (dependency, index) in zip(spec.dependencies, dependencies) {
                writer.array { writer in
                    writer.write(index)
                    writer.write(dependency.condition.rawValue)
                    guard dependency.alias != nil || dependency.select != nil || dependency.requiresPart else { return }
                    writer.write(dependency.alias.map(JSONValue.string) ?? .null)
                    writer.write(dependency.select.map(JSONValue.string) ?? .null)
                    writer.write(JSONValue.bool(dependency.requiresPart))
                }
            }
        }
        return writer.json.description
    }
}

extension JSONReader {
    /// `nil` for anything else than a text.
    fileprivate mutating func readStringIfPresent() throws(JSONError) -> String? {
        if try peek() == .string { return try readString() }
        try skipValue()
        return nil
    }
}
