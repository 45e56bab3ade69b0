import BatonModel

extension RunState {
    /// The value by which a task shares its limit with others; empty where the limit has no key.
    ///
    /// - Throws: `TaskError` where the expression can't be applied; else what the payloads throw.
    public func limitKey(of task: Int, payloads: any RunPayloads) throws -> String {
        guard let text = nodes[task].rules.limit?.key else { return "" }
        let scope = Scope(state: self, task: task, payloads: payloads, results: [:], errors: [:])
        let value = try scope.evaluate(text)
        if case .string(let name) = value { return name }
        return JSON(of: value).description
    }
}
