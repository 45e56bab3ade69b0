import BatonModel

/// Names and values, one a line, the values below one another.
struct Fields {
    private var rows: [(name: String, value: String, colour: Style.Colour?)] = []

    mutating func add(_ name: String, _ value: String?, _ colour: Style.Colour? = nil) {
        if let value { rows.append((name, Terminal.clean(value), colour)) }
    }

    mutating func add(_ name: String, _ error: TaskError?) {
        add(name, error.map { "\($0.type): \($0.message)" }, .red)
    }

    mutating func add(_ name: String, _ tasks: [TaskID]?, _ colour: Style.Colour? = nil) {
        guard let tasks, !tasks.isEmpty else { return }
        add(name, tasks.map(\.rawValue).joined(separator: ", "), colour)
    }

    var text: String {
        let style = Terminal().style
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            style(row.name, .dim) + String(repeating: " ", count: width - row.name.count + 2) + style(row.value, row.colour)
        }.joined(separator: "\n")
    }
}
