/// Rows in columns as wide as their widest cell.
struct Table {
    struct Cell {
        var text: String
        var colour: Style.Colour?
    }

    let titles: [String]
    private(set) var rows: [[Cell]] = []

    init(_ titles: [String]) { self.titles = titles }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// The last column isn't padded, so lines have no blanks at their end.
    func lines(_ style: Style) -> [String] {
        let cleaned = rows.map { row in row.map { Cell(text: Terminal.clean($0.text), colour: $0.colour) } }
        let all = [titles.map { Cell(text: $0, colour: .dim) }] + cleaned
        let widths = titles.indices.map { column in all.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0 }
        return all.map { row in
            row.enumerated().map { column, cell in
                let padding = column == row.count - 1 ? 0 : widths[column] - cell.text.count
                return style(cell.text, cell.colour) + String(repeating: " ", count: padding)
            }.joined(separator: "  ")
        }
    }
}

extension Table.Cell: ExpressibleByStringLiteral {
    init(_ text: String, _ colour: Style.Colour? = nil) { self.init(text: text, colour: colour) }
    init(stringLiteral text: String) { self.init(text: text) }
}
