import BatonModel

/// What signs and lines in a picture mean: only those that are in it.
struct Legend {
    private let statuses: [TaskStatus]
    private let lines: [(style: String, text: String)]
    private static let column = 96.0
    private static let lineColumn = 176.0

    init(_ graph: RunGraph) {
        let counts = graph.counts
        statuses = TaskStatus.allCases.filter { counts[$0.rawValue] != nil }
        let present = Set(graph.edges.map(\.style))
        lines = [
            ("dependency", "needs it completed"), ("finished", "waits for any end"), ("onfail", "runs if it fails"), ("route", "a decision's route"),
            ("back", "leads back"), ("continuation", "was added by it"), ("compensation", "undoes it"), ("check", "looks at its result"),
        ].filter { present.contains($0.0) }
    }

    var width: Double { max(Double(statuses.count) * Self.column, Double(min(lines.count, 4)) * Self.lineColumn) }
    var height: Double { 22 + (lines.isEmpty ? 0 : lines.count > 4 ? 44 : 22) }

    func draw(x: Double, y: Double, _ xml: inout XMLText) {
        for (index, status) in statuses.enumerated() {
            let left = x + Double(index) * Self.column
            xml.glyph(status, x: left, y: y)
            xml.words(status.rawValue, "note", x: left + 20, y: y + 11)
        }
        for (index, line) in lines.enumerated() {
            let left = x + Double(index % 4) * Self.lineColumn
            let top = y + 22 + Double(index / 4) * 22
            let d = "M\(XMLText.number(left)) \(XMLText.number(top + 7))H\(XMLText.number(left + 34))"
            xml.element("path", [("class", "edge \(line.style)"), ("d", d), ("marker-end", "url(#baton-tip)")])
            xml.words(line.text, "note", x: left + 42, y: top + 11)
        }
    }
}
