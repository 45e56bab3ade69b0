import BatonDrawing
import BatonModel

/// A timeline, as lines with colours.
struct TimelineText {
    let style: Style

    func lines(_ timeline: RunTimeline, width: Int) -> [String] {
        let chart = TimelineChart(timeline, width: width)
        let status = style(timeline.status.rawValue, Style.colour(timeline.status))
        var lines = ["\(Terminal.clean(timeline.name)) \(status), from \(timeline.createdAt)"]
        guard !chart.lines.isEmpty else { return lines + [style("nothing has been started yet", .dim)] }
        lines.append("  " + String(repeating: " ", count: chart.names) + " " + style(chart.scale, .dim))
        for line in chart.lines {
            let name = line.name + String(repeating: " ", count: max(0, chart.names - line.name.count))
            let bar = line.parts.map { style($0.text, $0.status.map { Style.colour($0) } ?? .dim) }.joined()
            lines.append("\(style.sign(line.status)) \(name) \(bar) \(style(line.note, .dim))")
        }
        if chart.omitted > 0 { lines.append(style("… and \(chart.omitted) more tasks: use --json", .dim)) }
        return lines
    }
}
