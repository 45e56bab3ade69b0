public import BatonModel

/// Draws a run's graph as SVG: without scripts, without anything from elsewhere, readable in light and dark, and without colours.
public struct GraphSVG: Sendable {
    /// More nodes than this are no picture any more.
    public static let mostNodes = 2000

    private let graph: RunGraph
    private let total: Int
    private let layout: GraphLayout

    private static let margin = 24.0
    private static let header = 64.0

    /// - Throws: `PictureError` where so many tasks have a place of their own that no picture would show them.
    public init(_ graph: RunGraph) throws(PictureError) {
        total = graph.nodes.count
        self.graph = graph.collapsed()
        guard self.graph.nodes.count <= Self.mostNodes else { throw PictureError(.svg, nodes: self.graph.nodes.count, of: total) }
        layout = GraphLayout(self.graph, widths: self.graph.nodes.map(Self.width))
    }

    public var text: String {
        var xml = XMLText()
        let counts = graph.counts
        let legend = Legend(graph)
        let width = max(420, layout.width, legend.width) + 2 * Self.margin
        let height = Self.header + layout.depth + 40 + legend.height + Self.margin
        let summary = "\(total.grouped) \(total == 1 ? "task" : "tasks")\(counts.isEmpty ? "" : ": \(counts.statuses)")"
        xml.picture(
            width: width, height: height, title: "Run \(graph.name) is \(graph.status.rawValue)",
            description: "The graph of run \(graph.run). \(summary). Tasks stand to the right of what they depend on."
        ) { xml in
            xml.words("\(graph.name.shortened(to: 48)) · \(graph.status.rawValue)", "head", x: Self.margin, y: 30)
            xml.words("run \(graph.run.rawValue.shortened(to: 40)) · \(summary)", "note", x: Self.margin, y: 48)
            xml.element("defs") { xml in
                xml.element(
                    "marker",
                    [
                        ("id", "baton-tip"), ("viewBox", "0 0 8 8"), ("refX", "7"), ("refY", "4"), ("markerWidth", "7"),
                        ("markerHeight", "7"), ("orient", "auto-start-reverse"),
                    ]
                ) { $0.element("path", [("class", "tip"), ("d", "M0 0.6L8 4L0 7.4Z")]) }
            }
            xml.element("g", [("transform", "translate(\(XMLText.number(Self.margin)) \(XMLText.number(Self.header)))")]) { xml in
                for (edge, path) in zip(graph.edges, layout.paths) where !path.isEmpty { draw(edge, path, &xml) }
                for (edge, path) in zip(graph.edges, layout.paths) where !path.isEmpty { label(edge, path, &xml) }
                for (node, box) in zip(graph.nodes, layout.boxes) { draw(node, box, &xml) }
            }
            legend.draw(x: Self.margin, y: height - legend.height - Self.margin / 2, &xml)
        }
        return xml.text
    }

    // MARK: - Tasks

    private static func title(_ node: RunGraph.Node) -> String {
        node.count.map { "\($0.grouped) × \(node.handler)" } ?? node.id.rawValue
    }

    private static func subtitle(_ node: RunGraph.Node) -> String {
        if let counts = node.counts { return counts.statuses }
        var parts = [node.status.rawValue]
        if node.attempts > 1 { parts.append("attempt \(node.attempts)/\(node.maxAttempts)") }
        if let items = node.items { parts.append("\(items.ended.grouped)/\(items.total.grouped) items") }
        if node.undone == true { parts.append("undone") }
        if node.undone == false { parts.append("not undone") }
        if let iteration = node.iteration { parts.append("round \(iteration + 1)") }
        if node.id.rawValue != node.handler.rawValue { parts.append(node.handler.rawValue) }
        return parts.joined(separator: " · ")
    }

    private static func width(_ node: RunGraph.Node) -> Double {
        let letters = max(Double(min(title(node).count, 30)) * 7.8, Double(min(subtitle(node).count, 38)) * 6.1)
        return min(280, max(128, letters + 46))
    }

