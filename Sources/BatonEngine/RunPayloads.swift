public import BatonModel

/// The payloads of a run, which decisions read only where a rule asks for them.
public protocol RunPayloads {
    /// The graph's input.
    func input() throws -> JSON?
    /// A task's own inputs.
    func inputs(of task: Int) throws -> JSON?
    /// The dependencies of a task as its document names them, in the order of its node's edges.
    func dependencies(of task: Int) throws -> [Dependency]
    func result(of task: Int) throws -> JSON?
    func error(of task: Int) throws -> TaskError?
    func part(_ part: TaskPart, of task: Int) throws -> JSON?
    /// A loop's item by its place; `nil` where there is none.
    func item(_ number: Int, of loop: Int) throws -> JSON?
    func itemCount(of loop: Int) throws -> Int
    /// The results of a loop's items in their order, null for those without one, with those of the present decision in place.
    ///
    /// - Returns: `nil` where they are larger than the limit, in bytes.
    func collected(_ loop: Int, count: Int, adding results: [Int: JSON], limit: Int) throws -> JSON?
}

/// The payloads of a graph that is about to be stored.
public struct GraphPayloads: RunPayloads {
    private let prepared: PreparedGraph
    private let links: [Int: () throws -> JSON?]

    /// - Parameter links: the tasks that another run has completed, and how to read their results.
    public init(_ prepared: PreparedGraph, links: [Int: () throws -> JSON?] = [:]) {
        self.prepared = prepared
        self.links = links
    }

    public func input() -> JSON? { prepared.graph.input }
    public func inputs(of task: Int) -> JSON? { spec(task)?.inputs }
    public func dependencies(of task: Int) -> [Dependency] { spec(task)?.dependencies ?? [] }
    public func result(of task: Int) throws -> JSON? { try links[task]?() }
    public func error(of task: Int) -> TaskError? { nil }
    public func part(_ part: TaskPart, of task: Int) -> JSON? { nil }

    public func item(_ number: Int, of loop: Int) -> JSON? {
        guard let items = prepared.items[loop], items.indices.contains(number) else { return nil }
        return items[number]
    }

    public func itemCount(of loop: Int) -> Int { prepared.items[loop]?.count ?? 0 }
    public func collected(_ loop: Int, count: Int, adding results: [Int: JSON], limit: Int) -> JSON? { nil }

    private func spec(_ task: Int) -> TaskSpec? {
        prepared.graph.tasks.indices.contains(task) ? prepared.graph.tasks[task] : nil
    }
}
