/// A run's tasks and what connects them, as pictures are made of it.
///
/// The executions of a loop are not nodes of their own: the loop shows how far it is.
public struct RunGraph: Sendable, Codable, Hashable {
    public struct Node: Sendable, Codable, Hashable, Identifiable {
        public var id: TaskID
        public var handler: HandlerName
        public var status: TaskStatus
        /// How many attempts there have been, the present one included.
        public var attempts: Int
        public var maxAttempts: Int
        public var priority: Priority
        public var queue: QueueName
        public var critical: Bool
        public var parent: TaskID?
        /// Of a task that the run added: what for, and for which task.
        public var role: TaskNode.Role?
        public var causedBy: TaskID?
        /// Of a loop: how far it has come.
        public var items: LoopView?
        /// Of a task that is a graph: the run that is its present attempt.
        public var child: RunID?
        /// The handler that undoes it, should the run fail.
        public var compensation: HandlerName?
        /// Whether its work has been undone; absent where nobody tried.
        public var undone: Bool?
        /// How often a route or a rerun led back to it.
        public var iteration: Int?
        /// What a failed, cancelled, skipped or retrying task says of the reason.
        public var error: String?
        /// Of tasks that are shown as one: how many there are, and how many of them stand where.
        public var count: Int?
        public var counts: [String: Int]?

        public init(
            id: TaskID, handler: HandlerName, status: TaskStatus, attempts: Int = 0, maxAttempts: Int = 1, priority: Priority = .normal,
            queue: QueueName = .default, critical: Bool = true, parent: TaskID? = nil, role: TaskNode.Role? = nil, causedBy: TaskID? = nil
        ) {
            self.id = id
            self.handler = handler
            self.status = status
            self.attempts = attempts
            self.maxAttempts = maxAttempts
            self.priority = priority
            self.queue = queue
            self.critical = critical
            self.parent = parent
            self.role = role
            self.causedBy = causedBy
        }
    }

    public struct Edge: Sendable, Codable, Hashable {
        public enum Kind: String, Sendable, Codable, CaseIterable {
            /// `to` waits for `from`.
            case dependency
            /// A decision may choose `to`.
            case route
            /// A decision may lead back to `to`.
            case back
            /// `to` was added with the end of `from`: a continuation, a hook, or what its handler sent.
            case continuation
            /// `to` undoes `from`.
            case compensation
            /// `to` looks at the result of `from`, or makes its context smaller.
            case check
        }

        public var from: TaskID
        public var to: TaskID
        public var kind: Kind
        /// Of a dependency: the outcome that lets `to` run. Absent for the others.
        public var on: Dependency.Condition?
        /// Of a dependency: whether any other outcome skips `to`.
        public var required: Bool?
        /// Of a route its name; of a dependency the name under which `to` sees the result, where it isn't the task's id.
        public var label: String?
        /// Of a route: whether the decision took it; absent before it has decided.
        public var taken: Bool?

        public init(
            from: TaskID, to: TaskID, kind: Kind, on: Dependency.Condition? = nil, required: Bool? = nil, label: String? = nil,
            taken: Bool? = nil
        ) {
            self.from = from
            self.to = to
            self.kind = kind
            self.on = on
            self.required = required
            self.label = label
            self.taken = taken
        }
    }

    public var run: RunID
    public var name: String
    public var status: RunStatus
    /// In the order of the document, then those that were added.
    public var nodes: [Node]
    public var edges: [Edge]

    public init(run: RunID, name: String, status: RunStatus, nodes: [Node], edges: [Edge]) {
        self.run = run
        self.name = name
        self.status = status
        self.nodes = nodes
        self.edges = edges
    }
}

/// In which form a picture of a run is wanted.
public enum PictureFormat: String, Sendable, Codable, CaseIterable {
    case json
    case svg
    /// Graphviz.
    case dot
    case mermaid

    public var contentType: String {
        switch self {
        case .json: "application/json"
        case .svg: "image/svg+xml"
        case .dot: "text/vnd.graphviz"
        case .mermaid: "text/vnd.mermaid"
        }
    }
}
