import BatonDrawing
import BatonModel

/// Graphs for tests.
enum Pictures {
    static let time = Timestamp(milliseconds: 1_796_126_400_000)

    static func node(_ id: TaskID, _ status: TaskStatus = .completed, handler: HandlerName = "work") -> RunGraph.Node {
        RunGraph.Node(id: id, handler: handler, status: status, attempts: 1)
    }

    static func edge(_ from: TaskID, _ to: TaskID, _ kind: RunGraph.Edge.Kind = .dependency, label: String? = nil) -> RunGraph.Edge {
        RunGraph.Edge(from: from, to: to, kind: kind, on: kind == .dependency ? .completed : nil, label: label)
    }

    static func graph(_ nodes: [RunGraph.Node], _ edges: [RunGraph.Edge], name: String = "order") -> RunGraph {
        RunGraph(run: "run-1", name: name, status: .running, nodes: nodes, edges: edges)
    }

    static var order: RunGraph {
        graph(
            [node("validate"), node("reserve"), node("charge", .retrying), node("ship", .pending), node("confirm", .pending)],
            [edge("validate", "reserve"), edge("validate", "charge"), edge("reserve", "ship"), edge("charge", "ship"), edge("validate", "confirm"), edge("ship", "confirm")])
    }

    /// One before, many at a time, one behind.
    static func fan(_ count: Int, failed: Int = 0) -> RunGraph {
        let many = (0..<count).map { node(TaskID("t\($0)"), $0 < failed ? .failed : .completed, handler: "core.noop") }
        return graph(
            [node("start", handler: "split")] + many + [node("end", .pending, handler: "join")],
            many.flatMap { [edge("start", $0.id), edge($0.id, "end")] })
    }

    /// Names that try to be something else than names.
    static let hostile = [
        "<script>alert(1)</script>", "\"]; end; n0 --> n1", "a\" onload=\"x", "</title></svg>", "a\\", "a\\\" ]; evil [label=\"x",
        "x\n  n9 -> n0\n", "#quot;]:::x", "%%{init: {}}%%", "]]>", "&lt;b&gt;", "\u{0}\u{1B}[2J\u{202E}", "`end`", "|x|", "<!--", "'><a href='javascript:x'>",
    ]

    static func hostileGraph() -> RunGraph {
        var nodes = hostile.map { name in
            var node = node(TaskID(name), .failed, handler: HandlerName(name))
            node.error = name
            node.parent = TaskID(name)
            node.compensation = HandlerName(name)
            node.child = RunID(name)
            return node
        }
        nodes[0].queue = QueueName(hostile[0])
        var edges: [RunGraph.Edge] = []
        for (from, to) in zip(hostile, hostile.dropFirst()) { edges.append(edge(TaskID(from), TaskID(to), .route, label: from)) }
        return graph(nodes, edges, name: hostile.joined())
    }
}
