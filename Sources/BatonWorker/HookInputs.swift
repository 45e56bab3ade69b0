import BatonModel

/// The inputs of work that is a hook: `{"task", "inputs", "error"?}`, about the task that has ended.
struct HookInputs {
    var task: TaskID?
    var inputs: JSON?
    var error = TaskError(type: "unknown", message: "the error is not known")

    init(_ body: JSON?) {
        for (name, value) in body?.fields ?? [] {
            switch name {
            case "task": task = value.value.string.map(TaskID.init(rawValue:))
            case "inputs": inputs = value
            case "error" where value.isObject: error = TaskError(value)
            default: break
            }
        }
    }

    /// Of a cancelled task: what the caller gave.
    var reason: String? { error.message.isEmpty || error.type == "unknown" ? nil : error.message }
}