    private func draw(_ node: RunGraph.Node, _ box: GraphLayout.Box, _ xml: inout XMLText) {
        xml.element("g") { xml in
            xml.element("title", text: details(node))
            let isMany = node.count != nil || node.items != nil
            if isMany {
                for offset in [6.0, 3.0] { rectangle(node, box, offset: offset, &xml) }
            }
            rectangle(node, box, offset: 0, &xml)
            if node.child != nil || node.handler == .graph {
                xml.element(
                    "rect",
                    [
                        ("class", "\(node.status.rawValue) box"), ("style", "fill:none"), ("x", XMLText.number(box.x + 3)),
                        ("y", XMLText.number(box.y + 3)), ("width", XMLText.number(box.width - 6)), ("height", XMLText.number(box.height - 6)),
                        ("rx", "5"),
                    ])
            }
            xml.glyph(node.status, x: box.x + 12, y: box.y + 12)
            let letters = Int((box.width - 44) / 7.6)
            xml.words(Self.title(node).shortened(to: letters), "id", x: box.x + 34, y: box.y + 23)
            xml.words(Self.subtitle(node).shortened(to: Int((box.width - 24) / 5.9)), "sub", x: box.x + 13, y: box.y + 41)
        }
    }

    private func rectangle(_ node: RunGraph.Node, _ box: GraphLayout.Box, offset: Double, _ xml: inout XMLText) {
        xml.element(
            "rect",
            [
                ("class", "\(node.status.rawValue) box"), ("x", XMLText.number(box.x + offset)), ("y", XMLText.number(box.y - offset)),
                ("width", XMLText.number(box.width)), ("height", XMLText.number(box.height)), ("rx", node.role == nil ? "8" : "18"),
            ])
    }

    private func details(_ node: RunGraph.Node) -> String {
        var parts = ["\(Self.title(node)): \(node.counts.map(\.statuses) ?? node.status.rawValue)", "handler \(node.handler)"]
        if node.count == nil { parts.append("attempt \(node.attempts) of \(node.maxAttempts)") }
        parts.append("queue \(node.queue), priority \(node.priority)")
        if let parent = node.parent { parts.append("under \(parent)") }
        if let role = node.role { parts.append("\(role.rawValue)\(node.causedBy.map { " for \($0)" } ?? "")") }
        if let items = node.items { parts.append("\(items.ended) of \(items.total) items ended, \(items.failed) failed") }
        if let child = node.child { parts.append("run \(child)") }
        if let compensation = node.compensation { parts.append("undone by \(compensation)") }
        if let error = node.error { parts.append(error) }
        return parts.joined(separator: "; ")
    }

    // MARK: - Connections

    private func draw(_ edge: RunGraph.Edge, _ path: [GraphLayout.Point], _ xml: inout XMLText) {
        let point = { (point: GraphLayout.Point) in "\(XMLText.number(point.x)) \(XMLText.number(point.y))" }
        var d = "M\(point(path[0]))"
        if path.count == 4, path[1].y == path[2].y, path[0].x == path[1].x {
            d += "C\(point(path[1])) \(point(path[2])) \(point(path[3]))"
        } else {
            for (from, to) in zip(path, path.dropFirst()) {
                if from.y == to.y {
                    d += "L\(point(to))"
                } else {
                    let middle = (from.x + to.x) / 2
                    d += "C\(XMLText.number(middle)) \(XMLText.number(from.y)) \(XMLText.number(middle)) \(XMLText.number(to.y)) \(point(to))"
                }
            }
        }
        let faint = edge.taken == false ? " faint" : ""
        xml.element("path", [("class", "edge \(edge.style)\(faint)"), ("d", d), ("marker-end", "url(#baton-tip)")])
    }

    private func label(_ edge: RunGraph.Edge, _ path: [GraphLayout.Point], _ xml: inout XMLText) {
        guard let text = edge.words, path.count > 1 else { return }
        let isBack = path.count == 4 && path[1].y == path[2].y && path[0].x == path[1].x
        let (from, to) = isBack ? (path[1], path[2]) : (path[path.count - 2], path[path.count - 1])
        let lift = isBack ? -10.0 : -3.0
        xml.words(text.shortened(to: 18), "label", x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + lift, anchor: "middle")
    }
}

extension RunGraph {
    /// How many tasks stand where.
    var counts: [String: Int] {
        nodes.reduce(into: [:]) { counts, node in
            if let own = node.counts {
                counts.merge(own) { $0 + $1 }
            } else {
                counts[node.status.rawValue, default: 0] += 1
            }
        }
    }
}

extension RunGraph.Edge {
    /// The class by which it is drawn.
    var style: String {
        switch kind {
        case .dependency: on == .finished ? "finished" : on == .failed ? "onfail" : "dependency"
        case .route, .back, .continuation, .compensation, .check: kind.rawValue
        }
    }

    /// What stands beside it.
    var words: String? {
        switch kind {
        case .route, .back: label
        case .dependency: on == .failed ? "on failure" : nil
        case .compensation: "undo"
        case .continuation, .check: nil
        }
    }
}
