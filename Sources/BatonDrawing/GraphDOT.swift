public import BatonModel

/// A run's graph in Graphviz's language. Every task has a node, however many there are.
public struct GraphDOT: Sendable {
    private let graph: RunGraph

    public init(_ graph: RunGraph) { self.graph = graph }

    public var text: String {
        var text = "digraph run {\n  rankdir=LR;\n  label=\(Self.quote("\(graph.name): \(graph.status.rawValue)"));\n"
        text += "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11];\n  edge [fontname=\"Helvetica\", fontsize=9];\n"
        var numbers: [TaskID: Int] = Dictionary(minimumCapacity: graph.nodes.count)
        for (number, node) in graph.nodes.enumerated() {
            numbers[node.id] = number
            let label = Self.quote(node.id.rawValue, Self.words(node))
            text += "  n\(number) [label=\(label), \(Self.style(node.status)), tooltip=\(Self.quote(node.handler.rawValue))];\n"
        }
        for edge in graph.edges {
            guard let from = numbers[edge.from], let to = numbers[edge.to] else { continue }
            var attributes = Self.style(edge)
            if let words = edge.words { attributes.append("label=\(Self.quote(words))") }
            text += "  n\(from) -> n\(to)\(attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]");\n"
        }
        return text + "}\n"
    }

    private static func words(_ node: RunGraph.Node) -> String {
        var words = "\(node.status.rawValue) · \(node.handler)"
        if node.attempts > 1 { words += " · attempt \(node.attempts)/\(node.maxAttempts)" }
        if let items = node.items { words += " · \(items.ended)/\(items.total) items" }
        return words
    }

    /// Lines of quoted text, in which a backslash and a quote are only themselves.
    static func quote(_ lines: String...) -> String {
        let escaped = lines.map { line in
            var text = ""
            for scalar in line.unicodeScalars {
                switch scalar {
                case "\"": text += "\\\""
                case "\\": text += "\\\\"
                case _ where scalar.properties.generalCategory == .control: text += " "
                // Graphviz reads entities in labels.
                case "&": text += "&amp;"
                default: text.unicodeScalars.append(scalar)
                }
            }
            return text
        }
        return "\"\(escaped.joined(separator: "\\n"))\""
    }

    private static func style(_ status: TaskStatus) -> String {
        let (fill, line) = status.plainColours
        return "fillcolor=\"\(fill)\", color=\"\(line)\""
    }

    private static func style(_ edge: RunGraph.Edge) -> [String] {
        switch edge.kind {
        case .dependency: edge.on == .finished ? ["style=dashed"] : edge.on == .failed ? ["style=dashed", "color=\"#cf222e\""] : []
        case .route: ["color=\"#8250df\""]
        case .back: ["color=\"#8250df\"", "style=dotted", "constraint=false"]
        case .continuation, .check: ["style=dotted"]
        case .compensation: ["style=dashed", "color=\"#9a6700\""]
        }
    }
}

extension TaskStatus {
    /// Fill and line, for formats that know only one appearance.
    var plainColours: (fill: String, line: String) {
        switch self {
        case .completed: ("#eaf7ee", "#1a7f37")
        case .failed: ("#fdecec", "#cf222e")
        case .running: ("#e5f1fd", "#0969da")
        case .queued: ("#f1effb", "#6e5fc9")
        case .retrying: ("#fff4d6", "#9a6700")
        case .scheduled: ("#e6f6f7", "#0f7b86")
        case .pending: ("#f6f8fa", "#818b98")
        case .cancelled: ("#f7eef7", "#8a3a8f")
        case .skipped: ("#ffffff", "#818b98")
        }
    }
}
