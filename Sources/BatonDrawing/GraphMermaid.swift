public import BatonModel

/// A run's graph in Mermaid's language, as Markdown pages show it.
public struct GraphMermaid: Sendable {
    private let graph: RunGraph

    /// - Throws: `PictureError` where so many tasks have a place of their own that no picture would show them.
    public init(_ graph: RunGraph) throws(PictureError) {
        self.graph = graph.collapsed()
        guard self.graph.nodes.count <= GraphSVG.mostNodes else {
            throw PictureError(.mermaid, nodes: self.graph.nodes.count, of: graph.nodes.count)
        }
    }

    public var text: String {
        var text = "flowchart LR\n"
        var numbers: [TaskID: Int] = [:]
        for (number, node) in graph.nodes.enumerated() {
            numbers[node.id] = number
            let title = node.count.map { "\($0.grouped) × \(node.handler)" } ?? node.id.rawValue
            var words = node.counts.map(\.statuses) ?? "\(node.status.rawValue) · \(node.handler)"
            if node.attempts > 1, node.count == nil { words += " · attempt \(node.attempts)/\(node.maxAttempts)" }
            if let items = node.items { words += " · \(items.ended)/\(items.total) items" }
            let label = "\"\(Self.escape(title))<br/>\(Self.escape(words))\""
            let shape = node.count != nil || node.items != nil ? "[[\(label)]]" : node.role == nil ? "[\(label)]" : "([\(label)])"
            text += "  n\(number)\(shape):::\(node.status.rawValue)\n"
        }
        for edge in graph.edges {
            guard let from = numbers[edge.from], let to = numbers[edge.to] else { continue }
            let isSolid = edge.kind == .route || edge.kind == .dependency && edge.on != .finished && edge.on != .failed
            let words = edge.words.map { "|\"\(Self.escape($0))\"|" } ?? ""
            text += "  n\(from) \(isSolid ? "-->" : "-.->")\(words) n\(to)\n"
        }
        for status in TaskStatus.allCases where graph.nodes.contains(where: { $0.status == status }) {
            let (fill, line) = status.plainColours
            text += "  classDef \(status.rawValue) fill:\(fill),stroke:\(line),color:#1f2328\n"
        }
        return text
    }

    /// Everything but letters, digits and a few harmless signs as the number of its character.
    static func escape(_ content: String) -> String {
        var text = ""
        for scalar in content.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", "-", "_", "/", "~", "@": text.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: text += " "
            default: text += "#\(scalar.value);"
            }
        }
        return text
    }
}
