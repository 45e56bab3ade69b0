public import BatonModel

/// A dependency that ended without a result, and that the task can do without.
public struct MissingDependency: Sendable, Hashable {
    public var status: TaskStatus
    public var error: TaskError?

    public init(status: TaskStatus, error: TaskError? = nil) {
        self.status = status
        self.error = error
    }
}

extension MissingDependency {
    /// - Parameter body: of a task message, by name: `{"status", "error"?}`. A status this version doesn't know is left out.
    static func read(_ body: JSON?) -> [String: MissingDependency] {
        var missing: [String: MissingDependency] = [:]
        for (name, value) in body?.fields ?? [] {
            let fields = Dictionary((value.fields ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            guard let status = fields["status"]?.value.string.flatMap(TaskStatus.init(rawValue:)) else { continue }
            missing[name] = MissingDependency(status: status, error: fields["error"].flatMap { $0.isObject ? TaskError($0) : nil })
        }
        return missing
    }
}
