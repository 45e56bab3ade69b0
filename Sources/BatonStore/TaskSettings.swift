import BatonModel

/// The rare settings of a task as one text, absent for a task that has none, so that a million plain tasks stay small.
/// Written as a task of a graph document.
struct TaskSettings {
    let text: String?

    private static let plain = TaskSpec(id: "t", handler: "h")

    init(_ spec: TaskSpec) {
        var rare = Self.plain
        rare.start = spec.start
        rare.retry = spec.retry
        rare.timeouts = spec.timeouts
        rare.critical = spec.critical
        rare.mergesFlat = spec.mergesFlat
        if spec.hasRules {
            rare.rules = spec.rules
            // Documents name no handler where one of these stands.
            if spec.rules.graph != nil {
                rare.handler = .graph
            } else if spec.rules.answer != nil {
                rare.handler = .answer
            }
        }
        text = rare == Self.plain ? nil : rare.document.description
    }

    /// Sets what the text says.
    ///
    /// - Throws: `StoreError` `.unusable` where the text can't be read.
    static func apply(_ text: String?, to spec: inout TaskSpec) throws {
        guard let text else { return }
        let read: TaskSpec
        do {
            read = try GraphReader.read(checkedTask: Array(text.utf8))
        } catch {
            throw StoreError(.unusable, "the stored settings of the task '\(spec.id)' can't be read: \(error)")
        }
        spec.start = read.start
        spec.retry = read.retry
        spec.timeouts = read.timeouts
        spec.critical = read.critical
        spec.mergesFlat = read.mergesFlat
        if read.hasRules { spec.rules = read.rules }
    }
}

/// Reads equal settings once, and gives equal names one storage.
struct SettingsCache {
    private var specs: [String: (TaskSpec, TaskNode.Policies?)] = [:]
    private var handlers: [String: HandlerName] = [:]
    private var queues: [String: QueueName] = [:]

    /// - Returns: a task with these settings, and those that decisions know.
    mutating func spec(_ text: String?) throws -> (TaskSpec, TaskNode.Policies?) {
        if let known = specs[text ?? ""] { return known }
        var spec = TaskSpec(id: "", handler: "")
        try TaskSettings.apply(text, to: &spec)
        let entry = (spec, TaskNode.Policies(spec))
        specs[text ?? ""] = entry
        return entry
    }

    mutating func handler(_ name: String) -> HandlerName {
        if let known = handlers[name] { return known }
        handlers[name] = HandlerName(name)
        return HandlerName(name)
    }

    mutating func queue(_ name: String) -> QueueName {
        if let known = queues[name] { return known }
        queues[name] = QueueName(name)
        return QueueName(name)
    }
}
