public import BatonModel

/// A timeline in characters: a line for each task, `·` where it waited and `█` where it ran.
public struct TimelineChart: Sendable {
    public struct Part: Sendable, Hashable {
        public var text: String
        /// `nil` where it is only space, or waiting.
        public var status: TaskStatus?
    }

    public struct Line: Sendable {
        public var name: String
        public var parts: [Part]
        public var note: String
        public var status: TaskStatus
    }

    public let lines: [Line]
    /// Tasks that there was no room for.
    public let omitted: Int
    public let scale: String
    /// How wide names are.
    public let names: Int

    /// - Parameter width: of a line in characters.
    public init(_ timeline: RunTimeline, width: Int, limit: Int = 400) {
        let rows = TimelineRows(timeline, limit: limit)
        let names = min(30, max(4, rows.rows.map(\.task.rawValue.count).max() ?? 4))
        let columns = max(10, min(200, width - names - 26))
        self.names = names
        omitted = rows.omitted
        let whole = (rows.end - rows.start).short
        scale = "0" + String(repeating: "─", count: max(1, columns - 1 - whole.count)) + whole
        lines = rows.rows.map { row in
            var cells = [Cell](repeating: .none, count: columns)
            for bar in row.bars {
                let (waiting, running) = rows.ends(of: bar)
                let column = { (time: Timestamp) in min(columns - 1, Int(rows.fraction(time) * Double(columns))) }
                for place in column(bar.queuedAt)...max(column(bar.queuedAt), column(waiting)) { cells[place] = .waiting }
                if let start = bar.startedAt {
                    for place in column(start)...max(column(start), column(running)) { cells[place] = .ran(bar.shown) }
                }
            }
            let last = row.bars[row.bars.count - 1]
            var note = last.startedAt.map { (rows.ends(of: last).running - $0).short } ?? "waits"
            if row.bars.count > 1 { note += ", attempt \(last.attempt)" }
            return Line(name: row.task.rawValue.shortened(to: names), parts: Self.parts(cells), note: note, status: last.shown)
        }
    }

    private enum Cell: Equatable {
        case none
        case waiting
        case ran(TaskStatus)
    }

    private static func parts(_ cells: [Cell]) -> [Part] {
        var parts: [Part] = []
        var position = 0
        while position < cells.count {
            var count = 1
            while position + count < cells.count, cells[position + count] == cells[position] { count += 1 }
            switch cells[position] {
            case .none: parts.append(Part(text: String(repeating: " ", count: count)))
            case .waiting: parts.append(Part(text: String(repeating: "·", count: count)))
            case .ran(let status):
                // Not by colour alone.
                let sign = status == .failed ? "▒" : status == .cancelled ? "░" : "█"
                parts.append(Part(text: String(repeating: sign, count: count), status: status))
            }
            position += count
        }
        return parts
    }
}
