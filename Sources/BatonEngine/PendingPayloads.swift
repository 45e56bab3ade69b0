import BatonModel

/// The payloads of a run together with those of tasks that the present decision adds, which are not stored yet.
struct PendingPayloads: RunPayloads {
    let stored: any RunPayloads
    private var specs: [Int: TaskSpec] = [:]
    private var items: [Int: [JSON]] = [:]

    init(_ stored: any RunPayloads) { self.stored = stored }

    mutating func add(_ spec: TaskSpec, items: [JSON]?, at task: Int) {
        specs[task] = spec
        self.items[task] = items
    }

    func input() throws -> JSON? { try stored.input() }

    func inputs(of task: Int) throws -> JSON? {
        if let spec = specs[task] { return spec.inputs }
        return try stored.inputs(of: task)
    }

    func dependencies(of task: Int) throws -> [Dependency] {
        try specs[task]?.dependencies ?? stored.dependencies(of: task)
    }

    func result(of task: Int) throws -> JSON? { specs[task] == nil ? try stored.result(of: task) : nil }
    func error(of task: Int) throws -> TaskError? { specs[task] == nil ? try stored.error(of: task) : nil }
    func part(_ part: TaskPart, of task: Int) throws -> JSON? { specs[task] == nil ? try stored.part(part, of: task) : nil }

    func item(_ number: Int, of loop: Int) throws -> JSON? {
        guard let items = items[loop] else { return try stored.item(number, of: loop) }
        return items.indices.contains(number) ? items[number] : nil
    }

    func itemCount(of loop: Int) throws -> Int { try items[loop]?.count ?? stored.itemCount(of: loop) }

    func collected(_ loop: Int, count: Int, adding results: [Int: JSON], limit: Int) throws -> JSON? {
        try stored.collected(loop, count: count, adding: results, limit: limit)
    }
}
