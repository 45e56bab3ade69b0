public import BatonModel
import JMESPath

/// What a handler gets: the task's own inputs, and beside them what it may see of the results it depends on.
public struct MergedInputs {
    public struct Part: Sendable {
        public var dependency: Dependency
        public var status: TaskStatus
        public var finishedAt: Timestamp?
        public var result: JSON?
        public var error: TaskError?

        public init(
            _ dependency: Dependency, status: TaskStatus, finishedAt: Timestamp?, result: JSON?, error: TaskError?
        ) {
            self.dependency = dependency
            self.status = status
            self.finishedAt = finishedAt
            self.result = result
            self.error = error
        }
    }

    /// The parts that a task may see: of a decision that has chosen it only where the result has a name of its own.
    ///
    /// - Parameter isFlat: whether the results' fields are to stand beside the inputs' own.
    public static func visible(_ parts: [Part], isFlat: Bool) -> [Part] {
        guard parts.contains(where: { $0.dependency.condition == .routed }) else { return parts }
        let declared = Set(parts.lazy.filter { $0.dependency.condition != .routed }.map(\.dependency.task))
        return parts.filter { part in
            part.dependency.condition != .routed || !(isFlat || declared.contains(part.dependency.task))
        }
    }

    /// The parts that are passed on: all, or the last to end.
    public static func window(_ parts: [Part], _ rule: ContextRule?) -> [Part] {
        guard let window = rule?.window, parts.count > window else { return parts }
        let last = parts.indices.sorted { left, right in
            (parts[left].finishedAt ?? Timestamp(milliseconds: 0), left) < (parts[right].finishedAt ?? Timestamp(milliseconds: 0), right)
        }.suffix(window)
        return last.sorted().map { parts[$0] }
    }

    /// The parts by their names, each cut to what its dependent selects.
    ///
    /// - Throws: `TaskError` where a selection can't be made.
    public static func context(_ parts: [Part]) throws(TaskError) -> [(name: String, value: JSON)] {
        var context: [(String, JSON)] = []
        for part in parts { context.append((part.dependency.name, try selected(part))) }
        return context
    }

    /// - Parameter own: has no field that is in the context too; graphs are checked for it.
    /// - Parameter isFlat: the fields of the results stand beside the inputs' own, and none may come twice.
    /// - Throws: `TaskError`.
    public static func merge(
        _ own: JSON?, _ context: [(name: String, value: JSON)], isFlat: Bool
    ) throws(TaskError) -> JSON {
        var writer = JSONWriter(reserving: context.reduce(64) { $0 + $1.value.bytes.count + 16 })
        let fields = own?.fields ?? []
        guard isFlat else {
            writer.object { writer in
                for (name, value) in fields { writer.field(name, value) }
                for (name, value) in context { writer.field(name, value) }
            }
            return writer.json
        }
        var origins: [String: String] = [:]
        for (name, _) in fields { origins[name] = "the inputs" }
        try writer.object { (writer) throws(TaskError) in
            for (name, value) in fields { writer.field(name, value) }
            for (source, value) in context where !value.isNull {
                guard let fields = value.fields else {
                    throw invalid("'merge: flat' needs objects, but what \(source) gives is none")
                }
                for (name, value) in fields {
                    if let other = origins.updateValue(source, forKey: name) {
                        throw invalid("'merge: flat': '\(name)' comes from \(other) and from \(source)")
                    }
                    writer.field(name, value)
                }
            }
        }
        return writer.json
    }

    private static func selected(_ part: Part) throws(TaskError) -> JSON {
        guard let result = part.result else { return .null }
        guard let text = part.dependency.select else { return result }
        let value: Value
        do {
            value = try Expression.compiled(text).evaluate(Value(json: result.bytes))
        } catch {
            throw invalid("'\(text)' can't be selected from the result of \(part.dependency.task): \(error)")
        }
        if value == .null, part.dependency.requiresPart {
            throw invalid("the result of \(part.dependency.task) has no '\(text)', which is required")
        }
        return JSON(of: value)
    }

    private static func invalid(_ message: String) -> TaskError {
        TaskError(type: TaskError.Kind.invalidInputs, message: message, retryable: false)
    }
}
